"""What only shows when values are seen side by side: a server without a sender, a report named twice."""

from collections.abc import Iterator

from reporter.config.kinds import shown
from reporter.config.layers import Layer
from reporter.config.secrets import SMTP_PASSWORD, Secrets
from reporter.delivery.smtp_settings import Security
from reporter.window import Period


def disagreements(file: Layer, environment: Layer, secrets: Secrets | None) -> list[str]:
    """One sentence for each; a value that is faulty in itself counts as given."""
    return [*_server_gaps(file, environment, secrets), *_unnamed(file), *_named_twice(file), *_mistimed(file)]


def hostless(file: Layer, environment: Layer, secrets: Secrets | None) -> tuple[str, ...]:
    """The variables of the environment about a mail server that nothing names, as far as what was given is known."""
    if file.is_unread or ("smtp",) in file.faulty or _has_host(file, environment):
        return ()
    given = (environment.named(("smtp", key)) for key in environment.values.get("smtp", {}))
    password = (SMTP_PASSWORD,) if secrets and secrets.password else ()
    return (*given, *password)


def _server_gaps(file: Layer, environment: Layer, secrets: Secrets | None) -> Iterator[str]:
    if given := hostless(file, environment, secrets):
        yield f"{', '.join(given)}: there is no mail server to use this with; set smtp.host or HYPERREP_SMTP_HOST."
    elif ("smtp",) not in file.faulty and _has_host(file, environment):
        yield from _sender_gap(file, environment)
        yield from _login_gaps(file, environment, secrets) if secrets else ()


def _has_host(file: Layer, environment: Layer) -> bool:
    return _has(file, "host") or _has(environment, "host")


def _sender_gap(file: Layer, environment: Layer) -> Iterator[str]:
    if not _has(file, "from") and not _has(environment, "from"):
        yield f"{file.named(('smtp',))}: there is a host but no sender; set smtp.from or HYPERREP_SMTP_FROM."


def _login_gaps(file: Layer, environment: Layer, secrets: Secrets) -> Iterator[str]:
    where = file.named(("smtp",))
    has_username = _has(file, "username") or _has(environment, "username")
    if has_username and not secrets.has_password:
        yield f"{where}: there is a username but no password; set {SMTP_PASSWORD} or {SMTP_PASSWORD}_FILE."
    if secrets.has_password and not has_username:
        yield f"{where}: there is a password but no username; set smtp.username or HYPERREP_SMTP_USERNAME."
    if secrets.has_password and _security(file, environment) is Security.NONE:
        yield f"{where}: security none would show the password on its way; set smtp.security to starttls or tls."


def _has(layer: Layer, key: str) -> bool:
    return key in layer.values.get("smtp", {}) or ("smtp", key) in layer.faulty


def _security(file: Layer, environment: Layer) -> Security | None:
    found: dict[str, Security] = {**file.values.get("smtp", {}), **environment.values.get("smtp", {})}
    return found.get("security")


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
    """Each report whose time is none of its period; without any report, the top of the file."""
    usual = {"period": Period.WEEK, **{key: file.values[key] for key in ("period", "send_at") if key in file.values}}
    listed = {("reports", position): own for position, own in enumerate(file.values.get("reports", ()))}
    for place, own in listed.items() or {(): {}}.items():
        report = {**usual, **own}
        is_known = not {("period",), (*place, "period"), (*place, "send_at")} & file.faulty
        if is_known and "send_at" in report and (misfit := report["send_at"].misfit(report["period"])):
            yield f"{file.named((*place, 'send_at'))}: {misfit}; give it one that fits, like '07:00'."
