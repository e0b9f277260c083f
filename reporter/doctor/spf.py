"""SPF policy of a domain (RFC 7208), with its includes: which servers may send its email."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from reporter.doctor.dns import DnsResolver

MOST_LOOKUPS = 10
"""Maximum number of terms that cause DNS lookups; with more, the record is invalid (RFC 7208, 4.6.4)."""

_TERM = re.compile(r"[+?~-]?(?P<name>include|redirect|exists|all|ip4|ip6|a|mx|ptr)(?P<rest>[:=/].*)?", re.IGNORECASE)
_ASKING = {"include", "redirect", "exists", "a", "mx", "ptr"}
_UNFORESEEABLE = {"exists", "a", "mx", "ptr"}
"""Terms that may allow a provider's servers, which cannot be determined from the record alone."""


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
    for name, rest, term in _terms(record):
        policy.lookups += name in _ASKING
        policy.may_allow_more |= name in _UNFORESEEABLE or "%" in rest
        if name in {"ip4", "ip6"}:
            with suppress(ValueError):
                policy.networks.append(ip_network(rest[1:], strict=False))
        if name == "all" and is_own:
            policy.ending = term.lower()
        if name in {"include", "redirect"} and "%" not in rest and policy.lookups <= MOST_LOOKUPS:
            _enter(rest[1:].rstrip(".").lower(), policy, names, is_own=is_own and name == "redirect")


def _enter(domain: str, policy: SpfPolicy, names: DnsResolver, *, is_own: bool) -> None:
    """Follow an include, each domain once, so that circular includes end."""
    if domain in policy.included:
        return
    policy.included.add(domain)
    found = _records(domain, names)
    if len(found) != 1:
        policy.broken.append(domain)
        return
    _follow(found[0], policy, names, is_own=is_own)


def _terms(record: str) -> Iterator[tuple[str, str, str]]:
    for term in record.split()[1:]:
        if found := _TERM.fullmatch(term):
            yield found["name"].lower(), found["rest"] or "", term
