"""DNS queries with a time limit, and the SPF policy of a domain (RFC 7208): which servers may send its email."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

SECONDS = 5.0
"""Time limit for one query, over all servers."""

MOST_LOOKUPS = 10
"""Maximum number of terms that cause DNS lookups; with more, the record is invalid (RFC 7208, 4.6.4)."""

_TERM = re.compile(r"[+?~-]?(?P<name>include|redirect|exists|all|ip4|ip6|a|mx|ptr)(?P<rest>[:=/].*)?", re.IGNORECASE)
_ASKING = {"include", "redirect", "exists", "a", "mx", "ptr"}
_UNFORESEEABLE = {"exists", "a", "mx", "ptr"}
"""Terms that may allow a provider's servers, which cannot be determined from the record alone."""


class DnsUnanswered(Exception):
    """The DNS could not be queried or did not answer, so the records are unknown."""


class DnsResolver:
    """Queries this machine's name servers, or the one at `server` (address and port)."""

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        self._server = server

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records of the name; empty if it has none or is invalid. Raises DnsUnanswered."""
        try:
            asked = dns.name.from_text(name)
        except dns.exception.DNSException:
            return ()
        try:
            answer = self._resolver().resolve(asked, "TXT", lifetime=SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise DnsUnanswered(_reason(name, error)) from error
        return tuple(b"".join(record.strings).decode("ascii", "backslashreplace") for record in answer)

    def _resolver(self) -> dns.resolver.Resolver:
        if self._server is None:
            return dns.resolver.Resolver()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*self._server)]
        return resolver


def _reason(name: str, error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return f"no name server answered within {SECONDS:.0f} seconds"
    if isinstance(error, dns.resolver.NoNameservers):
        return f"the name servers could not answer for {name}"
    return "this machine cannot query a name server"


def tagged(record: str) -> dict[str, str]:
    """The tags of a record like `v=DMARC1; p=none`; of duplicates, the first."""
    pairs = (part.partition("=") for part in reversed(record.split(";")) if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


@dataclass
class SpfPolicy:
    """Contents of a domain's record and those it includes. `ending` is the `all` term as written, if any."""

    records: tuple[str, ...]
    lookups: int = 0
    ending: str | None = None
    included: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    networks: list[IPv4Network | IPv6Network] = field(default_factory=list)
    may_allow_more: bool = False

    def leaves_out(self, other: "SpfPolicy") -> bool:
        """Whether this policy definitely allows no server that the other one allows."""
        if self.may_allow_more or not other.networks:
            return False
        pairs = ((mine, its) for mine in self.networks for its in other.networks if mine.version == its.version)
        return not any(mine.overlaps(its) for mine, its in pairs)


def policy_of(domain: str, names: DnsResolver) -> SpfPolicy:
    """The domain's policy, as far as its record and the first ten lookups determine it. Raises DnsUnanswered."""
    policy = SpfPolicy(_records(domain, names))
    if len(policy.records) == 1:
        _follow(policy.records[0], policy, names, is_own=True)
    return policy


def _records(domain: str, names: DnsResolver) -> tuple[str, ...]:
    return tuple(text for text in names.texts(domain) if f"{text} ".lower().startswith("v=spf1 "))


def _follow(record: str, policy: SpfPolicy, names: DnsResolver, *, is_own: bool) -> None:
    """Add the terms of a record, and of those that it includes, each domain once, so that circular includes end."""
    for found in filter(None, map(_TERM.fullmatch, record.split()[1:])):
        name, rest = found["name"].lower(), found["rest"] or ""
        policy.lookups += name in _ASKING
        policy.may_allow_more |= name in _UNFORESEEABLE or "%" in rest
        if name in {"ip4", "ip6"}:
            with suppress(ValueError):
                policy.networks.append(ip_network(rest[1:], strict=False))
        if name == "all" and is_own:
            policy.ending = found[0].lower()
        domain = rest[1:].rstrip(".").lower()
        is_followed = name in {"include", "redirect"} and "%" not in rest and policy.lookups <= MOST_LOOKUPS
        if is_followed and domain not in policy.included:
            policy.included.add(domain)
            records = _records(domain, names)
            if len(records) == 1:
                _follow(records[0], policy, names, is_own=is_own and name == "redirect")
            else:
                policy.broken.append(domain)
