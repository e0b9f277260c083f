"""Every error the program raises, each with the exit code a script sees.

    ReporterError
    ├── UsageError              2   an option, date, zone, currency, locale or path is wrong
    ├── ConfigurationError      2   the configuration has problems (all of them at once)
    ├── ApiError
    │   ├── ApiKeyRefused       3   the key is missing, invalid, inactive or expired
    │   ├── ApiUnreachable      3   no answer, or only 429 and 5xx, within the time budget
    │   ├── ApiRefused          1   the API understood this request and refused it
    │   └── ApiAnswerInvalid    1   an answer lacks what a report needs
    ├── RenderError             1   the document could not be made without a flaw
    ├── ArchiveError            1   the archive could not be read or written
    ├── LedgerError             2   the ledger cannot remember, so nothing is sent
    └── DeliveryError           1   a mail could not be built or handed over

A message says what happened, to what, and what to do about it. No message holds a secret.
"""

from collections.abc import Sequence
from pathlib import Path


class ReporterError(Exception):
    """Base of every error this program explains in a sentence; `exit_code` is what a script sees."""

    exit_code = 1


class UsageError(ReporterError):
    """A wrong option or value given by the operator; nothing was asked, written or sent."""

    exit_code = 2


class ConfigurationError(ReporterError):
    """The configuration is wrong; `problems` holds one sentence for each fault found."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep every problem, so that the operator mends the file once."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ApiError(ReporterError):
    """The HyperRep API did not give what was asked."""


class ApiKeyRefused(ApiError):
    """The API refused the key, which holds for every organization."""

    exit_code = 3


class ApiUnreachable(ApiError):
    """The API could not be reached or kept failing until the time budget was spent."""

    exit_code = 3


class ApiRefused(ApiError):
    """The API understood the request and refused it (400, 404, 422, a redirect)."""


class ApiAnswerInvalid(ApiError):
    """The API answered something a report cannot be made from; the message names the field."""


class RenderError(ReporterError):
    """The document could not be rendered, or the renderer warned about it.

    `file` and `line` are the place in a template that is to blame, None where none is known.
    """

    def __init__(self, message: str, file: Path | None = None, line: int | None = None) -> None:
        """Keep the place beside the sentence that names it, for who wants to show what stands there."""
        super().__init__(message)
        self.file = file
        self.line = line


class ArchiveError(ReporterError):
    """The archive cannot be written or read; what was there before is untouched."""


class LedgerError(ReporterError):
    """The ledger cannot be read or written, or is not the one that knows what was sent; nothing is sent then."""

    exit_code = 2


class DeliveryError(ReporterError):
    """A mail could not be built or handed over before anything left this machine."""
