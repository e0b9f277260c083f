"""Microsoft 365 tokens for an application: the client credentials grant, by secret or by certificate."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ssl import PEM_cert_to_DER_cert

from reporter.delivery.oauth.assertion import Signer
from reporter.delivery.oauth.endpoint import TokenEndpoint
from reporter.delivery.oauth.token_source import Token
from reporter.delivery.smtp.smtp_settings import ClientCertificate, MicrosoftApplication

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ENDPOINT_ADVICE = "check smtp.microsoft.tenant and client_id, and its secret or certificate, which may have run out"
_ADVICE = (
    "the application needs the permission SMTP.SendAsApp with an administrator's consent, a service principal in "
    "Exchange made with the object id of the enterprise application, the right to the mailbox in smtp.username, and "
    "SMTP AUTH switched on for that mailbox"
)


@dataclass(frozen=True, slots=True)
class MicrosoftTokens:
    """Fetches tokens for an application; `clock` dates the assertion that a certificate signs."""

    application: MicrosoftApplication
    clock: Callable[[], datetime]

    @property
    def advice(self) -> str:
        """What Exchange requires besides a valid token."""
        return _ADVICE

    def fetch(self) -> Token:
        """Fetch a new token; raises NoToken."""
        application = self.application
        secrets = self._proof()
        form = {
            "client_id": application.client_id,
            "scope": application.scope,
            "grant_type": "client_credentials",
            **secrets,
        }
        return TokenEndpoint(application.token_url, _ENDPOINT_ADVICE).ask(form, secrets.values())

    def _proof(self) -> dict[str, str]:
        """The form fields that authenticate the application."""
        identity = self.application.identity
        if isinstance(identity, str):
            return {"client_secret": identity}
        name, audience = self.application.client_id, self.application.token_url
        assertion = self._signer(identity).assertion(name, name, audience)
        return {"client_assertion_type": _JWT_BEARER, "client_assertion": assertion}

    def _signer(self, certificate: ClientCertificate) -> Signer:
        thumbprint = sha256(PEM_cert_to_DER_cert(certificate.certificate)).digest()
        named = {"x5t#S256": urlsafe_b64encode(thumbprint).rstrip(b"=").decode("ascii")}
        return Signer(certificate.key, "PS256", named, self.clock)
