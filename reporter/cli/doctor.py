"""`hyperrep-report doctor`: check everything a run needs, and show how to fix each problem."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.cli import options
from reporter.cli.output import say_json
from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import DeliveryError, ReporterError, UsageError
from reporter.domain.strings import one_line

if TYPE_CHECKING:
    from reporter.config.load import LoadedConfig
    from reporter.config.settings import Config
    from reporter.doctor.check_result import CheckResult
    from reporter.domain.mailbox import Mailbox
    from reporter.domain.snapshot import Organization
    from reporter.planning import PlannedReport
    from reporter.test_send import TestSendResult

TEST_SEND = "test mail"
"""The name of the test send among the checks."""

_COLORS = {"ok": "green", "warning": "yellow", "problem": "red"}
_NOT_ACCEPTED = {
    DeliveryStatus.UNKNOWN: (4, "delivery is uncertain", "Check whether it is in the mailbox."),
    DeliveryStatus.DEFERRED: (75, "the mail server does not accept it yet", "Send another test later."),
    DeliveryStatus.PLANNED: (75, "the mail server accepts no email now", "Fix that, then send another test."),
    DeliveryStatus.FAILED: (1, "it cannot be delivered", "Fix that, then send another test."),
}
"""For a test send that was not accepted: the exit code, its meaning, and the fix."""


@click.command("doctor")
@options.config("Configuration file to check.  [default: ./hyperrep-report.toml if it exists]")
@click.option("--output", metavar="DIR", type=click.Path(), help="Archive folder, as in a run.  [default: ./reports]")
@click.option("--demo", is_flag=True, help="Check what `hyperrep-report --demo` needs: no key, no network.")
@click.option(
    "--dkim-selector",
    "selectors",
    multiple=True,
    metavar="NAME",
    help="Selector of the sender's DKIM key (repeatable).  [default: the common ones]",
)
@click.option("--send-test", "to", metavar="ADDRESS", help="Send the latest report to ADDRESS, marked as a test.")
@click.option(
    "--org",
    "organization",
    metavar="ID_OR_NAME",
    help="Organization whose report to send as a test.  [default: the first configured one]",
)
@options.as_json
def command(
    *,
    config: str | None,
    output: str | None,
    demo: bool,
    selectors: tuple[str, ...],
    to: str | None,
    organization: str | None,
    as_json: bool,
) -> int:
    """Check everything a run needs and show how to fix problems. Nothing is sent, and nothing is left in the archive.

    Every check runs, whatever the others find. Exits with 0 if there are no problems (warnings are allowed), 2 if the
    configuration has a problem, 3 if the API rejects the key or cannot be reached, and 1 for any other problem.

    With --send-test, a real report is then rendered and sent. It is recorded separately from the reports to recipients,
    and stored in .state/tests of the archive. The exit code is then that of the delivery, as in a run.
    """
    mailbox = _test_recipient(to, organization, is_demo=demo)
    from reporter.cli import setup
    from reporter.config.load import examine_config
    from reporter.config.settings import Overrides
    from reporter.doctor.checks import exit_code, run_checks

    setup.configure_logs(quiet=True)
    overrides, file = Overrides(output=output), Path(config) if config else None
    examined = setup.demo_configuration(overrides, file) if demo else examine_config(file, os.environ, overrides)
    checks = run_checks(examined, setup.machine_clock, is_demo=demo, selectors=selectors)
    test_sends = ((TEST_SEND, _send_test(address, organization, examined)) for address in [mailbox] if address)
    named = []
    for name, result in chain(checks, test_sends):
        named.append((name, result))
        if not as_json:
            click.echo("\n".join(_lines(name, result)))
    results = [result for _, result in named]
    code = results[-1].exit_code if to else exit_code(results)
    counts = {level: sum(result.level == level for result in results) for level in _COLORS}
    if as_json:
        say_json({"findings": [_json(*each) for each in named], "counts": counts, "exit_code": code})
    else:
        click.echo(_summary(counts))
    return code


def _test_recipient(to: str | None, organization: str | None, *, is_demo: bool) -> "Mailbox | None":
    """The recipient of a test send, if one is asked for. Raises UsageError for an invalid address or combination."""
    if organization is not None and to is None:
        raise click.UsageError("--org chooses the report of a test send: give it with --send-test.")
    if to is None:
        return None
    if is_demo:
        raise click.UsageError("--send-test sends an email, --demo sends nothing: give one of them.")
    from reporter.domain.mailbox import read_mailbox

    try:
        return read_mailbox(to)
    except DeliveryError as error:
        raise UsageError(f"--send-test: {error}") from error


def _json(name: str, result: "CheckResult") -> dict[str, object]:
    return {
        "check": name,
        "level": result.level,
        "text": result.text,
        "mend": result.fixes,
        "exit_code": result.exit_code,
    }


def _lines(name: str, result: "CheckResult") -> Iterator[str]:
    level = click.style(f"{result.level:<8}", fg=_COLORS[result.level], bold=result.level != "ok")
    yield f"{level} {name:<14} {one_line(result.text)}"
    for fix in result.fixes:
        yield f"{'':<8} {'':<14} {one_line(fix)}"


def _summary(counts: dict[str, int]) -> str:
    levels = [
        f"{number} {level}" if level == "ok" or number == 1 else f"{number} {level}s"
        for level, number in counts.items()
        if number
    ]
    verdict = "a run would fail" if counts["problem"] else "a run has everything it needs"
    return f"\n{sum(counts.values())} checks: {', '.join(levels)}; {verdict}."


def _send_test(to: "Mailbox", organization: str | None, examined: "LoadedConfig") -> "CheckResult":
    """Send one report end to end; anything that prevents it is reported as a problem."""
    import asyncio

    from reporter.cli import setup
    from reporter.doctor.check_result import problem, well

    try:
        config = examined.sound()
        report, sent = asyncio.run(_sent_test(to, organization, config, setup.clock()))
    except ReporterError as error:
        return problem("it was not sent", *str(error).splitlines(), exit_code=error.exit_code)
    delivery = sent.delivery
    what = f"{report.organization.title}, {report.window.period} {report.window.label}, to {delivery.recipient}"
    where = f"stored as {config.output / sent.path}"
    if delivery.status is DeliveryStatus.ACCEPTED:
        hint = "Check whether it arrived, and not as spam: its Authentication-Results show SPF, DKIM, and DMARC."
        return replace(well(f"{what}: accepted by the mail server ({delivery.reply}), {where}"), fixes=(hint,))
    exit_code, meaning, fix = _NOT_ACCEPTED[delivery.status]
    return problem(f"{what}: {meaning} ({delivery.reply}), {where}", fix, exit_code=exit_code)


async def _sent_test(
    to: "Mailbox", organization: str | None, config: "Config", now: datetime
) -> "tuple[PlannedReport, TestSendResult]":
    import uuid

    from reporter.archive.store import Archive
    from reporter.cli import running, setup
    from reporter.ledger.opening import open_ledger
    from reporter.rendering.worker import RenderPool
    from reporter.test_send import TestSendContext, send_test

    if config.key is None:
        raise UsageError(f"There is no API key: {setup.NO_KEY}.")
    if config.smtp is None:
        raise UsageError("There is no mail server: set [smtp] or HYPERREP_SMTP_HOST.")
    archive = Archive(config.output)
    archive.check_writable()
    sender = running.sender_settings(config, is_demo=False, is_rehearsal=False)
    try:
        async with setup.source(config, now, is_demo=False) as source, RenderPool(1) as pool:
            report = _latest_report(to, organization, config, await source.organizations(), now)
            run, clock = uuid.uuid4().hex, setup.machine_clock
            with open_ledger(archive.root, config.ledger, run=run, clock=clock, sends=True) as ledger:
                context = TestSendContext(source, ledger, pool, archive.root, sender, now)
                return report, await send_test(report, to, context)
    finally:
        sender.channel.close()


def _latest_report(
    to: "Mailbox", name: str | None, config: "Config", known: "Sequence[Organization]", now: datetime
) -> "PlannedReport":
    """The organization's latest report. Operators may get it at any domain, others only at an allowed one."""
    from reporter.cli import setup
    from reporter.domain.mailbox import outside
    from reporter.planning import PlannedReport, Selection, choose

    selection = Selection((name,) if name else ())
    organization, report = choose(selection, config.reports, config.defaults, known)[0]
    if to.canonical in {operator.canonical for operator in config.ops.recipients}:
        report = replace(report, allowed_domains=None)
    if reason := outside(to.canonical, report.allowed_domains):
        raise UsageError(f"{reason}, or name the address in `recipients` of [ops]")
    return PlannedReport(organization, report, setup.window(report, now))
