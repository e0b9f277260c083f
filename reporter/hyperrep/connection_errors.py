"""Translate the HTTP transport's exceptions to the project's own, transient or permanent."""

import ssl

import httpx

from reporter.domain.errors import ApiUnreachable
from reporter.hyperrep.retry import TransientError

_PASSING = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError)


def connection_error(error: httpx.RequestError, endpoint: str, host: str) -> Exception:
    """A TransientError if a retry may help, otherwise the error to show."""
    untrusted = _certificate_fault(error)
    if untrusted is not None:
        return ApiUnreachable(
            f"The certificate of {host} is not trusted ({untrusted.verify_message}), so the key was not sent. "
            "Where your network has its own certificate authority, name its file in SSL_CERT_FILE."
        )
    reason = str(error) or type(error).__name__
    if isinstance(error, _PASSING):
        return TransientError(f"the connection failed ({reason})")
    return ApiUnreachable(f"The API at {host} could not be asked for {endpoint} ({reason}).")


def _certificate_fault(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """The certificate verification error that caused this error, if any."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
