"""Tokens from a command that the operator configures: `gcloud`, `az`, a vault's client. It runs without a shell."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from subprocess import DEVNULL, PIPE, Popen
from threading import Event, Timer
from typing import IO

from reporter.delivery.oauth.token_source import NoToken, Token
from reporter.delivery.smtp.smtp_settings import TokenCommand
from reporter.domain.strings import concealed, one_line, shortened

SECONDS = 30.0
"""Time limit for a command, in seconds."""

KEPT = timedelta(minutes=5)
"""How long a token is used before the command runs again; only the command knows its real lifetime."""

_MOST_BYTES = 100_000
_LONGEST_REASON = 200
_SHORTEST_SECRET = 8
_TOKEN = re.compile(r"[\x21-\x7e]+")
_MAY_BE_SECRET = re.compile(r"[^\s'\":,;()<>]{20,}")
"""Strings as long as the parts of a token, which a failing command may print in its error message."""


@dataclass(frozen=True, slots=True)
class CommandTokens:
    """Tokens printed by a command; its stderr is shown shortened, with anything that may be a token removed."""

    command: TokenCommand
    seconds: float = SECONDS

    @property
    def advice(self) -> str:
        """What to check if its tokens are rejected."""
        return "smtp.token_command must print a token for the mailbox in smtp.username that is good for SMTP"

    def fetch(self) -> Token:
        """Run the command and return the token it prints; raises NoToken."""
        printed = self._printed()
        if printed.was_stopped:
            raise self._fault(f"did not end within {self.seconds:g} seconds")
        text = printed.output.decode("utf-8", "replace").strip()
        is_too_long = len(printed.output) >= _MOST_BYTES
        if printed.code != 0 and not is_too_long:
            raise self._fault(f"ended with code {printed.code}{_complaint(printed.complaint, text)}")
        if is_too_long or not _TOKEN.fullmatch(text):
            raise self._fault("printed something else than one token on a line of its own")
        return Token(text, KEPT)

    def _printed(self) -> "_Printed":
        inherited = os.environ.items()  # noqa: TID251 - nothing is read from it: it is passed to the child process
        environment = {name: value for name, value in inherited if not name.startswith("HYPERREP_")}
        words = self.command.words
        try:
            process = Popen(  # noqa: S603 - the operator's own command, and no shell
                words, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
            )
        except (OSError, ValueError) as error:
            raise self._fault(f"cannot be run ({getattr(error, 'strerror', None) or error})") from None
        with process, ThreadPoolExecutor(1) as reader, _ended(process, self.seconds) as was_stopped:
            assert process.stdout
            assert process.stderr
            complaint = reader.submit(_read, process.stderr)
            output = _read(process.stdout)
            if len(output) >= _MOST_BYTES:
                _stop(process)
            return _Printed(output, complaint.result(), process.wait(), was_stopped.is_set())

    def _fault(self, what: str) -> NoToken:
        """The error; it names the command by its first word only, as the others may be secret."""
        return NoToken(f"smtp.token_command ({self.command.words[0]}) {what}: run it by hand to see why")


@dataclass(frozen=True, slots=True)
class _Printed:
    output: bytes = field(repr=False)
    complaint: bytes = field(repr=False)
    code: int
    was_stopped: bool


@contextmanager
def _ended(process: "Popen[bytes]", seconds: float) -> Iterator[Event]:
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


def _read(pipe: IO[bytes]) -> bytes:
    """The output of the pipe, up to the limit."""
    return pipe.read(_MOST_BYTES)


def _complaint(raw: bytes, output: str) -> str:
    """The last line of an error message, without anything that may be a secret."""
    lines = [line for line in raw.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines:
        return ""
    shown = concealed(one_line(lines[-1]), (word for word in output.split() if len(word) >= _SHORTEST_SECRET))
    return f" ({shortened(_MAY_BE_SECRET.sub('…', shown), _LONGEST_REASON)})"
