"""`hyperrep-report due` and `status`: each report by its recipient's clock, nothing twice, and nothing lost."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from tests.office import CEO, CFO, PATIENCE, Office, ended, office
from tests.smtp_server import SILENCE, STORE_AND_HANG_UP

ACME = "Acme Roofing"
MONDAYS = f"""
timezone = "Europe/Berlin"
week_start = "monday"
recipients = ["{CEO}"]
[[reports]]
organization = "{ACME}"
"""
DAYS = MONDAYS + 'period = "day"\n'
FIRST_LOOK = "2026-03-21 12:00"


def at(moment: str) -> str:
    """A moment in UTC as the run's clock reads it."""
    return str(int(datetime.fromisoformat(f"{moment}+00:00").timestamp()))


def due(place: Office, moment: str, *arguments: str, code: int = 0) -> list[str]:
    """The first days of the windows that `due` sends at a moment, in order."""
    done = place.run("due", "--json", *arguments, SOURCE_DATE_EPOCH=at(moment))
    assert done.code == code, done
    return [each["window"]["start"][:10] for each in done.document["reports"] if each["status"] == "sent"]


def status(place: Office, moment: str, *arguments: str, code: int = 0) -> list[tuple[str, str]]:
    """The windows that `status` lists at a moment, each with its state; no key is needed."""
    done = place.run("status", "--json", *arguments, SOURCE_DATE_EPOCH=at(moment), HYPERREP_API_KEY="")
    assert (done.code, done.document["exit_code"]) == (code, code), done
    return [(each["window"]["start"][:10], each["state"]) for each in done.document["reports"]]


def change(place: Office, statement: str) -> None:
    """Change the ledger as if time had passed, or a run had died, by the machine's own clock."""
    with sqlite3.connect(place.folder / "reports" / ".state" / "ledger.sqlite3") as ledger:
        assert ledger.execute(statement).rowcount == 1
    ledger.close()


@pytest.mark.parametrize(
    ("zone", "early", "on_time"),
    [
        ("Europe/Berlin", "2026-03-23 05:45", "2026-03-23 06:00"),
        # Summer time began on Sunday.
        pytest.param("Europe/Berlin", "2026-03-30 04:45", "2026-03-30 05:00", marks=pytest.mark.slow),
        pytest.param("Europe/Berlin", "2025-10-27 05:45", "2025-10-27 06:00", marks=pytest.mark.slow),
        pytest.param("America/New_York", "2026-03-09 10:45", "2026-03-09 11:00", marks=pytest.mark.slow),
    ],
)
def test_a_report_goes_out_by_its_readers_clock(tmp_path: Path, zone: str, early: str, on_time: str) -> None:
    """Sent at 07:00 on Monday, whatever the clocks did on Sunday: not before, once, and without other requests."""
    with office(tmp_path) as place:
        place.configure(MONDAYS.replace("Europe/Berlin", zone))
        assert due(place, early) == []
        assert not any(request.organization for request in place.api.asked)
        assert len(due(place, on_time)) == 1
        asked = len(place.api.asked)
        quiet = place.run("due", SOURCE_DATE_EPOCH=at(on_time))
        assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
        assert (place.readers(), len(place.api.asked)) == ([CEO], asked)


@pytest.mark.slow
def test_each_report_has_its_own_time(tmp_path: Path) -> None:
    """A weekly report on Tuesday evening and a monthly one on the 3rd, of two organizations in two time zones."""
    with office(tmp_path) as place:
        place.configure(f"""
recipients = ["{CEO}"]
[[reports]]
organization = "{ACME}"
timezone = "America/New_York"
send_at = "Tue 18:30"
[[reports]]
organization = "Corner Bakery"
timezone = "Asia/Kathmandu"
period = "month"
send_at = "3 06:15"
""")
        moments = ["2026-03-01 00:00", "2026-03-03 00:30", "2026-03-03 23:30", "2026-03-04 00:00"]
        assert [due(place, moment) for moment in moments] == [[], ["2026-02-01"], ["2026-02-22"], []]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("catch_up", "sent"),
    [
        ("none", []),
        ("latest", ["2026-03-26"]),
        ("all", ["2026-03-22", "2026-03-23", "2026-03-24", "2026-03-25", "2026-03-26"]),
    ],
)
def test_after_days_without_a_run_what_was_missed_is_sent_as_wished(
    tmp_path: Path, catch_up: str, sent: list[str]
) -> None:
    """--catch-up sends none, the latest, or all, oldest first and within --max-age; the rest is reported once."""
    days = ("--catch-up", catch_up, "--max-age", "5")
    with office(tmp_path) as place:
        place.configure(DAYS)
        assert due(place, FIRST_LOOK) == []
        late = place.run("due", *days, SOURCE_DATE_EPOCH=at("2026-03-27 12:00"))
        assert (late.code, late.err.count("report.missed"), "2026-03-21" in late.err) == (0, 1, True)
        assert due(place, "2026-03-27 12:15", *days) == []
        assert status(place, "2026-03-27 12:15")[0] == ("2026-03-21", "missed")
        again = place.run("due", *days, SOURCE_DATE_EPOCH=at("2026-03-27 12:30"))
        assert "report.missed" not in again.err
        subjects = [stored.wire for stored in place.mail.stored]
        assert len(subjects) == len(sent)
        folders = sorted(path.parent.name for path in (tmp_path / "reports").glob("*/day/*/report.pdf"))
        assert folders == sent


