"""Whether readers' servers are told who may send mail of the From domain: SPF, DKIM and DMARC, as the DNS has them.

A mail goes out without them, and lands in the spam folder: what is missing is warned of. What the DNS answers is shown
and judged, never followed but for the names that SPF includes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from reporter.doctor.check_result import CheckResult, Subject, unchecked, warning, well
from reporter.doctor.dns import DnsResolver, DnsUnanswered, tagged
from reporter.doctor.spf import MOST_LOOKUPS, SpfPolicy, policy_of
from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import read_mailbox
from reporter.domain.one_line import one_line, shortened

SELECTORS = (
    *("google", "selector1", "selector2", "s1", "s2", "k1", "k2", "k3", "default", "mail", "dkim", "smtp"),
    *("fm1", "fm2", "fm3", "sig1", "zoho", "zmail", "mxvault", "protonmail", "mandrill", "pm", "mta", "key1"),
)
"""Names under which providers usually put the key: the DNS does not list those that a domain has."""

_ALLOWS = {
    "smtp.gmail.com": "_spf.google.com",
    "smtp-relay.gmail.com": "_spf.google.com",
    "smtp.office365.com": "spf.protection.outlook.com",
    "smtp.fastmail.com": "spf.messagingengine.com",
    "smtp.mail.me.com": "icloud.com",
}
"""Mail servers that leave the envelope's sender as it is, and what has to be included so that they may send."""

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
"""Domains that are nobody's in the public DNS (RFC 2606, 6761, 6762), so that it is not asked for them."""

_LONGEST = 100
_MOST_LABELS = 7
"""Names above the domain at which a record may stand for it."""


def spf(subject: Subject) -> CheckResult:
    """Whether the domain says which servers send its mail, and the configured one is not left out."""
    return _asked("SPF", subject, _judge_spf)


def dkim(subject: Subject) -> CheckResult:
    """Whether the domain has a key that signatures can be proved with, under a name that can be guessed."""
    return _asked("DKIM", subject, _judge_dkim)


def dmarc(subject: Subject) -> CheckResult:
    """Whether the domain says what is to become of mails that fail both."""
    return _asked("DMARC", subject, _judge_dmarc)


def _asked(check: str, subject: Subject, judge: Callable[[str, str, Subject], CheckResult]) -> CheckResult:
    """What the DNS says of the From domain, where there is one and the DNS can be asked."""
    settings = subject.config.smtp
    if subject.is_demo or (settings is None and not subject.doubts("smtp")):
        return well(check, "no mail is sent, so no domain is asked about")
    if settings is None or subject.doubts("smtp"):
        return unchecked(check, "the mail server's configuration is in doubt", "Mend the configuration first.")
    try:
        domain = read_mailbox(settings.sender).domain
    except DeliveryError as error:
        return unchecked(check, "the sender is no address", str(error))
    if any(f".{domain}".endswith(f".{reserved}") for reserved in _RESERVED):
        mend = "Set `from` in [smtp] to an address of a domain of yours before readers elsewhere are to get mail."
        return warning(check, f"not asked for, as {domain} is reserved for examples and local networks", mend)
    try:
        return judge(check, domain, subject)
    except DnsUnanswered as error:
        return unchecked(check, str(error), "Look again where the DNS can be asked; mails go out all the same.")


def _judge_spf(check: str, domain: str, subject: Subject) -> CheckResult:
    policy = policy_of(domain, subject.names)
    if not policy.records:
        record = f'"v=spf1 include:{_provider(subject) or "…"} ~all"'
        mend = f"Publish a TXT record at {domain}: {record}; your mail provider says what to include."
        return warning(check, f"{domain} has no record", mend)
    if len(policy.records) > 1:
        return warning(check, f"{domain} has {len(policy.records)} records, so none counts", "Make one of them.")
    text = f"{domain}: {_shown(policy.records[0])}"
    advice = tuple(_spf_advice(policy, subject))
    return warning(check, text, *advice) if advice else well(check, text)


def _spf_advice(policy: SpfPolicy, subject: Subject) -> Iterator[str]:
    if policy.lookups > MOST_LOOKUPS:
        yield f"It takes more than {MOST_LOOKUPS} look-ups, so receivers take it for broken: include less."
    if policy.broken:
        yield f"It includes what has no single record: {_shown(', '.join(policy.broken))}. Take that out."
    if policy.ending in {"all", "+all"}:
        yield "It ends in +all, which lets anybody send in this name: end it in ~all or -all."
    provider = _provider(subject)
    if provider and policy.leaves_out(policy_of(provider, subject.names)):
        yield f"It leaves out the servers behind the configured mail server: add include:{provider}."


def _provider(subject: Subject) -> str | None:
    """The record that lists the servers behind the configured mail server, where it is sure which one does."""
    return _ALLOWS.get(subject.config.smtp.host.lower().rstrip(".")) if subject.config.smtp else None


def _judge_dkim(check: str, domain: str, subject: Subject) -> CheckResult:
    selectors = subject.selectors or SELECTORS
    with ThreadPoolExecutor(len(selectors), thread_name_prefix="selector") as pool:
        keys = dict(zip(selectors, pool.map(lambda each: _keys(each, domain, subject.names), selectors), strict=True))
    held = [selector for selector, found in keys.items() if any(found)]
    if held:
        return well(check, f"{domain} has a key under {', '.join(held)}")
    revoked = [selector for selector, found in keys.items() if found]
    if revoked:
        text = f"{domain} has withdrawn its key under {', '.join(revoked)}"
        return warning(check, text, "Have your mail provider sign with a new key, and publish that.")
    tried = ", ".join(selectors) if subject.selectors else f"{len(selectors)} usual names"
    look = "Look for `s=` in the DKIM-Signature of a mail that arrived (`--send-test` sends one) and give it with "
    switch = "Where no mail has a signature, switch it on at your mail provider and publish the key it names."
    return warning(check, f"{domain} has no key under {tried}", f"{look}--dkim-selector.", switch)


def _keys(selector: str, domain: str, names: DnsResolver) -> tuple[str, ...]:
    """The keys under this name, empty ones where they are withdrawn."""
    records = (tagged(text) for text in names.texts(f"{selector}._domainkey.{domain}"))
    return tuple(record["p"] for record in records if "p" in record and record.get("v", "DKIM1").upper() == "DKIM1")


def _judge_dmarc(check: str, domain: str, subject: Subject) -> CheckResult:
    labels = domain.split(".")
    for place in (".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))[-_MOST_LABELS:]):
        found = [text for text in subject.names.texts(f"_dmarc.{place}") if text.upper().startswith("V=DMARC1")]
        if found:
            return _judge_policy(check, place, found)
    mend = f'Publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:…" to be told of what fails, '
    return warning(check, f"{domain} has no record", f"{mend}and p=quarantine once nothing of yours does.")


def _judge_policy(check: str, place: str, found: list[str]) -> CheckResult:
    if len(found) > 1:
        return warning(check, f"_dmarc.{place} has {len(found)} records, so none counts", "Make one of them.")
    text = f"_dmarc.{place}: {_shown(found[0])}"
    policy = tagged(found[0]).get("p", "").lower()
    if policy not in {"none", "quarantine", "reject"}:
        return warning(check, text, "It has no policy that counts: set p= to none, quarantine or reject.")
    return well(check, text)


def _shown(text: str) -> str:
    return shortened(one_line(text), _LONGEST)
