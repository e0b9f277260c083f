"""Checks of email: the mail server, and the SPF, DKIM, and DMARC records of the sender's domain in the DNS.

The mail server is tried without sending. Email can be sent without the records but ends up in the spam folder, so
missing records are warnings. DNS answers are only shown and judged; the only names taken from them for queries are
those that SPF includes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from reporter.delivery.smtp.session import ServerOffer
from reporter.delivery.smtp.smtp_channel import SmtpChannel
from reporter.delivery.smtp.smtp_settings import SmtpSettings
from reporter.doctor.check_result import CheckResult, Subject, problem, unchecked, warning, well
from reporter.doctor.dns import MOST_LOOKUPS, DnsResolver, DnsUnanswered, SpfPolicy, policy_of, tagged
from reporter.domain.errors import DeliveryError
from reporter.domain.strings import one_line, shortened
from reporter.hyperrep.access import is_loopback

SECONDS = 5.0
"""Time limit for each of the server's replies."""

ORDINARY = 100_000
"""Upper limit in bytes for the email of an ordinary report, without a logo."""

SELECTORS = (
    *("google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "default", "mail", "dkim", "smtp"),
    *("fm1", "fm2", "fm3", "sig1", "zoho", "zmail", "mxvault", "protonmail", "mandrill", "pm", "mta", "key1"),
)
"""Common DKIM selectors of providers; the DNS cannot list those of a domain."""

_ALLOWS = {
    "smtp.gmail.com": "_spf.google.com",
    "smtp-relay.gmail.com": "_spf.google.com",
    "smtp.office365.com": "spf.protection.outlook.com",
    "smtp.fastmail.com": "spf.messagingengine.com",
    "smtp.mail.me.com": "icloud.com",
}
"""Mail servers that keep the envelope sender, and the SPF include that authorizes them."""

_RESERVED = (
    "test",
    "example",
    "invalid",
    "localhost",
    "local",
    "internal",
    "example.com",
    "example.net",
    "example.org",
)
"""Domains reserved from the public DNS (RFC 2606, 6761, 6762), which are not queried."""

_LONGEST = 100
_MOST_LABELS = 7
"""Maximum number of names, from the domain upward, to query for a DMARC record."""


def mail_server(subject: Subject) -> CheckResult:
    """Check that the configured server can be used: connect, verify TLS, log in, and quit; sends nothing."""
    settings = subject.config.smtp
    if subject.is_demo:
        return well("none is used: the emails of a demo stay in the archive")
    if subject.is_faulty("smtp"):
        return unchecked("its configuration has errors")
    if settings is None:
        fix = "To send emails, set `host` and `from` in [smtp], or HYPERREP_SMTP_HOST and HYPERREP_SMTP_FROM."
        return warning("none is configured, so emails stay in the archive", fix)
    try:
        hasty = replace(settings, timeout=min(settings.timeout, SECONDS))
        offer = SmtpChannel(hasty, lambda: subject.now).check()
    except DeliveryError as error:
        sentence = str(error)
        named = any(part in sentence for part in ("HYPERREP_SMTP", "smtp.", "token"))  # the fix is in it already
        fixes = () if named else ("Check `host`, `port`, and `security` in [smtp], and whether a firewall blocks it.",)
        return problem(f"{settings.host} port {settings.port} cannot be used", sentence, *fixes)
    return _judged(settings, offer, _largest(subject.config.output))


def _judged(settings: SmtpSettings, offer: ServerOffer, largest: int) -> CheckResult:
    """Result for a usable server. Its size limit is compared with an ordinary email and with the archive's largest."""
    limit = f"emails of up to {offer.size_limit / 1e6:.1f} MB" if offer.size_limit else "emails without a size limit"
    login = "accepts the login" if settings.username or settings.tokens else "requires no login"
    text = f"{settings.host} port {settings.port}, {offer.tls or 'not encrypted'}, {login} and accepts {limit}"
    fix = "Raise the server's limit for a message, or send through another server."
    if offer.size_limit and offer.size_limit < ORDINARY:
        return problem(f"{text}: too small for a report, whose email has about {ORDINARY // 1000} kB", fix)
    if offer.size_limit and offer.size_limit < largest:
        return warning(f"{text}: too small for the largest email in the archive, {largest / 1e6:.1f} MB", fix)
    if offer.tls is None and not is_loopback(settings.host):
        return warning(text, "Set `security` in [smtp] to starttls or tls, so that emails cannot be intercepted.")
    return well(text)


def _largest(root: Path) -> int:
    """Size in bytes of the largest email in the archive; 0 if there is none."""
    return max((path.lstat().st_size for path in root.glob("*/*/*/*.eml")), default=0)


def spf(subject: Subject) -> CheckResult:
    """Check that the domain has an SPF record that does not leave out the configured server."""
    return _asked(subject, _judge_spf)


def dkim(subject: Subject) -> CheckResult:
    """Check that the domain has a DKIM key under a given or common selector."""
    return _asked(subject, _judge_dkim)


def dmarc(subject: Subject) -> CheckResult:
    """Check that the domain has a DMARC policy for emails that fail both SPF and DKIM."""
    return _asked(subject, _judge_dmarc)


def _asked(subject: Subject, judge: Callable[[str, Subject], CheckResult]) -> CheckResult:
    """Judge the sender's domain, if there is one and the DNS answers."""
    settings = subject.config.smtp
    if subject.is_demo or (settings is None and not subject.is_faulty("smtp")):
        return well("no email is sent, so no domain is looked up")
    if settings is None or subject.is_faulty("smtp"):
        return unchecked("the mail server's configuration has errors")
    domain = settings.sender.domain
    if any(f".{domain}".endswith(f".{reserved}") for reserved in _RESERVED):
        fix = "Set `from` in [smtp] to an address of your own domain before recipients elsewhere get emails."
        return warning(f"not looked up, because {domain} is reserved for examples and local networks", fix)
    try:
        return judge(domain, subject)
    except DnsUnanswered as error:
        return unchecked(str(error), "Repeat this where the DNS is available; emails are sent nevertheless.")


def _judge_spf(domain: str, subject: Subject) -> CheckResult:
    policy = policy_of(domain, subject.names)
    if not policy.records:
        record = f'"v=spf1 include:{_provider(subject) or "…"} ~all"'
        fix = f"Publish a TXT record at {domain}: {record}; your email provider documents what to include."
        return warning(f"{domain} has no record", fix)
    if len(policy.records) > 1:
        return warning(f"{domain} has {len(policy.records)} records, so none counts", "Merge them into one.")
    text = f"{domain}: {_shown(policy.records[0])}"
    fixes = tuple(_spf_fixes(policy, subject))
    return warning(text, *fixes) if fixes else well(text)


def _spf_fixes(policy: SpfPolicy, subject: Subject) -> Iterator[str]:
    if policy.lookups > MOST_LOOKUPS:
        yield f"It requires more than {MOST_LOOKUPS} lookups, so receivers treat it as invalid: include less."
    if policy.broken:
        yield f"It includes domains without a single record: {_shown(', '.join(policy.broken))}. Remove them."
    if policy.ending in {"all", "+all"}:
        yield "It ends in +all, which lets anybody send in this name: end it in ~all or -all."
    provider = _provider(subject)
    if provider and policy.leaves_out(policy_of(provider, subject.names)):
        yield f"It leaves out the servers behind the configured mail server: add include:{provider}."


def _provider(subject: Subject) -> str | None:
    """The SPF record that lists the servers behind the configured mail server; None if unknown."""
    return _ALLOWS.get(subject.config.smtp.host.lower().rstrip(".")) if subject.config.smtp else None


def _judge_dkim(domain: str, subject: Subject) -> CheckResult:
    selectors = subject.selectors or SELECTORS
    with ThreadPoolExecutor(len(selectors), thread_name_prefix="selector") as pool:
        keys = dict(zip(selectors, pool.map(lambda each: _keys(each, domain, subject.names), selectors), strict=True))
    held = [selector for selector, found in keys.items() if any(found)]
    if held:
        return well(f"{domain} has a key under {', '.join(held)}")
    revoked = [selector for selector, found in keys.items() if found]
    if revoked:
        text = f"{domain} has revoked its key under {', '.join(revoked)}"
        return warning(text, "Have your email provider sign with a new key, and publish that.")
    tried = ", ".join(selectors) if subject.selectors else f"{len(selectors)} common selectors"
    find = "Find `s=` in the DKIM-Signature of an email that arrived (`--send-test` sends one) and give it with "
    switch = "If emails have no signature, enable DKIM at your email provider and publish the key it names."
    return warning(f"{domain} has no key under {tried}", f"{find}--dkim-selector.", switch)


def _keys(selector: str, domain: str, names: DnsResolver) -> tuple[str, ...]:
    """The DKIM keys under this selector; a revoked key is empty."""
    records = (tagged(text) for text in names.texts(f"{selector}._domainkey.{domain}"))
    return tuple(record["p"] for record in records if "p" in record and record.get("v", "DKIM1").upper() == "DKIM1")


def _judge_dmarc(domain: str, subject: Subject) -> CheckResult:
    labels = domain.split(".")
    for place in (".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))[-_MOST_LABELS:]):
        found = [text for text in subject.names.texts(f"_dmarc.{place}") if text.upper().startswith("V=DMARC1")]
        if found:
            return _judge_policy(place, found)
    fix = f'Publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:…" to get reports of failures, '
    return warning(f"{domain} has no record", f"{fix}and p=quarantine once none of your emails fail.")


def _judge_policy(place: str, found: list[str]) -> CheckResult:
    if len(found) > 1:
        return warning(f"_dmarc.{place} has {len(found)} records, so none counts", "Merge them into one.")
    text = f"_dmarc.{place}: {_shown(found[0])}"
    policy = tagged(found[0]).get("p", "").lower()
    if policy not in {"none", "quarantine", "reject"}:
        return warning(text, "It has no valid policy: set p= to none, quarantine, or reject.")
    return well(text)


def _shown(text: str) -> str:
    return shortened(one_line(text), _LONGEST)