@pytest.mark.slow
def test_a_report_seen_for_the_first_time_is_not_owed_the_past(tmp_path: Path) -> None:
    """Set up on a Wednesday, the first report is sent on Monday; set up at eight, today's is still sent."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        assert due(place, "2026-03-25 12:00", "--catch-up", "all") == []
        assert status(place, "2026-03-25 12:00", "--expect") == [("2026-03-16", "not owed")]
        place.configure(DAYS)
        assert due(place, "2026-03-26 06:45") == ["2026-03-25"]


def test_what_was_deferred_is_sent_when_its_time_has_come(tmp_path: Path) -> None:
    """One of two recipients is deferred: no retry before its time, then the same bytes."""
    with office(tmp_path) as place:
        place.configure(MONDAYS.replace(f'"{CEO}"', f'"{CEO}", "{CFO}"'))
        place.mail.refused[CFO] = "450 4.2.0 Greylisted"
        due(place, "2026-03-23 06:00", code=75)
        assert status(place, "2026-03-23 07:30", "--expect", code=1) == [("2026-03-16", "deferred")]
        place.mail.refused.clear()
        assert due(place, "2026-03-23 06:15") == []
        spooled = next(tmp_path.glob("reports/*/week/2026-W12/email-*.eml")).read_bytes()
        change(place, "UPDATE deliveries SET next_try = '2000-01-01 00:00:00' WHERE state = 'deferred'")
        assert due(place, "2026-03-23 06:30") == ["2026-03-16"]
        assert (place.readers(), place.mail.stored[-1].wire) == ([CEO, CFO], spooled)
        assert status(place, "2026-03-23 07:30", "--expect") == [("2026-03-16", "sent")]


@pytest.mark.slow
def test_a_lost_ledger_is_told_and_what_was_begun_is_finished(tmp_path: Path) -> None:
    """Deferred, then the ledger is lost: `due` reports that each time, and sends the email after a rebuild."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        place.mail.refused[CEO] = "450 4.2.0 Greylisted"
        due(place, "2026-03-23 06:00", code=75)
        for path in (tmp_path / "reports" / ".state").glob("ledger.sqlite3*"):
            path.unlink()
        lost = place.run("due", SOURCE_DATE_EPOCH=at("2026-03-24 06:00"))
        assert (lost.code, "is not the ledger that knows who got them" in lost.err) == (2, True)
        assert place.run("resolve", "--from-receipts").code == 0
        change(place, "UPDATE deliveries SET next_try = '2000-01-01 00:00:00' WHERE state = 'deferred'")
        place.mail.refused.clear()
        assert due(place, "2026-03-24 06:15") == ["2026-03-16"]
        assert place.readers() == [CEO]


@pytest.mark.slow
def test_what_is_unknown_is_never_sent_again_and_waits_for_a_person(tmp_path: Path) -> None:
    """The server takes the message and never replies: exit 4 once, then not due, and `status --expect` exits with 4."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        place.mail.faults["DOT"] = [STORE_AND_HANG_UP]
        due(place, "2026-03-23 06:00", code=4)
        assert due(place, "2026-03-23 06:15") == []
        assert status(place, "2026-03-23 07:30", "--expect", code=4) == [("2026-03-16", "unknown")]
        assert place.readers() == [CEO]


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "code", "sent"), [("RCPT", 0, ["2026-03-16"]), ("DOT", 4, [])])
def test_a_run_that_is_killed_is_taken_up_by_the_next(tmp_path: Path, stage: str, code: int, sent: list[str]) -> None:
    """Killed before the final dot, the next run sends the email; killed after it, the next run reports it unknown."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        place.mail.faults[stage] = [SILENCE]
        program = place.start("due", SOURCE_DATE_EPOCH=at("2026-03-23 06:00"))
        assert place.mail.given[stage].acquire(timeout=PATIENCE)
        program.kill()
        ended(program)
        assert due(place, "2026-03-23 06:15", code=code) == sent
        assert due(place, "2026-03-23 06:30") == []
        assert place.readers() == [CEO]


