"""A reader is a reader, however the address is spelled and whoever else a report is sent to."""

from pathlib import Path

import pytest

from tests.office import office

pytestmark = pytest.mark.slow

APRIL = ("--org", "Acme Roofing", "--period", "month", "--timezone", "America/New_York")


def test_another_spelling_is_the_same_reader(tmp_path: Path) -> None:
    """A name beside the address or other letters' case make no second mail."""
    with office(tmp_path) as place:
        for address in ("ceo@acme.example", "Chief <ceo@acme.example>", "CEO@Acme.Example"):
            assert place.run(*APRIL, "--to", address).code == 0
        assert len(place.readers()) == 1


def test_a_revision_for_one_reader_is_not_sent_to_others(tmp_path: Path) -> None:
    """What is sent again to one reader by force does not reach those who have the report at the next run."""
    with office(tmp_path) as place:
        for options in (
            ("--to", "ceo@acme.example"),
            ("--to", "board@acme.example", "--force", "the board asked"),
            ("--to", "ceo@acme.example"),
        ):
            assert place.run(*APRIL, *options).code == 0
        assert sorted(place.readers()) == ["board@acme.example", "ceo@acme.example"]


def test_a_later_reader_never_gets_another_report_than_asked_for(tmp_path: Path) -> None:
    """Who asks for another zone or language is told what the first reader has, and nothing is sent."""
    with office(tmp_path) as place:
        assert place.run(*APRIL, "--to", "ceo@acme.example").code == 0
        ended = place.run(*APRIL, "--locale", "de_DE", "--to", "hans@acme.example")
        assert (ended.code, place.readers()) == (1, ["ceo@acme.example"])
    assert "in en_US, not for America/New_York in de_DE" in ended.out


@pytest.mark.parametrize("quiet", ["--dry-run", "--no-email", "--demo"])
def test_force_is_refused_where_nothing_is_sent(quiet: str, tmp_path: Path) -> None:
    """A forced revision that nobody gets would only make the next run send again."""
    with office(tmp_path) as place:
        ended = place.run(*APRIL, "--force", "try", quiet)
    assert ended.code == 2
    assert "--force sends again" in ended.err
    assert not (tmp_path / "reports").exists()


def test_force_is_refused_where_there_is_no_server(tmp_path: Path) -> None:
    """A revision that only lies in the archive would go out with the next run that has a server."""
    with office(tmp_path) as place:
        for name in [each for each in place.environment if each.startswith("HYPERREP_SMTP")]:
            del place.environment[name]
        ended = place.run(*APRIL, "--to", "ceo@acme.example", "--force", "try")
    assert (ended.code, "there is no mail server" in ended.err) == (2, True)
    assert not (tmp_path / "reports").exists()


def test_force_without_a_reader_makes_no_revision(tmp_path: Path) -> None:
    """Where nobody is to get it, what was sent is left alone."""
    with office(tmp_path) as place:
        assert place.run(*APRIL, "--to", "ceo@acme.example").code == 0
        forced = place.report(*APRIL, "--force", "nobody asked")
        assert (forced["status"], place.readers()) == ("skipped", ["ceo@acme.example"])


def test_a_report_without_mail_is_not_held_up_by_a_mail_that_waits(tmp_path: Path) -> None:
    """What the server has not taken yet is told by the runs that are to send it, not by one that only archives."""
    with office(tmp_path, login=("reports", "wrong")) as place:
        place.report(*APRIL, "--to", "ceo@acme.example", code=1)
        kept = place.report(*APRIL, "--to", "ceo@acme.example", "--no-email")
    assert (kept["status"], kept["deliveries"]) == ("archived", [])


def test_the_archive_s_trouble_hides_no_mail(tmp_path: Path) -> None:
    """Where the index cannot be written, what was sent is still told, and the exit code says what is wrong."""
    with office(tmp_path) as place:
        (place.folder / "reports" / "index.html").mkdir(parents=True)
        ended = place.run(*APRIL, "--to", "ceo@acme.example", "--json")
        assert place.readers() == ["ceo@acme.example"]
    assert ended.document["counts"]["sent"] == 1
    assert (ended.code, ended.document["exit_code"]) == (1, 1)
