"""Checks across several values: a server without a sender, an organization with two reports of one period."""

from collections.abc import Iterator, Mapping
from typing import Any

from reporter.config.kinds import shown
from reporter.config.layers import Layer
from reporter.config.login_schema import given, login_gaps
from reporter.config.secrets import CLIENT_SECRET, SMTP_PASSWORD, Secrets
from reporter.config.settings import ReportConfig
from reporter.domain.mailbox import outside
from reporter.domain.window import Period


def disagreements(file: Layer, environment: Layer, secrets: Secrets | None) -> list[str]:
    """One sentence for each inconsistency; an invalid value counts as given."""
    return [
        *_server_gaps(file, environment, secrets),
        *(_idle_passwords(file, secrets) if secrets else ()),
        *_unnamed(file),
        *_named_twice(file),
        *_mistimed(file),
    ]


def hostless(file: Layer, environment: Layer, secrets: Secrets | None) -> tuple[str, ...]:
    """Environment variables for a mail server without a host; none if the file's [smtp] is unknown or invalid."""
    if file.is_unread or ("smtp",) in file.faulty or _has_host(file, environment):
        return ()
    variables = (environment.named(place) for place in _places(environment.values.get("smtp", {}), ("smtp",)))
    secret = {SMTP_PASSWORD: secrets.password, CLIENT_SECRET: secrets.client_secret} if secrets else {}
    return (*variables, *(name for name, value in secret.items() if value))


def passwords_named(file: Layer) -> tuple[str, ...]:
    """The variables with PDF passwords that the top of the file or its reports name."""
    tables = (file.values, *file.values.get("reports", ()))
    return tuple(table["pdf_password_env"] for table in tables if "pdf_password_env" in table)


def _idle_passwords(file: Layer, secrets: Secrets) -> Iterator[str]:
    """A sentence for each PDF password that no report uses, since the user may expect encrypted PDFs."""
    if not file.is_unread and not any("pdf_password_env" in place for place in file.faulty):
        for name in sorted(secrets.pdf_passwords.keys() - set(passwords_named(file))):
            yield f"{name}: no report uses it, so no PDF opens with it; set pdf_password_env = {name!r}, or unset it."


def _places(values: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The place of every value in a table and the tables below it."""
    for key, value in values.items():
        yield from _places(value, (*at, key)) if isinstance(value, Mapping) else [(*at, key)]


def _server_gaps(file: Layer, environment: Layer, secrets: Secrets | None) -> Iterator[str]:
    if idle := hostless(file, environment, secrets):
        yield f"{', '.join(idle)}: there is no mail server to use this with; set smtp.host or HYPERREP_SMTP_HOST."
    elif ("smtp",) not in file.faulty and _has_host(file, environment):
        yield from _sender_gap(file, environment)
        yield from login_gaps(file, environment, secrets) if secrets else ()


def _has_host(file: Layer, environment: Layer) -> bool:
    return given(file, environment, "host")


def _sender_gap(file: Layer, environment: Layer) -> Iterator[str]:
    if not given(file, environment, "from"):
        yield f"{file.named(('smtp',))}: there is a host but no sender; set smtp.from or HYPERREP_SMTP_FROM."


def _unnamed(file: Layer) -> Iterator[str]:
    for position, report in enumerate(file.values.get("reports", ())):
        place = ("reports", position, "organization")
        if "organization" not in report and place not in file.faulty:
            yield f"{file.named(place)}: is missing; give the organization's name or organization_id."


def _named_twice(file: Layer) -> Iterator[str]:
    seen: dict[tuple[str, Period | None], int] = {}
    usual = None if ("period",) in file.faulty else file.values.get("period", Period.WEEK)
    for position, report in enumerate(file.values.get("reports", ())):
        name = report.get("organization")
        period = report.get("period", usual)
        if name is None or ("reports", position, "period") in file.faulty:
            continue
        first = seen.setdefault((name.casefold(), period), position)
        if first != position:
            yield (
                f"{file.named(('reports', position, 'organization'))}: {shown(name)} has a {period} report already in "
                f"reports[{first}]; remove one, or give one of them another period."
            )


def _mistimed(file: Layer) -> Iterator[str]:
    """A sentence for each report whose `send_at` does not fit its period; without reports, for the top of the file."""
    usual = {"period": Period.WEEK, **{key: file.values[key] for key in ("period", "send_at") if key in file.values}}
    listed = {("reports", position): own for position, own in enumerate(file.values.get("reports", ()))}
    for place, own in listed.items() or {(): {}}.items():
        report = {**usual, **own}
        is_known = not {("period",), (*place, "period"), (*place, "send_at")} & file.faulty
        if is_known and "send_at" in report and (misfit := report["send_at"].misfit(report["period"])):
            yield f"{file.named((*place, 'send_at'))}: {misfit}; give it one that fits, like '07:00'."


def strays(*reports: ReportConfig) -> list[str]:
    """A sentence for each recipient outside the report's allowed domains, in whichever layer each was given."""
    found = {
        (report.organization, to): reason
        for report in reports
        for to in report.recipients
        if (reason := outside(to, report.allowed_domains))
    }
    return [
        f"recipients: {shown(to)}{f' of {shown(name)}' if name else ''} cannot be: {reason}."
        for (name, to), reason in found.items()
    ]
