"""Tokens from a command that the operator configures: `gcloud`, `az`, a vault's client. It runs without a shell."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from subprocess import DEVNULL, PIPE, Popen
from threading import Event, Timer

from reporter.delivery.oauth.token_source import NoToken, Token
from reporter.delivery.smtp.smtp_settings import TokenCommand
from reporter.domain.strings import concealed, one_line, shortened

TIMEOUT = 30.0
"""Time limit for a command, in seconds."""

LIFETIME = timedelta(minutes=5)
"""How long a token is used before the command runs again; only the command knows its real lifetime."""

_MAX_BYTES = 100_000
_LONGEST_REASON = 200
_SHORTEST_SECRET = 8
_TOKEN = re.compile(r"[\x21-\x7e]+")
_MAY_BE_SECRET = re.compile(r"[^\s'\":,;()<>]{20,}")
"""Strings as long as the parts of a token, which a failing command may print in its error message."""


@dataclass(frozen=True, slots=True)
class CommandTokens:
    """Tokens printed by a command; its stderr is shown shortened, with anything that may be a token removed."""

    command: TokenCommand
    timeout: float = TIMEOUT
    advice: str = "smtp.token_command must print a token for the mailbox in smtp.username that is good for SMTP"

    def fetch(self) -> Token:
        """Run the command and return the token it prints; raises NoToken."""
        process = self._start()
        with process, ThreadPoolExecutor(1) as thread, _stopped_after(self.timeout, process) as was_stopped:
            assert process.stdout
            assert process.stderr
            reading = thread.submit(process.stderr.read, _MAX_BYTES)
            output = process.stdout.read(_MAX_BYTES)
            is_too_long = len(output) >= _MAX_BYTES
            if is_too_long:
                _stop(process)
            errors, code = reading.result(), process.wait()
        text = output.decode("utf-8", "replace").strip()
        if was_stopped.is_set():
            raise self._error(f"did not end within {self.timeout:g} seconds")
        if code != 0 and not is_too_long:
            raise self._error(f"ended with code {code}{_last_line(errors, text)}")
        if is_too_long or not _TOKEN.fullmatch(text):
            raise self._error("printed something else than one token on a line of its own")
        return Token(text, LIFETIME)

    def _start(self) -> "Popen[bytes]":
        inherited = os.environ.items()  # noqa: TID251 - nothing is read from it: it is passed to the child process
        environment = {name: value for name, value in inherited if not name.startswith("HYPERREP_")}
        try:
            return Popen(  # noqa: S603 - the operator's own command, and no shell
                self.command.words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
            )
        except (OSError, ValueError) as error:
            raise self._error(f"cannot be run ({getattr(error, 'strerror', None) or error})") from None

    def _error(self, what: str) -> NoToken:
        """The error; it names the command by its first word only, as the others may be secret."""
        return NoToken(f"smtp.token_command ({self.command.words[0]}) {what}: run it by hand to see why")


@contextmanager
def _stopped_after(seconds: float, process: "Popen[bytes]") -> Iterator[Event]:
    """Stop the process and its children after `seconds`, and set the yielded event."""
    was_stopped = Event()

    def stop() -> None:
        was_stopped.set()
        _stop(process)

    timer = Timer(seconds, stop)
    timer.start()
    try:
        yield was_stopped
    except BaseException:
        _stop(process)
        raise
    finally:
        timer.cancel()


def _stop(process: "Popen[bytes]") -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _last_line(errors: bytes, output: str) -> str:
    """The last line of an error message, without anything that may be a secret."""
    lines = [line for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines:
        return ""
    shown = concealed(one_line(lines[-1]), (word for word in output.split() if len(word) >= _SHORTEST_SECRET))
    return f" ({shortened(_MAY_BE_SECRET.sub('…', shown), _LONGEST_REASON)})"
