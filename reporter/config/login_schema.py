"""The login to the mail server, by password or by tokens of one source, and its consistency checks."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from reporter.config.layers import Layer
from reporter.config.problems import Place
from reporter.config.secrets import CLIENT_SECRET, SMTP_PASSWORD, Secrets
from reporter.config.smtp_schema import MICROSOFT_SCOPE
from reporter.delivery.smtp.smtp_settings import GoogleServiceAccount, MicrosoftApplication, Security, TokenCommand

SOURCES = ("token_command", "microsoft", "google")
"""The keys of [smtp] that configure a source of tokens."""

_MICROSOFT_ENDPOINT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"


def tokens_of(
    smtp: Mapping[str, Any], client_secret: SecretStr | None
) -> TokenCommand | MicrosoftApplication | GoogleServiceAccount | None:
    """The configured source of tokens, or None. Raises KeyError for missing values, which `login_gaps` reports."""
    if "token_command" in smtp:
        return TokenCommand(smtp["token_command"])
    if "microsoft" in smtp:
        return _application(smtp["microsoft"], client_secret)
    if "google" in smtp:
        account: GoogleServiceAccount = smtp["google"]["key_file"]
        return replace(account, token_url=smtp["google"].get("token_url", account.token_url))
    return None


def login_gaps(file: Layer, environment: Layer, secrets: Secrets) -> Iterator[str]:
    """One sentence for each missing or conflicting setting of the login."""
    where = file.named(("smtp",))
    sources = [f"smtp.{key}" for key in SOURCES if given(file, environment, key)]
    logins = [*(["a password"] if secrets.has_password else []), *sources]
    has_username = given(file, environment, "username")
    if len(logins) > 1:
        yield f"{where}: there are several logins, {', '.join(logins)}; keep one of them."
    if has_username and not logins:
        yield f"{where}: there is a username but no password; set {SMTP_PASSWORD} or {SMTP_PASSWORD}_FILE."
    if secrets.has_password and not has_username:
        yield f"{where}: there is a password but no username; set smtp.username or HYPERREP_SMTP_USERNAME."
    if logins and _security(file, environment) is Security.NONE:
        shown = "password" if secrets.has_password else "token"
        yield f"{where}: security none would show the {shown} on its way; set smtp.security to starttls or tls."
    yield from _application_gaps(file, environment, secrets)
    if given(file, environment, "google") and not given(file, environment, "google", "key_file"):
        yield f"{file.named(('smtp', 'google'))}: there is no key; set key_file or HYPERREP_SMTP_GOOGLE_KEY_FILE."


def given(file: Layer, environment: Layer, *key: str) -> bool:
    """Whether a key below [smtp] is given in either layer; an invalid value counts as given."""
    return any(_stands_in(layer, ("smtp", *key)) for layer in (file, environment))


def _stands_in(layer: Layer, place: Place) -> bool:
    found: Any = layer.values
    for part in place:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found is not None or any(fault[: len(place)] == place for fault in layer.faulty)


def _security(file: Layer, environment: Layer) -> Security | None:
    found: dict[str, Security] = {**file.values.get("smtp", {}), **environment.values.get("smtp", {})}
    return found.get("security")


def _application(values: Mapping[str, Any], client_secret: SecretStr | None) -> MicrosoftApplication:
    identity = client_secret.get_secret_value() if client_secret else values["certificate_file"]
    url = values.get("token_url") or _MICROSOFT_ENDPOINT.format(tenant=values["tenant"])
    return MicrosoftApplication(values["client_id"], identity, url, values.get("scope", MICROSOFT_SCOPE))


def _application_gaps(file: Layer, environment: Layer, secrets: Secrets) -> Iterator[str]:
    where = file.named(("smtp", "microsoft"))
    if not given(file, environment, "microsoft"):
        if secrets.has_client_secret:
            yield f"{CLIENT_SECRET}: there is no application to use it with; set smtp.microsoft.client_id."
        return
    if not given(file, environment, "microsoft", "client_id"):
        yield f"{where}: there is no application; set client_id or HYPERREP_SMTP_MICROSOFT_CLIENT_ID."
    if not given(file, environment, "microsoft", "tenant") and not given(file, environment, "microsoft", "token_url"):
        yield f"{where}: there is no tenant; set tenant or HYPERREP_SMTP_MICROSOFT_TENANT."
    has_certificate = given(file, environment, "microsoft", "certificate_file")
    if not has_certificate and not secrets.has_client_secret:
        yield f"{where}: there is neither a secret nor a certificate; set {CLIENT_SECRET} or certificate_file."
    if has_certificate and secrets.has_client_secret:
        yield f"{where}: there is a certificate and a secret; unset {CLIENT_SECRET}, or leave out certificate_file."
