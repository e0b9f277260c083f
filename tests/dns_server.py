"""A real name server for tests: TXT records over UDP on a free loopback port, in a thread of this process.

with dns_server({"acme.example.net": ["v=spf1 -all"]}) as server:
    DnsResolver(server.address).texts("acme.example.net")
"""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class DnsServer:
    """The records, the address, and the names looked up, in lower case; with `refuses`, every query fails."""

    texts: Mapping[str, Sequence[str]]
    refuses: bool = False
    address: tuple[str, int] = ("127.0.0.1", 0)
    asked: list[str] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes:
        """The answer to one query: the texts, none, or that there is no such name."""
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if self.refuses:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT and self.texts[name]:
            quoted = [_quoted(text) for text in self.texts[name]]
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        return answer.to_wire()


@contextmanager
def dns_server(texts: Mapping[str, Sequence[str]], *, refuses: bool = False) -> Iterator[DnsServer]:
    """The server, running until the block ends."""
    server = DnsServer(texts, refuses)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(server.address)
        server.address = listener.getsockname()
        thread = threading.Thread(target=_serve, args=[listener, server], daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as farewell:
                farewell.sendto(b"", server.address)
            thread.join()


def _serve(listener: socket.socket, server: DnsServer) -> None:
    while True:
        wire, whom = listener.recvfrom(65535)
        if not wire:
            return
        listener.sendto(server.answer(wire), whom)


def _quoted(text: str) -> str:
    """A text as strings of at most 255 bytes, as in a zone file: every byte by its number."""
    pieces = (text[start : start + 255] for start in range(0, len(text), 255))
    return " ".join('"' + "".join(f"\\{byte:03}" for byte in piece.encode("ascii")) + '"' for piece in pieces)
