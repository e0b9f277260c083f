"""The interface of token sources: a source returns a token and advises what to check if a mail server rejects it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from reporter.domain.errors import DeliveryError


@dataclass(frozen=True, slots=True)
class Token:
    """A token that replaces a password, and its lifetime from the moment it was requested."""

    text: str = field(repr=False)
    lifetime: timedelta


class NoToken(DeliveryError):
    """A source returned no token; `is_temporary` if a retry later may help without a fix."""

    def __init__(self, sentence: str, *, is_temporary: bool = False) -> None:
        """Store the message, which contains no secret."""
        super().__init__(sentence)
        self.is_temporary = is_temporary


class TokenSource(Protocol):
    """Returns tokens for one mailbox."""

    @property
    def advice(self) -> str:
        """What to check if the mail server rejects its tokens, as the end of a sentence."""
        ...

    def fetch(self) -> Token:
        """Fetch a token that was not returned before, as far as the source controls that. Raises NoToken."""
        ...
