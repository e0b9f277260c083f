"""Where the commands that serve something listen, and the URL at which they do."""

import socket

from reporter.domain.errors import UsageError


def listen(what: str, host: str, port: int) -> socket.socket:
    """A socket that listens on this host and port (0: any free one); `what` begins the sentence of a UsageError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a host name"
        raise UsageError(
            f"{what} cannot listen on {host} port {port}: {reason}. Choose another with --host or --port."
        ) from error


def url(listener: socket.socket, host: str) -> str:
    """The URL that leads to the listener by this host's name, without a slash at its end."""
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
