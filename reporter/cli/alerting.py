"""Monitoring of a run, whichever command started it: its heartbeat, and the operator alerts after it."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from reporter.cli import INTERRUPTED, setup
from reporter.cli.summary import print_summary
from reporter.config.settings import Config
from reporter.domain.errors import ReporterError
from reporter.outcome import RunOutcome

if TYPE_CHECKING:
    from reporter.alerts.alert_channels import Alert
    from reporter.delivery.channel import Channel

log = structlog.get_logger(__name__)

_TIMEOUT = 20.0
"""Seconds an alert waits for each reply of the mail server; a report may wait for minutes."""


def watched(
    run: Callable[[], RunOutcome], config: Config, *, is_real: bool, sends: bool, as_json: bool, quiet: bool
) -> int:
    """Carry out a monitored run, print its outcome on stdout, and return its exit code.

    Operators are alerted only if the run `sends`; the heartbeat is called only if it `is_real`. Failures of either do
    not change the run's exit code or the exception it raises.
    """
    heartbeat = None
    if is_real and config.ops.heartbeat:
        from reporter.alerts.heartbeat import Heartbeat  # slow to load, and seldom configured

        heartbeat = Heartbeat(config.ops.heartbeat).begin()
    exit_code = INTERRUPTED
    try:
        outcome = run()
        print_summary(outcome, as_json=as_json, quiet=quiet)
        if sends:
            _alert(config, outcome)
        exit_code = outcome.exit_code
    except Exception as error:
        exit_code = error.exit_code if isinstance(error, ReporterError) else 1
        if sends:
            _alert(config, error, exit_code)
        raise
    finally:
        if heartbeat:
            heartbeat.end(exit_code)
    return exit_code


def _alert(config: Config, end: RunOutcome | Exception, exit_code: int = 0) -> None:
    """Alert operators about the run's outcome. The imports are needed only for a run that sends."""
    from reporter.alerts.alert_state import AlertState
    from reporter.alerts.incident import of_error, of_outcome
    from reporter.alerts.notify import notify

    now = setup.machine_clock()
    findings = of_outcome(end) if isinstance(end, RunOutcome) else of_error(end, exit_code)
    try:
        notify(findings, AlertState(config.output), _channels(config), host=socket.gethostname(), now=now)
    except Exception as error:  # noqa: BLE001 - an unexpected error in an alert must not fail the run
        log.error("alert.crashed", error=type(error).__name__)  # noqa: TRY400 - a traceback might show an address


def _channels(config: Config) -> "Sequence[Channel[Alert]]":
    """The configured channels, services first: the mail server may be what has failed, and slow to time out."""
    from reporter.alerts.alert_channels import EmailAlertChannel, ServiceAlertChannel
    from reporter.delivery.smtp.smtp_channel import SmtpChannel

    channels: list[Channel[Alert]] = []
    if config.ops.services:
        channels.append(ServiceAlertChannel(config.ops.services))
    if (smtp := config.smtp) and config.ops.recipients:
        hasty = replace(smtp, timeout=min(smtp.timeout, _TIMEOUT), connections=1)
        connect = partial(SmtpChannel, hasty, setup.machine_clock)
        channels.append(EmailAlertChannel(connect, smtp.sender, config.ops.recipients, setup.machine_clock))
    return channels
