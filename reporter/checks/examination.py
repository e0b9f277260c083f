"""All checks at once, each on its own: none waits for another's trouble, and one question to the API serves three."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from reporter.checks import api, characters, configuration, ledger, machine, mail, sender
from reporter.checks.finding import Finding, Level, Subject
from reporter.checks.names import Names
from reporter.config.load import Examined
from reporter.document.worker import Worker

CHECKS: tuple[Callable[[Subject], Finding], ...] = (
    configuration.configuration,
    api.reachable,
    api.organizations,
    api.clock,
    configuration.time_zones,
    machine.documents,
    machine.templates,
    characters.characters,
    machine.archive,
    ledger.ledger,
    mail.mail_server,
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
    examined: Examined,
    clock: Callable[[], datetime],
    *,
    is_demo: bool,
    names: Names | None = None,
    selectors: tuple[str, ...] = (),
) -> Iterator[Finding]:
    """What each check found, in order, each as soon as it and those before it are done.

    `names` asks the DNS, this machine's unless given; `selectors` are the names of the sender's DKIM keys.
    """
    with Worker() as worker, ThreadPoolExecutor(len(CHECKS) + 1, thread_name_prefix="check") as pool:
        asked = pool.submit(api.ask, examined, clock, is_demo=is_demo)
        subject = Subject(examined, clock(), asked.result, is_demo, names or Names(), selectors, worker)
        yield from pool.map(lambda check: check(subject), CHECKS)


def exit_code(found: Iterable[Finding]) -> int:
    """0 when all is well or may be; else what kind of problem a script has to deal with first."""
    codes = {finding.exit_code for finding in found if finding.level is Level.PROBLEM}
    return next((code for code in _GRAVEST if code in codes), 0)
