"""Checks of the From domain's SPF, DKIM, and DMARC records in the DNS.

Email can be sent without them but ends up in the spam folder, so missing records are warnings. DNS answers are only
shown and judged; the only names taken from them for queries are those that SPF includes.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from reporter.doctor.check_result import CheckResult, Subject, unchecked, warning, well
from reporter.doctor.dns import DnsResolver, DnsUnanswered, tagged
from reporter.doctor.spf import MOST_LOOKUPS, SpfPolicy, policy_of
from reporter.domain.strings import one_line, shortened

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


def spf(subject: Subject) -> CheckResult:
    """Check that the domain has an SPF record that does not leave out the configured server."""
    return _asked("SPF", subject, _judge_spf)


def dkim(subject: Subject) -> CheckResult:
    """Check that the domain has a DKIM key under a given or common selector."""
    return _asked("DKIM", subject, _judge_dkim)


def dmarc(subject: Subject) -> CheckResult:
    """Check that the domain has a DMARC policy for emails that fail both SPF and DKIM."""
    return _asked("DMARC", subject, _judge_dmarc)


def _asked(check: str, subject: Subject, judge: Callable[[str, str, Subject], CheckResult]) -> CheckResult:
    """Judge the From domain's records, if there is such a domain and the DNS answers."""
    settings = subject.config.smtp
    if subject.is_demo or (settings is None and not subject.doubts("smtp")):
        return well(check, "no mail is sent, so no domain is asked about")
    if settings is None or subject.doubts("smtp"):
        return unchecked(check, "the mail server's configuration is in doubt", "Mend the configuration first.")
    domain = settings.sender.domain
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
    """The SPF record that lists the servers behind the configured mail server; None if unknown."""
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
    """The DKIM keys under this selector; a revoked key is empty."""
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
