"""Valid settings that are rarely intended: the operator gets a warning on stderr, and the report is sent."""

from pathlib import Path

import pytest

from tests.office import office

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("configuration", "heard"),
    [
        ('timezone = "Asia/Bangkok"\nbrand = { name = "Acme ไทย" }', "characters=ไทย"),
        ("", "timezone.unset"),
        ('timezone = "Asia/Tokyo"\nbrand = { name = "東京リフォーム 🔥" }', ""),
    ],
)
def test_an_operator_is_warned(configuration: str, heard: str, tmp_path: Path) -> None:
    """Characters that no font has, and a time zone that nobody set, cause a warning; a correct setup causes none."""
    with office(tmp_path) as place:
        place.configure(configuration)
        ended = place.run("--no-email", "--org", "Acme Roofing")
    assert ended.code == 0
    assert heard in ended.err
    assert bool(heard) == bool(ended.err)
