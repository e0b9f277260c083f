"""Runs all checks concurrently and independently; one API request serves three of them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from reporter.config.load import LoadedConfig
from reporter.doctor import api, characters, configuration, ledger_check, machine, mail_server, sender
from reporter.doctor.check_result import CheckResult, Level, Subject
from reporter.doctor.dns import DnsResolver
from reporter.rendering.worker import Worker

CHECKS: tuple[Callable[[Subject], CheckResult], ...] = (
    configuration.configuration,
    api.reachable,
    api.organizations,
    api.clock,
    configuration.time_zones,
    machine.documents,
    machine.templates,
    characters.characters,
    machine.archive,
    ledger_check.ledger,
    mail_server.mail_server,
    sender.spf,
    sender.dkim,
    sender.dmarc,
    configuration.readers,
    configuration.passwords,
)
"""The checks in the order of the output. A new check is added here."""

_GRAVEST = (2, 3, 1)
"""Exit codes of problems; where several apply, the first of these."""


def findings(
    examined: LoadedConfig,
    clock: Callable[[], datetime],
    *,
    is_demo: bool,
    names: DnsResolver | None = None,
    selectors: tuple[str, ...] = (),
) -> Iterator[CheckResult]:
    """Yield the result of each check in order, as soon as it and those before it are done.

    `names` queries the DNS (default: this machine's resolver); `selectors` are the sender's DKIM selectors.
    """
    with Worker() as worker, ThreadPoolExecutor(len(CHECKS) + 1, thread_name_prefix="check") as pool:
        asked = pool.submit(api.ask, examined, clock, is_demo=is_demo)
        subject = Subject(examined, clock(), asked.result, is_demo, names or DnsResolver(), selectors, worker)
        yield from pool.map(lambda check: check(subject), CHECKS)


def exit_code(found: Iterable[CheckResult]) -> int:
    """Exit code for the results: 0 without problems, else that of the most severe one."""
    codes = {finding.exit_code for finding in found if finding.level is Level.PROBLEM}
    return next((code for code in _GRAVEST if code in codes), 0)
