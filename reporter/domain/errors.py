"""Every error that the program raises, with the exit code that a script sees.

    ReporterError
    ├── UsageError              2   an option, date, time zone, currency, locale, or path is invalid
    ├── ConfigurationError      2   the configuration has problems (all of them at once)
    ├── ApiError
    │   ├── ApiKeyRefused       3   the key is missing, invalid, inactive, or expired
    │   ├── ApiUnreachable      3   no response, or only 429 and 5xx, within the time budget
    │   ├── ApiRefused          1   the API understood this request and rejected it
    │   └── ApiAnswerInvalid    1   a response lacks what a report needs
    ├── RenderError             1   the document could not be rendered without an error or a warning
    ├── ArchiveError            1   the archive could not be read or written
    ├── LedgerError             2   the ledger cannot be used, so nothing is sent
    └── DeliveryError           1   an email could not be built or sent

A message says what failed, on what value, and how to fix it. No message contains a secret.
"""

from collections.abc import Sequence
from pathlib import Path


class ReporterError(Exception):
    """Base class of all errors with a message for the operator; `exit_code` is what a script sees."""

    exit_code = 1


class UsageError(ReporterError):
    """An invalid option or value from the operator; nothing was requested, written, or sent."""

    exit_code = 2


class ConfigurationError(ReporterError):
    """The configuration is invalid; `problems` contains one sentence for each error found."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        """Store every problem, so that the operator can fix all of them at once."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ApiError(ReporterError):
    """The HyperRep API did not return what was requested."""


class ApiKeyRefused(ApiError):
    """The API rejected the key, for every organization."""

    exit_code = 3


class ApiUnreachable(ApiError):
    """The API could not be reached, or kept failing until the time budget was used up."""

    exit_code = 3


class ApiRefused(ApiError):
    """The API understood the request and rejected it (400, 404, 422, a redirect)."""


class ApiAnswerInvalid(ApiError):
    """The API returned a response that a report cannot be rendered from; the message names the field."""


class RenderError(ReporterError):
    """The document could not be rendered, or the renderer issued a warning.

    `file` and `line` locate the cause in a template; None if unknown.
    """

    def __init__(self, message: str, file: Path | None = None, line: int | None = None) -> None:
        """Store the location as well, so that a caller can show that line."""
        super().__init__(message)
        self.file = file
        self.line = line


class ArchiveError(ReporterError):
    """The archive cannot be read or written; its previous content is unchanged."""


class LedgerError(ReporterError):
    """The ledger cannot be read or written, or is not the one that knows what was sent; then nothing is sent."""

    exit_code = 2


class DeliveryError(ReporterError):
    """An email could not be built or sent; nothing left this machine."""


def installing(extra: str) -> str:
    """How to install a missing extra, into an environment and into the image, for error messages.

    Neither distribution is published on a package index, so every command works from a checkout.
    """
    if extra == "cjk":  # only the project's own package of fonts
        return "in a checkout, pip install --no-deps ./packages/hyperrep-report-cjk; the image has it"
    return (
        f"in a checkout, pip install --no-deps --require-hashes -r requirements/{extra}.txt; "
        f"for the image, docker build --build-arg EXTRAS={extra}"
    )
