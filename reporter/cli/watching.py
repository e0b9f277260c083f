"""How a run is watched over: its heartbeat, and the notices to operators after it, whichever command began it."""

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from reporter.cli import INTERRUPTED, setting, summary
from reporter.config.settings import Config
from reporter.delivery.smtp_settings import SmtpSettings
from reporter.errors import ReporterError
from reporter.outcome import RunOutcome

if TYPE_CHECKING:
    from reporter.operators.heartbeat import Heartbeat
    from reporter.operators.interface import Channel
    from reporter.operators.mail import MailChannel

log = structlog.get_logger(__name__)

_PATIENCE = 20.0
"""Seconds that a notice waits for each of the mail server's replies: a reader's mail may be worth minutes."""


def watched(
    run: Callable[[], RunOutcome], config: Config, *, is_real: bool, sends: bool, as_json: bool, quiet: bool
) -> int:
    """The exit code of a run that is watched over, after its end was told on stdout.

    Operators are told what they must know where the run `sends`, and no heart beats unless it `is_real`. Whatever
    becomes of that, the run's end is its own, and so is what it raises.
    """
    heart = _heart(config.ops.heartbeat) if is_real and config.ops.heartbeat else None
    exit_code = INTERRUPTED
    try:
        outcome = run()
        summary.tell(outcome, as_json=as_json, quiet=quiet)
        if sends:
            _tell(config, outcome)
        exit_code = outcome.exit_code
    except Exception as error:
        exit_code = error.exit_code if isinstance(error, ReporterError) else 1
        if sends:
            _tell(config, error, exit_code)
        raise
    finally:
        if heart:
            heart.end(exit_code)
    return exit_code


def _heart(url: SecretStr) -> "Heartbeat":
    """A heart that beats already."""
    from reporter.operators.heartbeat import Heartbeat  # noqa: PLC0415 - slow to load, and seldom configured

    return Heartbeat(url).begin()


def _tell(config: Config, end: RunOutcome | Exception, exit_code: int = 0) -> None:
    """Tell operators of the run's end. What that takes is loaded only for a run that sends."""
    from reporter.operators.memory import Memory  # noqa: PLC0415
    from reporter.operators.tell import tell  # noqa: PLC0415
    from reporter.operators.trouble import of_error, of_outcome  # noqa: PLC0415

    now = setting.machine_clock()
    seen = of_outcome(end) if isinstance(end, RunOutcome) else of_error(end, exit_code)
    try:
        tell(seen, Memory(config.output), _channels(config), host=socket.gethostname(), now=now)
    except Exception as error:  # noqa: BLE001 - what nobody foresaw about a notice is none of the reports' affair
        log.error("notice.crashed", error=type(error).__name__)  # noqa: TRY400 - a traceback might show an address


def _channels(config: Config) -> "tuple[Channel, ...]":
    """Services first: the mail server may be what is in trouble, and slow to say so."""
    from reporter.operators.services import ServiceChannel  # noqa: PLC0415 - as in `_tell`

    services = (ServiceChannel(config.ops.services),) if config.ops.services else ()
    mail = (_mail(config.smtp, config.ops.recipients),) if config.smtp and config.ops.recipients else ()
    return (*services, *mail)


def _mail(settings: SmtpSettings, recipients: tuple[str, ...]) -> "MailChannel":
    # Slow to load, and mostly there is nothing to tell.
    from reporter.delivery.authentication import authentication_of  # noqa: PLC0415
    from reporter.delivery.smtp import SmtpTransport  # noqa: PLC0415
    from reporter.operators.mail import MailChannel  # noqa: PLC0415

    hasty = replace(settings, timeout=min(settings.timeout, _PATIENCE), connections=1)

    def transport() -> "SmtpTransport":
        return SmtpTransport(hasty, authentication=authentication_of(hasty, setting.machine_clock))

    return MailChannel(transport, settings.sender, recipients, setting.machine_clock)
