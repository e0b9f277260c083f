"""`hyperrep-report template` as an author uses it: start with a copy, get every error, look things up."""

import shutil
import subprocess
from pathlib import Path

import pytest

from reporter.rendering.templates import FILES, STOCK
from tests.office import COMMAND, PROJECT, bare_environment


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder, at noon on May 4, 2026, with no key and no server in the environment."""
    environment = {**bare_environment(), "PYTHONPATH": str(PROJECT), "SOURCE_DATE_EPOCH": "1777896000"}
    command = [*COMMAND, "template", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def within(folder: Path) -> list[str]:
    """The names of the files in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def look(tmp_path: Path) -> Path:
    """A custom template, as first created."""
    assert run(tmp_path, "new", "mine").returncode == 0
    return tmp_path / "mine"


def test_a_look_begins_as_a_copy(tmp_path: Path) -> None:
    """Every file of the bundled template, and a guide with commands for this one; the files written are listed."""
    done = run(tmp_path, "new", "my-template", "--into", "looks")
    written = sorted([*FILES, "README.md"])
    assert (done.returncode, done.stdout.splitlines()) == (0, [f"looks/my-template/{name}" for name in written])
    assert within(tmp_path / "looks") == ["my-template"]
    for name in FILES:
        assert (tmp_path / "looks/my-template" / name).read_bytes() == (STOCK / "executive" / name).read_bytes()
    guide = (tmp_path / "looks/my-template/README.md").read_text("utf-8")
    assert "`hyperrep-report preview --template my-template`" in guide
    assert '`template = "my-template"`' in guide
    assert '`{% include "executive/email.html.j2" %}`' in guide


@pytest.mark.slow
def test_a_copy_of_a_copy_has_its_parts(look: Path) -> None:
    """Files in folders are copied; hidden files and links are not."""
    (look / "parts").mkdir()
    (look / "parts" / "head.html.j2").write_text("mine")
    (look / ".git").mkdir()
    (look / ".git" / "config").write_text("secret")
    (look / "link.html.j2").symlink_to("/etc/passwd")
    assert run(look.parent, "new", "second", "--from", "mine").returncode == 0
    files = {path.relative_to(look.parent / "second").as_posix() for path in (look.parent / "second").rglob("*")}
    assert files == {*FILES, "README.md", "parts", "parts/head.html.j2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mine"], "mine exists already and is left unchanged"),
        (["executive"], "'executive' is the name of a template that comes with the software"),
        (["../mine"], "'../mine' is not a folder name"),
        (["other", "--from", "nobody"], "There is no template 'nobody'"),
        (["other", "--into", "mine/report.css"], "is a file"),
    ],
)
def test_nothing_is_overwritten(arguments: list[str], sentence: str, look: Path) -> None:
    """A name that is taken, means another template, or leads elsewhere is rejected, and no file is left."""
    (look / "report.css").write_text("/* mine */")
    done = run(look.parent, "new", *arguments)
    assert (done.returncode, sentence in done.stderr) == (2, True)
    assert (look / "report.css").read_text() == "/* mine */"
    assert within(look.parent) == ["mine"]


@pytest.mark.slow
def test_a_copy_of_a_read_only_template_can_be_edited(look: Path) -> None:
    """Only the content is copied, since an installation may be read-only."""
    for path in (*look.iterdir(), look):
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert run(look.parent, "new", "second", "--from", "mine").returncode == 0
    copy = look.parent / "second"
    assert all(path.stat().st_mode & 0o200 for path in (copy, *copy.iterdir()))


@pytest.mark.slow
def test_a_copy_that_fails_leaves_nothing(look: Path) -> None:
    """A template is created whole or not at all: here its guide cannot be written, since a folder has its name."""
    (look / "README.md").unlink()
    (look / "README.md").mkdir()
    (look / "README.md" / "mine").write_text("")
    done = run(look.parent, "new", "second", "--from", "mine")
    assert (done.returncode, "second cannot be written" in done.stderr) == (2, True)
    assert within(look.parent) == ["mine"]


@pytest.mark.slow
def test_a_sound_look_has_no_faults(look: Path) -> None:
    """The copy and the original render every kind of report, and no file is written."""
    (look / "email.html.j2").write_text("{% include 'executive/email.html.j2' %}")
    for name in ("mine", "executive"):
        done = run(look.parent, "check", name)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{name}: no errors in usual figures, no figures yet, hostile names, ")
    assert within(look.parent) == ["mine"]


def test_every_fault_is_told_with_file_and_line(look: Path) -> None:
    """Each error is listed once, with the kinds of report that cause it; also one that a usual report does not."""
    (look / "report.css").write_text("\np { colour: red }\n")
    (look / "parts").mkdir()
    (look / "parts" / "stamp.html.j2").write_text("\n\n{% if view.stamp %}{{ view.stamp.why }}{% endif %}\n")
    (look / "email.html.j2").write_text("<p>{% include 'parts/stamp.html.j2' %}</p>")
    (look / "email.txt.j2").write_text("{% if view.title %}\nnever ended\n")
    done = run(look.parent, "check", "mine")
    told = done.stdout
    assert (done.returncode, len(told.splitlines())) == (1, 3)
    assert "mine/email.txt.j2, line 1: Unexpected end of template" in told
    assert "mine/parts/stamp.html.j2, line 3: " in told
    assert "has no attribute 'why' (a revision with a logo and targets)" in told
    assert "mine/report.css, line 2: Ignored `colour:" in told
    assert "(usual figures, no figures yet, hostile names, " in told


@pytest.mark.slow
def test_what_is_no_look_is_a_sentence(tmp_path: Path) -> None:
    """If a folder lacks files, the sentence names them."""
    (tmp_path / "report.css").write_text("")
    done = run(tmp_path, "check", ".")
    assert (done.returncode, done.stdout) == (2, "")
    assert "lacks report.html.j2, email.html.j2, email.txt.j2" in done.stderr


@pytest.mark.slow
def test_the_looks_there_are(look: Path) -> None:
    """The bundled templates, then the folders here that hold every file; none that is hidden or unusable by name."""
    for name in ("executive", ".hidden"):
        shutil.copytree(look, look.parent / name)
    (look.parent / "half").mkdir()
    (look.parent / "half" / "report.css").write_text("")
    done = run(look.parent, "list")
    assert done.stdout.splitlines() == ["executive\tcomes with the software", "mine\ta folder here"]


def test_the_reference_is_the_documentation(tmp_path: Path) -> None:
    """The printed reference is the installed version's, and the same as docs/templates.md."""
    assert run(tmp_path, "reference").stdout.rstrip() == (PROJECT / "docs" / "templates.md").read_text("utf-8").rstrip()
