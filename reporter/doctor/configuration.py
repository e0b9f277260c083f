"""Checks of the configuration: validity, time zones, recipients, and PDF passwords."""

from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reporter.doctor.check_result import CheckResult, Subject, counted, problem, unchecked, warning, well

_DAYS_AROUND = 400
"""Days before and after today to compare, which include both clock changes of a year."""


def configuration(subject: Subject) -> CheckResult:
    """Check that the file, the environment, and the options are valid; every problem is listed."""
    problems = subject.examined.problems
    if problems:
        return problem(f"{counted(len(problems), 'problem')}, so no run would start", *problems, exit_code=2)
    source = str(subject.examined.file or "no file")
    return well(f"{source}: {counted(len(subject.config.reports), 'report')} configured")


def time_zones(subject: Subject) -> CheckResult:
    """Check that this machine's rules for every zone in use are current, and that the zone is configured."""
    zones = sorted({report.timezone for report in subject.reports})
    stale = [zone for zone in zones if _is_stale(zone, subject.now)]
    if stale:
        fix = "Update the system's time zone data (on Debian and Ubuntu the package tzdata), or unset PYTHONTZPATH."
        return problem(f"this machine's data is out of date for {', '.join(stale)}", fix)
    if not all(report.timezone_given for report in subject.reports):
        fix = "Set `timezone` in the configuration, or give --timezone with each run."
        return warning(f"no zone is set, so days begin and end in {subject.config.defaults.timezone}", fix)
    return well(", ".join(zones[:5]) + (f" and {len(zones) - 5} more" if len(zones) > 5 else ""))


def recipients(subject: Subject) -> CheckResult:
    """Check that every report has recipients."""
    lacking = sum(not report.recipients for report in subject.reports)
    if not lacking:
        return well("every report has recipients")
    text = f"{lacking} of {counted(len(subject.reports), 'report')} would be archived but not sent"
    if not subject.config.reports:
        text = "no recipients are set, so reports would be archived but not sent"
    return warning(text, "Set `recipients` in the configuration, or give --to, or --no-email if this is intended.")


def passwords(subject: Subject) -> CheckResult:
    """Report how many reports are emailed with a password-protected PDF."""
    if subject.is_faulty("pdf_password_env", "reports"):
        return unchecked("their configuration has errors")
    protected = sum(report.pdf_password is not None for report in subject.reports)
    if not protected:
        return well("no report has one, so the PDFs in emails are not protected")
    return well(f"{protected} of {counted(len(subject.reports), 'report')} would be sent as a PDF with a password")


def _is_stale(zone: str, now: datetime) -> bool:
    """Whether this machine's rules for the zone differ from those of the installed tzdata package."""
    try:
        here = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return True
    with files("tzdata.zoneinfo").joinpath(*zone.split("/")).open("rb") as data:
        there = ZoneInfo.from_file(data, key=zone)
    days = (now + timedelta(days=day) for day in range(-_DAYS_AROUND, _DAYS_AROUND))
    return any(day.astimezone(here).utcoffset() != day.astimezone(there).utcoffset() for day in days)
