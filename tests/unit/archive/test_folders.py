"""Each organization keeps one folder of its own, whatever its name and however many processes claim it at once."""

import hashlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporter.archive.folders import OWNER, slug_of
from reporter.archive.store import Archive
from reporter.domain.errors import ArchiveError
from reporter.domain.snapshot import Organization
from tests.unit.archive.samples import ACME, WEEK, finish, start

NAMES = st.text(st.characters(codec=None), max_size=90) | st.sampled_from(["Acme", "ACME", "CON", "", ".state", "../x"])


def slug(archive: Archive, organization: Organization) -> str:
    """The name of the organization's folder."""
    return archive.folder(organization, WEEK).relative_to(archive.root).parts[0]


def part_of(organization: Organization) -> str:
    """The six digits that distinguish organizations of the same name."""
    return hashlib.sha256(organization.id.encode()).hexdigest()[:6]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Acme Roofing", "acme-roofing"),
        ("Straße & Söhne", "strasse-sohne"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "organization"),
        ("\u202e…", "organization"),
        ("CON", "organization-con"),
        ("lpt1", "organization-lpt1"),
        (".state", "state"),
        ("index.html", "index-html"),
        ("manifest.json", "manifest-json"),
        ("a" * 200, "a" * 60),
    ],
)
def test_a_folder_is_named_after_the_organization(name: str, expected: str) -> None:
    """A name is converted to ASCII letters, digits, and hyphens, and is never empty, reserved, or too long."""
    assert slug_of(name) == expected


def test_the_later_of_one_name_gets_a_part_of_its_id(tmp_path: Path) -> None:
    """Two organizations with one name never share a folder, and both keep theirs."""
    later = Organization("gAAAAAB/2", "Acme Roofing")
    archive = Archive(tmp_path)
    assert slug(archive, ACME) == "acme-roofing"
    assert slug(archive, later) == f"acme-roofing-{part_of(later)}"
    assert [slug(Archive(tmp_path), each) for each in (later, ACME)] == [
        f"acme-roofing-{part_of(later)}",
        "acme-roofing",
    ]


def test_a_renamed_organization_keeps_its_folder(tmp_path: Path) -> None:
    """The folder is found by the organization's id; its `organization.json` is updated with the name."""
    slug(Archive(tmp_path), ACME)
    renamed = Organization(ACME.id, "Ajax Roofing")
    assert slug(Archive(tmp_path), renamed) == "acme-roofing"
    assert json.loads((tmp_path / "acme-roofing" / OWNER).read_bytes()) == {"id": ACME.id, "name": "Ajax Roofing"}


def test_what_others_put_there_is_never_taken(tmp_path: Path) -> None:
    """A folder with files, a file, or a link of the same name is left untouched."""
    (tmp_path / "acme-roofing").mkdir()
    (tmp_path / "acme-roofing/notes.txt").write_text("mine")
    (tmp_path / "ajax").symlink_to(tmp_path / "acme-roofing")
    (tmp_path / "atlas").write_text("mine")
    archive = Archive(tmp_path)
    for organization in (Organization("1", "Acme Roofing"), Organization("2", "Ajax"), Organization("3", "Atlas")):
        assert slug(archive, organization) == f"{slug_of(organization.name)}-{part_of(organization)}"
    assert (tmp_path / "acme-roofing/notes.txt").read_text() == "mine"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"id": "1"}', b"\xff"])
def test_a_folder_whose_owner_is_unreadable_troubles_that_name_only(tmp_path: Path, content: bytes) -> None:
    """The unreadable file is reported for its organization; other organizations are not affected."""
    slug(Archive(tmp_path), ACME)
    (tmp_path / "acme-roofing" / OWNER).write_bytes(content)
    archive = Archive(tmp_path)
    with pytest.raises(ArchiveError, match=r"acme-roofing/organization\.json does not say whose folder"):
        slug(archive, ACME)
    assert slug(archive, Organization("2", "Ajax")) == "ajax"


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    """An organization's folder that is a symbolic link out of the archive is reported, not followed."""
    root = tmp_path / "root"
    slug(Archive(root), ACME)
    (root / "acme-roofing").rename(tmp_path / "elsewhere")
    (root / "acme-roofing").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArchiveError, match="acme-roofing is a symbolic link"):
        slug(Archive(root), ACME)


@example([("1", "Acme"), ("2", "acme!"), ("3", "acme-d4735e")])
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=80), NAMES), min_size=2, max_size=8, unique_by=lambda pair: pair[0])
)
def test_no_two_organizations_share_a_folder(pairs: list[tuple[str, str]]) -> None:
    """Organizations with any ids and names get separate folders directly below the root, and find them again."""
    organizations = [Organization(*pair) for pair in pairs]
    with tempfile.TemporaryDirectory() as name:
        root = Path(name, "root")
        archive = Archive(root)
        slugs = [slug(archive, organization) for organization in organizations]
        assert len(set(slugs)) == len(slugs)
        assert all((root / each).parent == root and (root / each / OWNER).is_file() for each in slugs)
        assert {path.name for path in root.iterdir()} == {".state", *slugs}
        again = Archive(root)
        assert [slug(again, organization) for organization in reversed(organizations)] == slugs[::-1]


def test_processes_that_race_never_share_a_folder(tmp_path: Path) -> None:
    """Four processes claim for thirty organizations of one name: each gets one folder, the same in every process."""
    code = "claim_many(*sys.argv[1:])"
    printed = finish([start(code, tmp_path / "root", first) for first in (0, 0, 7, 15)])
    claims = {tuple(line.split()) for lines in printed for line in lines.splitlines()}
    assert len(claims) == len({identifier for identifier, _ in claims}) == len({folder for _, folder in claims}) == 30
