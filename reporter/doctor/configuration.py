"""Checks of the configuration: validity, time zones, recipients, and PDF passwords."""

from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reporter.doctor.check_result import CheckResult, Subject, counted, problem, unchecked, warning, well

_DAYS_AROUND = 400
"""Days before and after today to compare; the span includes both clock changes of a year."""


def configuration(subject: Subject) -> CheckResult:
    """Check that the file, the environment, and the options are valid; every problem is listed."""
    check = "configuration"
    problems = subject.examined.problems
    if problems:
        return problem(check, f"{counted(len(problems), 'problem')}, so no run would begin", *problems, exit_code=2)
    source = str(subject.examined.file or "no file")
    return well(check, f"{source}: {counted(len(subject.config.reports), 'report')} configured")


def time_zones(subject: Subject) -> CheckResult:
    """Check that this machine's rules for every zone in use are current, and that the zone is configured."""
    check = "time zones"
    zones = sorted({report.timezone for report in subject.reports})
    stale = [zone for zone in zones if _is_stale(zone, subject.now)]
    if stale:
        mend = "Update the system's time zone data (on Debian and Ubuntu the package tzdata), or unset PYTHONTZPATH."
        return problem(check, f"this machine's data is out of date for {', '.join(stale)}", mend)
    unset = sum(not report.timezone_given for report in subject.reports)
    if unset:
        mend = "Set `timezone` in the configuration, or give --timezone with each run."
        return warning(check, f"no zone is set, so days begin and end in {subject.config.defaults.timezone}", mend)
    return well(check, ", ".join(zones[:5]) + (f" and {len(zones) - 5} more" if len(zones) > 5 else ""))


def readers(subject: Subject) -> CheckResult:
    """Check that every report has recipients."""
    check = "readers"
    lonely = sum(not report.recipients for report in subject.reports)
    if not lonely:
        return well(check, "every report has its recipients")
    text = f"{lonely} of {counted(len(subject.reports), 'report')} would be archived and mailed to nobody"
    if not subject.config.reports:
        text = "no recipients are set, so reports would be archived and mailed to nobody"
    return warning(check, text, "Set `recipients` in the configuration, or give --to; --no-email asks for none.")


def passwords(subject: Subject) -> CheckResult:
    """Report how many reports are emailed with a password-protected PDF."""
    check = "passwords"
    if subject.doubts("pdf_password_env") or subject.doubts("reports"):
        return unchecked(check, "their configuration is in doubt", "Mend the configuration first.")
    locked = sum(report.pdf_password is not None for report in subject.reports)
    if not locked:
        return well(check, "no report names one, so the PDFs in mails open without")
    return well(
        check, f"{locked} of {counted(len(subject.reports), 'report')} would be mailed as a PDF with a password"
    )


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
