"""A recipient stays the same, however the address is spelled and whoever else a report is sent to."""

from pathlib import Path

import pytest

from tests.office import office

pytestmark = pytest.mark.slow

APRIL = ("--org", "Acme Roofing", "--period", "month", "--timezone", "America/New_York")


def test_another_spelling_is_the_same_reader(tmp_path: Path) -> None:
    """A display name or different letter case in the address causes no second email."""
    with office(tmp_path) as place:
        for address in ("ceo@acme.example", "Chief <ceo@acme.example>", "CEO@Acme.Example"):
            assert place.run(*APRIL, "--to", address).code == 0
        assert len(place.readers()) == 1


def test_a_revision_for_one_reader_is_not_sent_to_others(tmp_path: Path) -> None:
    """A revision forced for one recipient is not sent by the next run to others who have the report."""
    with office(tmp_path) as place:
        for options in (
            ("--to", "ceo@acme.example"),
            ("--to", "board@acme.example", "--force", "the board asked"),
            ("--to", "ceo@acme.example"),
        ):
            assert place.run(*APRIL, *options).code == 0
        assert sorted(place.readers()) == ["board@acme.example", "ceo@acme.example"]


def test_a_later_reader_never_gets_another_report_than_asked_for(tmp_path: Path) -> None:
    """A request for another time zone or language reports what the first recipient has, and nothing is sent."""
    with office(tmp_path) as place:
        assert place.run(*APRIL, "--to", "ceo@acme.example").code == 0
        ended = place.run(*APRIL, "--locale", "de_DE", "--to", "hans@acme.example")
        assert (ended.code, place.readers()) == (1, ["ceo@acme.example"])
    assert "in en_US, not for America/New_York in de_DE" in ended.out


@pytest.mark.parametrize("quiet", ["--dry-run", "--no-email", "--demo"])
def test_force_is_refused_where_nothing_is_sent(quiet: str, tmp_path: Path) -> None:
    """A forced revision without an email would only make the next run send again."""
    with office(tmp_path) as place:
        ended = place.run(*APRIL, "--force", "try", quiet)
    assert ended.code == 2
    assert "--force sends again" in ended.err
    assert not (tmp_path / "reports").exists()


def test_force_is_refused_where_there_is_no_server(tmp_path: Path) -> None:
    """A forced revision that is only archived would be sent by the next run that has a server."""
    with office(tmp_path) as place:
        for name in [each for each in place.environment if each.startswith("HYPERREP_SMTP")]:
            del place.environment[name]
        ended = place.run(*APRIL, "--to", "ceo@acme.example", "--force", "try")
    assert (ended.code, "there is no mail server" in ended.err) == (2, True)
    assert not (tmp_path / "reports").exists()


def test_force_without_a_reader_makes_no_revision(tmp_path: Path) -> None:
    """Without recipients, the sent edition is left unchanged."""
    with office(tmp_path) as place:
        assert place.run(*APRIL, "--to", "ceo@acme.example").code == 0
        forced = place.report(*APRIL, "--force", "nobody asked")
        assert (forced["status"], place.readers()) == ("skipped", ["ceo@acme.example"])


def test_a_report_without_mail_is_not_held_up_by_a_mail_that_waits(tmp_path: Path) -> None:
    """A deferred email is reported by the runs that send it, not by one that only archives."""
    with office(tmp_path, login=("reports", "wrong")) as place:
        place.report(*APRIL, "--to", "ceo@acme.example", code=1)
        kept = place.report(*APRIL, "--to", "ceo@acme.example", "--no-email")
    assert (kept["status"], kept["deliveries"]) == ("archived", [])


def test_the_archive_s_trouble_hides_no_mail(tmp_path: Path) -> None:
    """If the index cannot be written, sent emails are still reported, and the exit code is that of the error."""
    with office(tmp_path) as place:
        (place.folder / "reports" / "index.html").mkdir(parents=True)
        ended = place.run(*APRIL, "--to", "ceo@acme.example", "--json")
        assert place.readers() == ["ceo@acme.example"]
    assert ended.document["counts"]["sent"] == 1
    assert (ended.code, ended.document["exit_code"]) == (1, 1)
