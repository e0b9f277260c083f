"""Parse and validate email addresses before a message is built."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import idna

from reporter.domain.errors import DeliveryError
from reporter.domain.strings import one_line, shortened

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_NAMED = re.compile(r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^"\\<>@,;]*?))\s*<(?P<address>[^<>]*)>')
_LONGEST_LOCAL = 64
_LONGEST = 254
"""Maximum octets in RFC 5321 for the part before the `@`, and for a whole address."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name, perhaps empty, and an ASCII address; an internationalized domain is in its IDNA form."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part after the `@`."""
        return self.address.rpartition("@")[2]

    @property
    def canonical(self) -> str:
        """The form by which recipients are compared and recorded: the address in lower case."""
        return self.address.casefold()

    def __str__(self) -> str:
        """The mailbox as in an error message: `Ann Smith <ann@example.com>`."""
        return f"{self.name} <{self.address}>" if self.name else self.address


def read_mailbox(text: str) -> Mailbox:
    """The single mailbox in `name@example.com`, `Name <name@example.com>`, or `"Name, Inc." <name@example.com>`.

    Raises DeliveryError with the reason if there is none, more than one, or one that mail servers reject.
    """
    given = text.strip(" ")
    if one_line(given) != re.sub(" +", " ", given):
        raise _invalid(text, "it contains a line break or another control character")
    named = _NAMED.fullmatch(given)
    if named is None:
        return Mailbox("", _address(given, text))
    name = re.sub(r"\\(.)", r"\1", named["quoted"]) if named["quoted"] is not None else named["plain"]
    return Mailbox(one_line(name), _address(named["address"], text))


def _address(written: str, text: str) -> str:
    local, _, domain = written.rpartition("@")
    if not local or not domain:
        raise _invalid(text, "write it like name@example.com, or with a name like Ann Smith <name@example.com>")
    if not local.isascii():
        raise _invalid(
            text, "mail servers accept only ASCII letters before the @; ask the recipient for another address"
        )
    if not _LOCAL.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        raise _invalid(text, "the part before the @ is not a valid mailbox name")
    address = f"{local}@{_domain(domain, text)}"
    if len(address) > _LONGEST:
        raise _invalid(text, f"it is longer than the {_LONGEST} characters that mail servers accept")
    return address


def _domain(written: str, text: str) -> str:
    try:
        domain = _encoded(written)
    except UnicodeError as error:
        raise _invalid(text, f"the part after the @ is not a domain ({one_line(str(error))})") from error
    if domain.endswith("."):
        raise _invalid(text, "its domain ends with a dot")
    return domain


@lru_cache(maxsize=4096)
def _encoded(domain: str) -> str:
    """The domain in ASCII; cached, as thousands of recipients share a few domains."""
    return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")


def _invalid(text: str, reason: str) -> DeliveryError:
    return DeliveryError(f"{shortened(ascii(text), 90)} is not a valid email address: {reason}")


def outside(address: str, domains: Sequence[str] | None) -> str | None:
    """The reason why no email may go to this address if only `domains` are allowed; None if one may.

    Both are in lower case. A domain does not include its subdomains. An empty list allows nothing, None everything.
    """
    domain = address.rpartition("@")[2]
    if domains is None or domain in domains:
        return None
    allowed = ", ".join(domains) or "none at all"
    return (
        f"emails of this organization may not go to {domain}, only to {allowed}; change `allowed_domains` to allow it"
    )
