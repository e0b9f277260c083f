"""What the DNS says, asked with a time limit: the texts at a name, or that nobody could be asked."""

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

SECONDS = 5.0
"""How long to wait for the answer to one question, every server tried."""


class DnsUnanswered(Exception):
    """The DNS could not be asked, or did not answer: what stands there is not known."""


class DnsResolver:
    """Asks this machine's name servers, or the one at `server`: an address and a port."""

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        self._server = server

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records at the name, none where there is nothing or nothing can be. Raises Unanswered."""
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
    """The tags of a record like `v=DMARC1; p=none`: of several with one name the first."""
    pairs = (part.partition("=") for part in reversed(record.split(";")) if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _reason(name: str, error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return f"no name server answered within {SECONDS:.0f} seconds"
    if isinstance(error, dns.resolver.NoNameservers):
        return f"the name servers could not answer for {name}"
    return "this machine can ask no name server"
