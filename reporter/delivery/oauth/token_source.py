"""The seam of tokens: a source gives one when it is asked, and says what to mend when a mail server refuses it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from reporter.domain.errors import DeliveryError


@dataclass(frozen=True, slots=True)
class Token:
    """What a mail server takes instead of a password, and for how long from the moment it was asked for."""

    text: str = field(repr=False)
    lifetime: timedelta


class NoToken(DeliveryError):
    """A source gave no token; `is_passing` where asking again later may help without anyone's doing."""

    def __init__(self, sentence: str, *, is_passing: bool = False) -> None:
        """Keep the sentence, which holds no secret."""
        super().__init__(sentence)
        self.is_passing = is_passing


class TokenSource(Protocol):
    """Gives tokens for one mailbox."""

    @property
    def advice(self) -> str:
        """What to check when the mail server refuses its tokens, as the end of a sentence."""
        ...

    def fetch(self) -> Token:
        """A token that was not given before, as far as that is in the source's hands. Raises NoToken."""
        ...
