"""Runs all checks concurrently and independently; one API request serves three of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from reporter.config.load import LoadedConfig
from reporter.doctor import api, archive, configuration, email, machine
from reporter.doctor.check_result import CheckResult, Level, Subject
from reporter.doctor.dns import DnsResolver
from reporter.rendering.worker import Worker

CHECKS: Mapping[str, Callable[[Subject], CheckResult]] = {
    "configuration": configuration.configuration,
    "API": api.reachable,
    "organizations": api.organizations,
    "clock": api.clock,
    "time zones": configuration.time_zones,
    "documents": machine.documents,
    "templates": machine.templates,
    "fonts": machine.fonts,
    "archive": archive.archive,
    "ledger": archive.ledger,
    "mail server": email.mail_server,
    "SPF": email.spf,
    "DKIM": email.dkim,
    "DMARC": email.dmarc,
    "recipients": configuration.recipients,
    "passwords": configuration.passwords,
}
"""The checks by their names, in the order of the output. A new check is added here."""

_GRAVEST = (2, 3, 1)
"""Exit codes of problems; where several apply, the first of these."""


def run_checks(
    examined: LoadedConfig,
    clock: Callable[[], datetime],
    *,
    is_demo: bool,
    names: DnsResolver | None = None,
    selectors: tuple[str, ...] = (),
) -> Iterator[tuple[str, CheckResult]]:
    """Yield the name and the result of each check in order, as soon as it and those before it are done.

    `names` queries the DNS (default: this machine's resolver); `selectors` are the sender's DKIM selectors.
    """
    with Worker() as worker, ThreadPoolExecutor(len(CHECKS) + 1, thread_name_prefix="check") as pool:
        asked = pool.submit(api.ask, examined, clock, is_demo=is_demo)
        subject = Subject(examined, clock(), asked.result, is_demo, names or DnsResolver(), selectors, worker)
        yield from zip(CHECKS, pool.map(lambda check: check(subject), CHECKS.values()), strict=True)


def exit_code(results: Iterable[CheckResult]) -> int:
    """Exit code for the results: 0 without problems, else that of the most severe one."""
    codes = {result.exit_code for result in results if result.level is Level.PROBLEM}
    return next((code for code in _GRAVEST if code in codes), 0)