@pytest.mark.slow
def test_several_runs_at_once_send_one_mail(tmp_path: Path) -> None:
    """Of four runs at the same moment, each succeeds, and the recipient has one email."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        programs = [place.start("due", SOURCE_DATE_EPOCH=at("2026-03-23 06:00")) for _ in range(4)]
        assert [ended(program).code for program in programs] == [0] * 4
        assert place.readers() == [CEO]


@pytest.mark.slow
def test_a_renamed_organization_is_its_own_trouble(tmp_path: Path) -> None:
    """An organization name that the key does not have fails its report with a sentence; the other is sent, once."""
    with office(tmp_path) as place:
        place.configure(MONDAYS + '[[reports]]\norganization = "Gone Ltd"\n')
        assert due(place, "2026-03-23 06:00", code=1) == ["2026-03-16"]
        again = place.run("due", SOURCE_DATE_EPOCH=at("2026-03-23 06:15"))
        assert (again.code, "The key has no organization 'Gone Ltd'" in again.out) == (1, True)
        assert place.readers() == [CEO]


@pytest.mark.slow
def test_a_rehearsal_sends_nothing_and_remembers_nothing(tmp_path: Path) -> None:
    """--dry-run renders the due reports and leaves them due."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        place.run("due", "--dry-run", SOURCE_DATE_EPOCH=at("2026-03-23 06:00"))
        assert (place.readers(), due(place, "2026-03-23 06:15")) == ([], ["2026-03-16"])


@pytest.mark.slow
def test_a_report_for_nobody_is_archived_once(tmp_path: Path) -> None:
    """Without recipients, the archive decides whether a report is due."""
    with office(tmp_path) as place:
        place.configure(MONDAYS.replace(f'"{CEO}"', ""))
        assert place.run("due", SOURCE_DATE_EPOCH=at("2026-03-23 06:00")).code == 0
        asked = len(place.api.asked)
        assert due(place, "2026-03-23 06:15") == []
        assert (len(place.api.asked), status(place, "2026-03-23 08:00", "--expect")) == (
            asked,
            [("2026-03-16", "archived")],
        )


@pytest.mark.slow
def test_a_mended_address_gets_the_latest_report(tmp_path: Path) -> None:
    """A rejected address is not retried; the address that replaces it gets the report automatically."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        place.mail.refused[CEO] = "550 5.1.1 No such user"
        due(place, "2026-03-23 06:00", code=1)
        assert due(place, "2026-03-23 06:15") == []
        assert status(place, "2026-03-23 08:00", "--expect", code=1) == [("2026-03-16", "failed")]
        place.configure(MONDAYS.replace(CEO, CFO))
        assert (due(place, "2026-03-23 09:00"), place.readers()) == (["2026-03-16"], [CFO])


@pytest.mark.slow
def test_status_watches_over_a_cron_that_never_ran(tmp_path: Path) -> None:
    """Where nothing was ever sent, an expected report is missing as soon as the grace period is over."""
    with office(tmp_path) as place:
        place.configure(MONDAYS)
        assert status(place, "2026-03-23 06:30", "--expect", "--grace", "0", code=1) == [("2026-03-16", "due")]
        told = place.run("status", SOURCE_DATE_EPOCH=at("2026-03-23 06:30"))
        assert told.out.splitlines()[-1].split("\t") == [
            ACME,
            "week 2026-W12",
            "Mon 2026-03-23 07:00",
            "due",
            f"{CEO} nothing yet",
            "Mon 2026-03-30 07:00",
        ]
        assert not (tmp_path / "reports").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [("", "The configuration names no report"), (MONDAYS, "There is no mail server")],
)
def test_what_cannot_be_sent_by_itself_is_refused(tmp_path: Path, configuration: str, sentence: str) -> None:
    """Without reports or without a mail server, nothing starts: exit 2 and a sentence, in `--json` as well."""
    with office(tmp_path) as place:
        place.configure(configuration)
        place.environment = {name: value for name, value in place.environment.items() if "_SMTP_" not in name}
        done = place.run("due", "--json")
        assert (done.code, done.document["exit_code"], sentence in done.document["error"]) == (2, 2, True)


@pytest.mark.slow
def test_what_was_missed_is_told_once(tmp_path: Path) -> None:
    """A missed report is reported once, also where another one is due, and a dry run reads the ledger once."""
    with office(tmp_path) as place:
        place.configure(DAYS)
        assert due(place, FIRST_LOOK) == []
        assert due(place, "2026-03-22 06:00") == ["2026-03-21"]
        told = place.run("due", "--dry-run", "--log-format", "json", SOURCE_DATE_EPOCH=at("2026-04-04 06:00"))
    missed = [json.loads(line)["window"] for line in told.err.splitlines() if "report.missed" in line]
    assert len(missed) == len(set(missed)) > 3
