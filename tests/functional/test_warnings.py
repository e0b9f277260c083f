"""What is lawful but seldom meant: an operator hears of it on stderr, and the report goes out."""

from pathlib import Path

import pytest

from tests.office import office


@pytest.mark.parametrize(
    ("options", "heard"),
    [
        (("--org", "Tokyo Reform 東京リフォーム", "--timezone", "Asia/Tokyo"), "characters=東京リフォーム"),
        (("--org", "Acme Roofing"), "timezone.unset"),
        (("--org", "Acme Roofing", "--timezone", "America/New_York"), ""),
    ],
)
def test_an_operator_is_warned(options: tuple[str, ...], heard: str, tmp_path: Path) -> None:
    """Characters that no bundled font draws, and a time zone that nobody set; nothing where nothing is the matter."""
    with office(tmp_path) as place:
        ended = place.run("--no-email", *options)
    assert ended.code == 0
    assert heard in ended.err
    assert bool(heard) == bool(ended.err)
