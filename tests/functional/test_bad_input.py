"""Bad input: one clear sentence per error and exit code 2, before anything is requested, written, or sent."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from reporter.cli import run
from reporter.sandbox.world import DEMO_KEY
from tests.office import APRIL, CEO, NOW, office
from tests.servers import served
from tests.watched_api import ACME, WatchedApi

Desk = Callable[..., "Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the command rejected its input: error sentences, stdout, and the requests to the API."""

    code: int
    sentences: Sequence[str]
    out: str
    asked: int


@pytest.fixture(scope="module")
def api() -> Iterator[tuple[WatchedApi, str]]:
    """The sandbox with its requests recorded, and its URL."""
    api = WatchedApi(NOW)
    with served(api) as url:
        yield api, url


@pytest.fixture
def desk(
    api: tuple[WatchedApi, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    """The command in this process, in an empty folder, with a key; keywords set variables, `file` the configuration."""
    for name in [name for name in os.environ if name.startswith("HYPERREP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    usual = {
        "HYPERREP_API_KEY": DEMO_KEY,
        "HYPERREP_API_URL": api[1],
        "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())),
    }

    def refuse(arguments: Sequence[str], file: str | None = None, **variables: str) -> Refusal:
        for name, value in {**usual, **variables}.items():
            monkeypatch.setenv(name, value)
        if file is not None:
            (tmp_path / "hyperrep-report.toml").write_text(file, "utf-8")
        asked = len(api[0].asked)
        code = run(arguments)
        said = capsys.readouterr()
        return Refusal(code, said.err.splitlines(), said.out, len(api[0].asked) - asked)

    yield refuse
    structlog.reset_defaults()  # the log of a run goes to what was stderr within its test


def tree(folder: Path) -> list[str]:
    """Every file and folder below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


OPTIONS = [
    ("--bogus", "No such option '--bogus'"),
    ("bogus", "No such command 'bogus'"),
    ("--period", "requires an argument"),
    ("--period fortnight", "'fortnight' is not one of 'day', 'week', 'month'"),
    ("--week-start friday", "'friday' is not one of 'monday'"),
    ("--log-format xml", "'xml' is not one of 'text', 'json'"),
    ("--as-of yesterday", "'yesterday' is not a date; write it as YYYY-MM-DD"),
    ("--as-of 2026-02-30", "'2026-02-30' is not a date"),
    ("--as-of 1066-10-14", "--as-of 1066-10-14 lies outside of what can be reported"),
    ("--as-of 2026-05-05", "--as-of 2026-05-05 lies in the future"),
    ("--as-of 2026-06-15 --allow-partial", "--as-of 2026-06-15 lies in the future"),
    ("--from 2026-04-01", "--from 2026-04-01 needs --until DATE"),
    ("--until 2026-04-01", "--until 2026-04-01 needs --from DATE"),
    ("--from 2026-04-02 --until 2026-04-02", "--from 2026-04-02 must lie before --until 2026-04-02"),
    ("--from 2010-01-01 --until 2026-01-01", "spans more than ten years"),
    ("--from 2026-04-20 --until 2026-05-20", "is not over"),
    ("--from 2026-06-01 --until 2026-06-08", "is not over"),
    ("--from 2026-06-01 --until 2026-06-08 --allow-partial", "no day of it is over yet"),
    ("--period month --as-of 2026-05-01 --allow-partial", "no day of it is over yet"),
    ("--timezone Mars/Olympus", "--timezone: 'Mars/Olympus'"),
    ("--timezone ../../etc/passwd", "--timezone: "),
    ("--timezone EST5EDT4", "--timezone: "),
    ("--locale xx_YY", "--locale: 'xx_YY'"),
    ("--locale cy_GB", "the languages are ar, de, en, es, fr"),
    ("--currency dollars", "--currency: 'dollars'"),
    ("--currency XQX", "--currency: 'XQX'"),
    ("--to nobody", "--to"),
    ("--to ceo@acme.example --to CEO@acme.example", "--to"),
    ("--to ceo@acme..example", "--to"),
    ("--template nowhere", "There is no template 'nowhere'"),
    ("--template empty", "The template 'empty' lacks report.html.j2"),
    ("--config nowhere.toml", "nowhere.toml: cannot be read: No such file"),
    ("--config empty", "empty: cannot be read: Is a directory"),
    ("--config picture.png", "picture.png: is not UTF-8 text"),
    ("--output picture.png", "'picture.png' cannot be a folder"),
    ("--output picture.png/reports", "cannot be a folder, as"),
    ("--output /proc/reports", "/proc/reports"),
    (f"--output {'x' * 300}", "File name too long"),
    ("--org Acme --all-orgs", "--org and --all-orgs exclude each other"),
]


@pytest.mark.parametrize(("options", "sentence"), OPTIONS, ids=[options[:60] for options, _ in OPTIONS])
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_a_wrong_option(options: str, sentence: str, as_json: bool, desk: Desk, tmp_path: Path) -> None:  # noqa: FBT001
    """Each wrong option is named in one sentence; no request is sent, and no file is written."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    before = tree(tmp_path)
    refusal = desk([*(["--json"] if as_json else []), *options.split()])
    assert_refused(refusal, sentence, as_json=as_json)
    assert tree(tmp_path) == before


def assert_refused(refusal: Refusal, sentence: str, *, as_json: bool = False) -> None:
    """Exit code 2, one sentence on stderr, no request; stdout is empty or one document with the same sentence."""
    (said,) = refusal.sentences
    assert (refusal.code, refusal.asked) == (2, 0)
    assert said.startswith("hyperrep-report: ")
    assert sentence in said
    if not as_json:
        assert refusal.out == ""
        return
    document = json.loads(refusal.out)
    assert document["error"] == said.removeprefix("hyperrep-report: ")
    assert (document["exit_code"], document["reports"], sum(document["counts"].values())) == (2, [], 0)


@pytest.mark.parametrize("value", ["", " ", "\t\n"])
@pytest.mark.parametrize("option", ["--force", "--timezone", "--locale", "--currency", "--to", "--org", "--template"])
def test_an_empty_value(option: str, value: str, desk: Desk, tmp_path: Path) -> None:
    """An option with an empty value is reported as a likely error of a script, not treated as left out."""
    assert_refused(desk([option, value]), option)
    assert tree(tmp_path) == []


@pytest.mark.parametrize("address", ["ceo@acme.example\nBcc: spy@example.com", "ceo@acme.example, cfo@acme.example"])
def test_an_address_that_is_more_than_one(address: str, desk: Desk, tmp_path: Path) -> None:
    """No value of --to adds a second address or a header to an email, and the sentence stays one line."""
    assert_refused(desk(["--to", address]), "--to")
    assert tree(tmp_path) == []


VARIABLES = [
    ("HYPERREP_API_KEY", "", "There is no API key: set HYPERREP_API_KEY"),
    ("HYPERREP_API_KEY", "hr_secret\nX-Header: 1", "HYPERREP_API_KEY: holds a line break"),
    ("HYPERREP_API_KEY", "hr_sécret", "The API key"),
    ("HYPERREP_API_KEY_FILE", "nowhere", "HYPERREP_API_KEY"),
    ("HYPERREP_API_URL", "http://api.example.com", "use https://"),
    ("HYPERREP_API_URL", "ftp://api.example.com", "HYPERREP_API_URL"),
    ("HYPERREP_API_URL", "https://user:secret@api.example.com", "HYPERREP_API_URL"),
    ("HYPERREP_SMTP_PORT", "70000", "HYPERREP_SMTP_PORT"),
    ("HYPERREP_SMTP_SECURITY", "perhaps", "HYPERREP_SMTP_SECURITY"),
    ("HYPERREP_SMTP_FROM", "nobody", "HYPERREP_SMTP_FROM"),
    ("HYPERREP_SMTP_CA_FILE", "nowhere.pem", "HYPERREP_SMTP_CA_FILE"),
    ("HYPERREP_SMTP_HOST", "smtp.example.com", "HYPERREP_SMTP_FROM"),
    ("SOURCE_DATE_EPOCH", "soon", "SOURCE_DATE_EPOCH is 'soon', not a number of seconds"),
    ("SOURCE_DATE_EPOCH", "9" * 30, "SOURCE_DATE_EPOCH"),
]


@pytest.mark.parametrize(("variable", "value", "sentence"), VARIABLES)
def test_a_wrong_variable(variable: str, value: str, sentence: str, desk: Desk, tmp_path: Path) -> None:
    """Each wrong variable is named in one sentence that shows no secret; nothing is requested or written."""
    refusal = desk(["--json"], **{variable: value})
    assert_refused(refusal, sentence, as_json=True)
    assert "ecret" not in refusal.out
    assert tree(tmp_path) == []


FILES = [
    ("period = month", "is not valid TOML"),
    ('periode = "month"', "periode: is not a known key"),
    ('[smtp]\npassword = "x"', "smtp.password"),
    ('[smtp]\nhost = "smtp.example.com"', "there is a host but no sender"),
    ('[[reports]]\nrecipients = ["ceo@acme.example"]', "reports[0].organization: is missing"),
    ('[[reports]]\norganization = "Acme"\nlocale = "xx"', "reports[0].locale"),
    ('[[reports]]\norganization = "A"\n[[reports]]\norganization = "a"', "reports[1].organization"),
    ('figures = ["luck"]', "figures[0]"),
    ('template = "nowhere"', "There is no template 'nowhere'"),
    ("[targets]\nresponse_rate = 80", "targets.response_rate"),
    ('[brand]\nlogo = "nowhere.svg"', "brand.logo"),
]


@pytest.mark.parametrize(("file", "sentence"), FILES)
def test_a_wrong_configuration(file: str, sentence: str, desk: Desk, tmp_path: Path) -> None:
    """Each error in the file is reported with its place; nothing is requested or written."""
    assert_refused(desk([], file), sentence)
    assert tree(tmp_path) == ["hyperrep-report.toml"]


def test_every_problem_is_told_at_once(desk: Desk, tmp_path: Path) -> None:
    """Errors of file, environment, and flags are reported together, one a line; the document of --json has all."""
    file = 'periode = "month"\nlocale = "xx"\n[api]\ntimeout = -1\n'
    refusal = desk(["--json", "--currency", "coins"], file, HYPERREP_SMTP_PORT="x")
    places = ("periode", "locale", "api.timeout", "--currency", "HYPERREP_SMTP_PORT")
    assert (refusal.code, refusal.asked, len(refusal.sentences)) == (2, 0, 5)
    assert all(sum(place in said for said in refusal.sentences) == 1 for place in places)
    error = json.loads(refusal.out)["error"]
    assert error.splitlines() == [said.removeprefix("hyperrep-report: ") for said in refusal.sentences]
    assert tree(tmp_path) == ["hyperrep-report.toml"]


ORGANIZATIONS = [
    (["--org", "Acme Roofers"], "", "The key has no organization 'Acme Roofers'. It has 14: 'Acme Roofing', "),
    (["--org", "Smith & Sons"], "", "2 organizations are named 'Smith & Sons': name one by its id, of gAAAAA"),
    ([], "", "Say which organization: --org NAME, or --all-orgs. It has 14: 'Acme Roofing', "),
    ([], '[[reports]]\norganization = "Acme Roofers"\n', "The key has no organization 'Acme Roofers'."),
]


@pytest.mark.parametrize(("options", "file", "sentence"), ORGANIZATIONS)
def test_an_organization_that_the_key_does_not_know(
    options: list[str], file: str, sentence: str, desk: Desk, tmp_path: Path
) -> None:
    """The API is called once, the sentence lists the key's organizations, and no file is written."""
    refusal = desk([*options, "--to", CEO], file)
    (said,) = refusal.sentences
    assert (refusal.code, refusal.asked, refusal.out) == (2, 1, "")
    assert said.startswith(f"hyperrep-report: {sentence}")
    assert [path for path in (tmp_path / "reports").rglob("*") if path.is_file()] == []


def test_a_report_that_is_configured_twice(desk: Desk) -> None:
    """Two blocks that name one organization, by name and by id, are an error before any email is written."""
    file = f'[[reports]]\norganization = "Acme Roofing"\n[[reports]]\norganization = "{ACME.id}"\n'
    refusal = desk([], file)
    assert (refusal.code, refusal.asked, len(refusal.sentences)) == (2, 1, 1)
    assert "'Acme Roofing' has two week reports" in refusal.sentences[0]


def test_a_wrong_option_in_a_program_of_its_own(tmp_path: Path) -> None:
    """The same for a shell: exit code, one line on stderr, an empty stdout, no request, no folder."""
    with office(tmp_path) as place:
        done = place.run(*APRIL, "--locale", "tlh")
        assert (place.api.asked, place.mail.connections) == ([], 0)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert tree(tmp_path) == ["authority.pem"]
