"""Check of the mail server: connect, verify TLS, log in, and quit without sending."""

from dataclasses import replace
from pathlib import Path

from reporter.delivery.smtp.session import ServerOffer
from reporter.delivery.smtp.smtp_channel import SmtpChannel
from reporter.delivery.smtp.smtp_settings import SmtpSettings
from reporter.doctor.check_result import CheckResult, Subject, problem, unchecked, warning, well
from reporter.domain.errors import DeliveryError
from reporter.hyperrep.access import is_loopback

SECONDS = 5.0
"""Time limit for each of the server's replies."""

ORDINARY = 100_000
"""Upper limit in bytes for the email of an ordinary report, without a logo."""


def mail_server(subject: Subject) -> CheckResult:
    """Check that the configured server can be used; sends nothing."""
    check, settings = "mail server", subject.config.smtp
    if subject.is_demo:
        return well(check, "none is used: the mails of a demo stay in the archive")
    if subject.doubts("smtp"):
        return unchecked(check, "its configuration is in doubt", "Mend the configuration first.")
    if settings is None:
        mend = "Set `host` and `from` in [smtp], or HYPERREP_SMTP_HOST and HYPERREP_SMTP_FROM, to have them sent."
        return warning(check, "none is configured, so mails stay in the archive", mend)
    try:
        patient = replace(settings, timeout=min(settings.timeout, SECONDS))
        offer = SmtpChannel(patient, lambda: subject.now).check()
    except DeliveryError as error:
        sentence = str(error)
        named = any(part in sentence for part in ("HYPERREP_SMTP", "smtp.", "token"))  # the fix is in it already
        advice = () if named else ("Check `host`, `port` and `security` in [smtp], and whether a firewall is between.",)
        return problem(check, f"{settings.host} port {settings.port} cannot be used", sentence, *advice)
    return _judged(check, settings, offer, _largest(subject.config.output))


def _judged(check: str, settings: SmtpSettings, offer: ServerOffer, largest: int) -> CheckResult:
    limit = f"mails of up to {offer.size_limit / 1e6:.1f} MB" if offer.size_limit else "mails, and names no limit"
    login = "takes the login" if settings.username or settings.tokens else "asks for no login"
    text = f"{settings.host} port {settings.port}, {offer.tls or 'not encrypted'}, {login} and takes {limit}"
    if offer.size_limit and offer.size_limit < max(ORDINARY, largest):
        return _too_small(check, text, offer.size_limit, largest)
    if offer.tls is None and not is_loopback(settings.host):
        return warning(check, text, "Set `security` in [smtp] to starttls or tls, so that nobody reads along.")
    return well(check, text)


def _too_small(check: str, text: str, limit: int, largest: int) -> CheckResult:
    """Result for a size limit below an ordinary email, or below the archive's largest."""
    mend = "Raise the server's limit for a message, or send through another server."
    if limit < ORDINARY:
        return problem(check, f"{text}: too little for a report, whose mail has about {ORDINARY // 1000} kB", mend)
    return warning(check, f"{text}: too little for the largest mail in the archive, {largest / 1e6:.1f} MB", mend)


def _largest(root: Path) -> int:
    """Size in bytes of the largest email in the archive; 0 if there is none."""
    return max((path.lstat().st_size for path in root.glob("*/*/*/*.eml")), default=0)
