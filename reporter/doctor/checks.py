"""All checks at once, each on its own: none waits for another's trouble, and one question to the API serves three."""

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
"""In the order they are told in. A new one is a function here."""

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
    """What each check found, in order, each as soon as it and those before it are done.

    `names` asks the DNS, this machine's unless given; `selectors` are the names of the sender's DKIM keys.
    """
    with Worker() as worker, ThreadPoolExecutor(len(CHECKS) + 1, thread_name_prefix="check") as pool:
        asked = pool.submit(api.ask, examined, clock, is_demo=is_demo)
        subject = Subject(examined, clock(), asked.result, is_demo, names or DnsResolver(), selectors, worker)
        yield from pool.map(lambda check: check(subject), CHECKS)


def exit_code(found: Iterable[CheckResult]) -> int:
    """0 when all is well or may be; else what kind of problem a script has to deal with first."""
    codes = {finding.exit_code for finding in found if finding.level is Level.PROBLEM}
    return next((code for code in _GRAVEST if code in codes), 0)
