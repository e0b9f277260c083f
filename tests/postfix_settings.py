"""The files that tests.postfix writes for Postfix 3.6 or later and Dovecot 2.3; both use nothing outside its folder."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

DOMAINS = ("acme.example", "xn--bcher-kva.example")
"""The domains of the server's mailboxes, with `bücher.example` by its name in the DNS."""

SMALL = 20_000
"""Size limit in bytes at the port `small`: no report fits."""

_LEAVE = "check_client_access static:{421 4.3.2 going down}"

DOORS: Mapping[str, tuple[str, ...]] = {
    "starttls": (),
    "tls": ("smtpd_tls_wrappermode=yes",),
    "login": ("smtpd_sasl_mechanism_filter=login",),
    "xoauth2": ("smtpd_sasl_mechanism_filter=xoauth2",),
    "small": (f"message_size_limit={SMALL}",),
    **{
        f"leaves-at-{stage}": ("smtpd_delay_reject=no", f"{{smtpd_{stage}_restrictions={_LEAVE}}}")
        for stage in ("helo", "sender", "recipient", "data")
    },
    "old": ("smtpd_tls_mandatory_protocols=TLSv1.1", "tls_medium_cipherlist=ALL:@SECLEVEL=0"),
}
"""The ports that accept email, with the settings of each."""

_MAIN = Template("""\
compatibility_level = 3.6
queue_directory = $folder/spool
data_directory = $folder/data
maillog_file = $folder/mail.log
maillog_file_prefixes = $folder
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.acme.example
mydestination =
mynetworks =
alias_maps =
notify_classes =
virtual_mailbox_domains = $domains
virtual_transport = lmtp:unix:private/dovecot
default_transport = error:no mail leaves this machine
smtpd_peername_lookup = no
smtpd_tls_cert_file = $folder/server.pem
smtpd_tls_key_file = $folder/server.pem
smtpd_tls_security_level = encrypt
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_authenticated_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_error_sleep_time = 0
message_size_limit = 26214400
""")

_SERVICES = """\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

_DOVECOT = Template("""\
base_dir = $folder/run
state_dir = $folder/state
instance_name = $name
log_path = $folder/mail.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <$folder/server.pem
ssl_key = <$folder/server.pem
mail_location = maildir:$folder/mail/%u
first_valid_uid = $owner
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $folder/oauth2.conf
}
passdb {
  driver = static
  mechanisms = plain login
  args = password=$password
}
userdb {
  driver = static
  args = uid=$owner gid=$owner home=$folder/mail/%u allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = $imaps
  }
}
service lmtp {
  unix_listener $folder/spool/private/dovecot {
    mode = 0600
    user = postfix
  }
}
service auth {
  unix_listener $folder/spool/private/auth {
    mode = 0600
    user = postfix
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
""")

_OAUTH2 = Template("""\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$folder/keys/
username_attribute = email
username_format = %u
issuers = $issuer
""")


def main_cf(folder: Path) -> str:
    """Postfix's own settings: it accepts email over TLS, after a login, for `DOMAINS`."""
    return _MAIN.substitute(folder=folder, domains=" ".join(DOMAINS))


def master_cf(ports: Mapping[str, int]) -> str:
    """Postfix's services, with a port for each way to log in."""
    doors = (
        " ".join((f"127.0.0.1:{ports[door]} inet n - n - - smtpd", *(f"-o {option}" for option in options)))
        for door, options in DOORS.items()
    )
    return "\n".join((*doors, _SERVICES))


def dovecot_conf(folder: Path, *, imaps: int, owner: int, password: str) -> str:
    """Dovecot's settings: it decides who may send email, stores it as the user id `owner`, and serves it by IMAP."""
    return _DOVECOT.substitute(folder=folder, name=folder.name, imaps=imaps, owner=owner, password=password)


def oauth2_conf(folder: Path, issuer: str) -> str:
    """How Dovecot verifies a token: with a key in `folder`, without calling a server."""
    return _OAUTH2.substitute(folder=folder, issuer=issuer)
