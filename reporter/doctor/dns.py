"""DNS queries with a time limit: TXT records of a name."""

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

SECONDS = 5.0
"""Time limit for one query, over all servers."""


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


def tagged(record: str) -> dict[str, str]:
    """The tags of a record like `v=DMARC1; p=none`; of duplicates, the first."""
    pairs = (part.partition("=") for part in reversed(record.split(";")) if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _reason(name: str, error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return f"no name server answered within {SECONDS:.0f} seconds"
    if isinstance(error, dns.resolver.NoNameservers):
        return f"the name servers could not answer for {name}"
    return "this machine can ask no name server"
