"""Checks across several values: a server without a sender, two logins, two reports of one period."""

from collections.abc import Iterator

from reporter.config.kinds import shown
from reporter.config.layers import Layer
from reporter.config.schema import ENVIRONMENT
from reporter.config.secrets import CLIENT_SECRET, PDF_PASSWORD, SMTP_PASSWORD, Secrets
from reporter.config.settings import ReportConfig
from reporter.delivery.smtp.smtp_settings import Security
from reporter.domain.mailbox import outside
from reporter.domain.window import Period

TOKEN_SOURCES = ("token_command", "microsoft", "google")
"""The keys of [smtp] that configure a source of tokens."""


def inconsistencies(file: Layer, environment: Layer, secrets: Secrets | None) -> list[str]:
    """One sentence for each inconsistency; an invalid value counts as given."""
    return [
        *_server_gaps(file, environment, secrets),
        *(_unused_passwords(file, secrets) if secrets else ()),
        *_unnamed(file),
        *_named_twice(file),
        *_mistimed(file),
    ]


def smtp_keys(file: Layer, environment: Layer) -> set[str]:
    """The keys below [smtp] that are given in either layer, even an invalid value: `host`, `microsoft.tenant`."""
    given = file.given | environment.given
    return {".".join(map(str, place[1:])) for place in given if place[0] == "smtp" and len(place) > 1}


def hostless(file: Layer, environment: Layer, secrets: Secrets | None) -> tuple[str, ...]:
    """Environment variables for a mail server without a host; none if the file's [smtp] is unknown or invalid."""
    if file.is_unread or ("smtp",) in file.faulty or "host" in smtp_keys(file, environment):
        return ()
    places = environment.given - environment.faulty
    variables = (variable for place, variable in ENVIRONMENT.items() if place[0] == "smtp" and place in places)
    valid = secrets.valid if secrets else ()
    return (*variables, *(name for name in (SMTP_PASSWORD, CLIENT_SECRET) if name in valid))


def passwords_named(file: Layer) -> tuple[str, ...]:
    """The variables with PDF passwords that the top of the file or its reports name."""
    tables = (file.values, *file.values.get("reports", ()))
    return tuple(table["pdf_password_env"] for table in tables if "pdf_password_env" in table)


def _unused_passwords(file: Layer, secrets: Secrets) -> Iterator[str]:
    """A sentence for each PDF password that no report uses, since the user may expect encrypted PDFs."""
    if not file.is_unread and not any("pdf_password_env" in place for place in file.faulty):
        passwords = {name for name in secrets.valid if name.startswith(PDF_PASSWORD)}
        for name in sorted(passwords.difference(passwords_named(file))):
            yield f"{name}: no report uses it, so no PDF opens with it; set pdf_password_env = {name!r}, or unset it."


def _server_gaps(file: Layer, environment: Layer, secrets: Secrets | None) -> Iterator[str]:
    given = smtp_keys(file, environment)
    if unused := hostless(file, environment, secrets):
        yield f"{', '.join(unused)}: there is no mail server to use this with; set smtp.host or HYPERREP_SMTP_HOST."
    elif ("smtp",) not in file.faulty and "host" in given:
        where = file.named(("smtp",))
        if "from" not in given:
            yield f"{where}: there is a host but no sender; set smtp.from or HYPERREP_SMTP_FROM."
        if secrets:
            security = {**file.values.get("smtp", {}), **environment.values.get("smtp", {})}.get("security")
            yield from (f"{where}{gap}." for gap in _login_gaps(given, security, secrets))
            if CLIENT_SECRET in secrets and "microsoft" not in given:
                yield f"{CLIENT_SECRET}: there is no application to use it with; set smtp.microsoft.client_id."


def _login_gaps(given: set[str], security: Security | None, secrets: Secrets) -> Iterator[str]:
    """The end of a sentence, from `smtp` on, for each missing or conflicting setting of the login."""
    has_password, has_username = SMTP_PASSWORD in secrets, "username" in given
    logins = ["a password"] if has_password else []
    logins += [f"smtp.{source}" for source in TOKEN_SOURCES if source in given]
    if len(logins) > 1:
        yield f": there are several logins, {', '.join(logins)}; keep one of them"
    if has_username and not logins:
        yield f": there is a username but no password; set {SMTP_PASSWORD} or {SMTP_PASSWORD}_FILE"
    if has_password and not has_username:
        yield ": there is a password but no username; set smtp.username or HYPERREP_SMTP_USERNAME"
    if logins and security is Security.NONE:
        secret = "password" if has_password else "token"
        yield f": security none would show the {secret} on its way; set smtp.security to starttls or tls"
    if "microsoft" in given:
        yield from _application_gaps(given, has_secret=CLIENT_SECRET in secrets)
    if "google" in given and "google.key_file" not in given:
        yield ".google: there is no key; set key_file or HYPERREP_SMTP_GOOGLE_KEY_FILE"


def _application_gaps(given: set[str], *, has_secret: bool) -> Iterator[str]:
    has_certificate = "microsoft.certificate_file" in given
    if "microsoft.client_id" not in given:
        yield ".microsoft: there is no application; set client_id or HYPERREP_SMTP_MICROSOFT_CLIENT_ID"
    if not given & {"microsoft.tenant", "microsoft.token_url"}:
        yield ".microsoft: there is no tenant; set tenant or HYPERREP_SMTP_MICROSOFT_TENANT"
    if not has_certificate and not has_secret:
        yield f".microsoft: there is neither a secret nor a certificate; set {CLIENT_SECRET} or certificate_file"
    if has_certificate and has_secret:
        yield f".microsoft: there is a certificate and a secret; unset {CLIENT_SECRET}, or leave out certificate_file"


def _unnamed(file: Layer) -> Iterator[str]:
    for position in range(len(file.values.get("reports", ()))):
        place = ("reports", position, "organization")
        if place not in file.given:
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


def refused_recipients(*reports: ReportConfig) -> list[str]:
    """A sentence for each recipient outside the report's allowed domains, in whichever layer each was given."""
    found = {
        (report.organization, to): reason
        for report in reports
        for to in report.recipients
        if (reason := outside(to.canonical, report.allowed_domains))
    }
    return [
        f"recipients: {shown(str(to))}{f' of {shown(name)}' if name else ''} is not allowed: {reason}."
        for (name, to), reason in found.items()
    ]
