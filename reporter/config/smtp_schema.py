"""The part of the schema about the mail server and the ways to log in to it."""

from reporter.config.kinds import Key, Table, choice, number
from reporter.config.values import (
    ADDRESS,
    CERTIFICATES,
    CLIENT_CERTIFICATE,
    COMMAND,
    HOST,
    SERVICE_ACCOUNT,
    TENANT,
    TEXT,
    TOKEN_URL,
)
from reporter.delivery.smtp.smtp_settings import Security

MICROSOFT_SCOPE = "https://outlook.office365.com/.default"

MICROSOFT = Table(
    "A login to Microsoft 365 as an application, whose secret is in the environment.",
    {
        "tenant": Key(
            "The tenant's id or domain. Required, unless `token_url` is given.", TENANT, '"example.onmicrosoft.com"'
        ),
        "client_id": Key("The application's client id. Required.", TEXT, '"11111111-2222-3333-4444-555555555555"'),
        "certificate_file": Key(
            "The application's certificate with its private key, instead of a secret, relative to this file.",
            CLIENT_CERTIFICATE,
            '"application.pem"',
        ),
        "token_url": Key(
            "The address that issues tokens in a national cloud.",
            TOKEN_URL,
            '"https://login.microsoftonline.us/example.onmicrosoft.us/oauth2/v2.0/token"',
            "the tenant's in the global cloud",
        ),
        "scope": Key(
            "The scope of the token in a national cloud.",
            TEXT,
            '"https://outlook.office365.us/.default"',
            f"`{MICROSOFT_SCOPE}`",
        ),
    },
    '{ tenant = "example.onmicrosoft.com", client_id = "11111111-2222" }',
)

GOOGLE = Table(
    "A login to Google Workspace as a service account that acts for the mailbox.",
    {
        "key_file": Key(
            "The service account's key file from Google, relative to this file. Required.",
            SERVICE_ACCOUNT,
            '"service-account.json"',
        ),
        "token_url": Key(
            "The address that issues tokens.",
            TOKEN_URL,
            '"https://oauth2.googleapis.com/token"',
            "the one in the key file",
        ),
    },
    '{ key_file = "service-account.json" }',
)

SMTP = Table(
    "The mail server. Without a host, emails are archived but not sent.",
    {
        "host": Key("The server's name.", HOST, '"smtp.example.com"'),
        "port": Key(
            "The server's port.",
            number("1", "65535", of=int),
            "587",
            "`587` for starttls, `465` for tls, `25` for none",
        ),
        "security": Key("How the connection is protected.", choice(tuple(Security)), '"starttls"', "`starttls`"),
        "from": Key("The sender. Required with a host.", ADDRESS, '"Reports <reports@example.com>"'),
        "reply_to": Key("The address for replies.", ADDRESS, '"ada@example.com"', "the sender"),
        "username": Key(
            "The account, if the server requires a login; its password is a secret, below. With tokens, the mailbox.",
            TEXT,
            '"reports"',
            "with tokens, the sender's address",
        ),
        "ca_file": Key(
            "Certificate authorities to trust, relative to this file.",
            CERTIFICATES,
            '"authorities.pem"',
            "the system's",
        ),
        "timeout": Key("Seconds to wait for one reply.", number("1", "600", of=float), "300", "`300`"),
        "connections": Key(
            "The most connections at the same time; Microsoft 365 allows 3.", number("1", "20", of=int), "3", "`1`"
        ),
        "messages_per_minute": Key(
            "The most emails in a minute, over all connections; Microsoft 365 allows 30.",
            number("1", "100000", of=int),
            "30",
            "no limit",
        ),
        "messages_per_connection": Key(
            "The number of emails after which a connection is replaced.", number("1", "10000", of=int), "100", "`100`"
        ),
        "token_command": Key(
            "A command that prints a token to log in with. It runs without a shell, and must not contain a secret.",
            COMMAND,
            '["vault", "read", "-field=access_token", "oauth/reports"]',
        ),
        "microsoft": MICROSOFT,
        "google": GOOGLE,
    },
)
