"""The part of the schema about the mail server and the ways to log in to it."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from reporter.config.kinds import choice, number
from reporter.config.named_files import CERTIFICATES, CLIENT_CERTIFICATE, SERVICE_ACCOUNT
from reporter.config.toml_tables import Keys, key
from reporter.config.values import ADDRESS, COMMAND, HOST, TENANT, TEXT, TOKEN_URL
from reporter.delivery.smtp.smtp_settings import ClientCertificate, GoogleServiceAccount, Security

MICROSOFT_SCOPE = "https://outlook.office365.com/.default"


class MicrosoftKeys(Keys):
    """A login to Microsoft 365 as an application, whose secret is in the environment."""

    tenant: Annotated[str, TENANT] = key(
        "The tenant's id or domain. Required, unless `token_url` is given.",
        '"example.onmicrosoft.com"',
        environment="HYPERREP_SMTP_MICROSOFT_TENANT",
    )
    client_id: Annotated[str, TEXT] = key(
        "The application's client id. Required.",
        '"11111111-2222-3333-4444-555555555555"',
        environment="HYPERREP_SMTP_MICROSOFT_CLIENT_ID",
    )
    certificate_file: Annotated[ClientCertificate, CLIENT_CERTIFICATE] = key(
        "A certificate of the application with its private key, instead of a secret, relative to this file.",
        '"application.pem"',
        environment="HYPERREP_SMTP_MICROSOFT_CERTIFICATE_FILE",
    )
    token_url: Annotated[str, TOKEN_URL] = key(
        "Where tokens come from in a national cloud.",
        '"https://login.microsoftonline.us/example.onmicrosoft.us/oauth2/v2.0/token"',
        default="the tenant's in the global cloud",
        environment="HYPERREP_SMTP_MICROSOFT_TOKEN_URL",
    )
    scope: Annotated[str, TEXT] = key(
        "What the token is for, in a national cloud.",
        '"https://outlook.office365.us/.default"',
        default=f"`{MICROSOFT_SCOPE}`",
        environment="HYPERREP_SMTP_MICROSOFT_SCOPE",
    )


class GoogleKeys(Keys):
    """A login to Google Workspace as a service account that stands in for the mailbox."""

    key_file: Annotated[GoogleServiceAccount, SERVICE_ACCOUNT] = key(
        "The service account's key as Google gives it, relative to this file. Required.",
        '"service-account.json"',
        environment="HYPERREP_SMTP_GOOGLE_KEY_FILE",
    )
    token_url: Annotated[str, TOKEN_URL] = key(
        "Where tokens come from.",
        '"https://oauth2.googleapis.com/token"',
        default="what the key file says",
        environment="HYPERREP_SMTP_GOOGLE_TOKEN_URL",
    )


class SmtpKeys(Keys):
    """The mail server. Without a host, mails are written into the archive and sent by nobody."""

    host: Annotated[str, HOST] = key("The server's name.", '"smtp.example.com"', environment="HYPERREP_SMTP_HOST")
    port: Annotated[int, number("1", "65535", whole=True)] = key(
        "The server's port.",
        "587",
        default="`587` for starttls, `465` for tls, `25` for none",
        environment="HYPERREP_SMTP_PORT",
    )
    security: Annotated[Security, choice(Security)] = key(
        "How the connection is protected.", '"starttls"', default="`starttls`", environment="HYPERREP_SMTP_SECURITY"
    )
    sender: Annotated[str, ADDRESS] = key(
        "Who the mails come from. Required with a host.",
        '"Reports <reports@example.com>"',
        environment="HYPERREP_SMTP_FROM",
        alias="from",
    )
    reply_to: Annotated[str, ADDRESS] = key("Where answers go.", '"ada@example.com"', default="the sender")
    username: Annotated[str, TEXT] = key(
        "The account, if the server asks for one; its password is in the environment. With tokens, the mailbox.",
        '"reports"',
        default="with tokens, the sender's address",
        environment="HYPERREP_SMTP_USERNAME",
    )
    ca_file: Annotated[Path, CERTIFICATES] = key(
        "Certificate authorities to trust, relative to this file.",
        '"authorities.pem"',
        default="the system's",
        environment="HYPERREP_SMTP_CA_FILE",
    )
    timeout: Annotated[Decimal, number("1", "600")] = key("Seconds to wait for one reply.", "300", default="`300`")
    connections: Annotated[int, number("1", "20", whole=True)] = key(
        "The most connections at once; Microsoft 365 allows 3.", "3", default="`1`"
    )
    messages_per_minute: Annotated[int, number("1", "100000", whole=True)] = key(
        "The most mails in a minute, over all connections; Microsoft 365 allows 30.", "30", default="no limit"
    )
    messages_per_connection: Annotated[int, number("1", "10000", whole=True)] = key(
        "The mails after which a connection is replaced.", "100", default="`100`"
    )
    token_command: Annotated[tuple[str, ...], COMMAND] = key(
        "A command that prints a token to log in with. No shell reads it, and no secret belongs into it.",
        '["vault", "read", "-field=access_token", "oauth/reports"]',
    )
    microsoft: MicrosoftKeys = key(
        "A login to Microsoft 365.", '{ tenant = "example.onmicrosoft.com", client_id = "11111111-2222" }'
    )
    google: GoogleKeys = key("A login to Google Workspace.", '{ key_file = "service-account.json" }')
