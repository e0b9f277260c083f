"""Listening sockets of the commands that serve HTTP, and their URLs."""

import socket

from reporter.domain.errors import UsageError


def listen(what: str, host: str, port: int) -> socket.socket:
    """A socket listening on the host and port (0: any free one). Raises UsageError, which begins with `what`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a host name"
        raise UsageError(
            f"{what} cannot listen on {host} port {port}: {reason}. Choose another with --host or --port."
        ) from error


def url(listener: socket.socket, host: str) -> str:
    """The listener's URL under this host name, without a trailing slash."""
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
