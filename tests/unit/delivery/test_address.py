"""Email addresses as people write them."""

import pytest

from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import Mailbox, read_mailbox


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("ceo@acme.example", "", "ceo@acme.example"),
        ("  ceo@acme.example ", "", "ceo@acme.example"),
        ("<ceo@acme.example>", "", "ceo@acme.example"),
        ("Ann Smith <ann@acme.example>", "Ann Smith", "ann@acme.example"),
        ("Acme Inc. (Sales) <ann+x@acme.example>", "Acme Inc. (Sales)", "ann+x@acme.example"),
        ('"Smith, \\"Ann\\"" <ann@acme.example>', 'Smith, "Ann"', "ann@acme.example"),
        ("Jörg 😀 <jo@acme.example>", "Jörg 😀", "jo@acme.example"),
        ("root@localhost", "", "root@localhost"),
        ("Chef@MÜNCHEN.example", "", "Chef@xn--mnchen-3ya.example"),
        ("a@例え。テスト", "", "a@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_a_mailbox_is_read(written: str, name: str, address: str) -> None:
    """Every common form of a single mailbox gives its name and an ASCII address."""
    assert read_mailbox(written) == Mailbox(name, address)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "like name@example.com"),
        ("acme", "like name@example.com"),
        ("@acme.example", "like name@example.com"),
        ("ceo@", "like name@example.com"),
        ("jürgen@acme.example", "ASCII letters before the @"),
        ("ann smith@acme.example", "not a valid mailbox name"),
        ("a..b@acme.example", "not a valid mailbox name"),
        ("a@b@acme.example", "not a valid mailbox name"),
        ("a@acme.example, b@acme.example", "not a valid mailbox name"),
        ("a@acme.example, Bob <b@acme.example>", "not a valid mailbox name"),
        ("x" * 65 + "@acme.example", "not a valid mailbox name"),
        ("a@-acme.example", "not a domain"),
        ("a@acme..example", "not a domain"),
        ("a@ac_me.example", "not a domain"),
        ("a@acme.example.", "ends with a dot"),
        ("abc@" + ".".join(["x" * 60] * 4) + ".example", "longer than"),
        ("a@acme.example>\r\nRCPT TO:<b@acme.example", "control character"),
        ("A\nBcc: b@acme.example <a@acme.example>", "control character"),
        ("a@acme.example\x00", "control character"),
        ("a\x0b@acme.example", "control character"),
        ("A\x85 <a@acme.example>", "control character"),
        ("A\u2028 <a@acme.example>", "control character"),
        ("A\ud800 <a@acme.example>", "control character"),
    ],
)
def test_what_is_no_mailbox_is_refused(written: str, reason: str) -> None:
    """Anything else is refused in a sentence that shows it on one line of ASCII and says why."""
    with pytest.raises(DeliveryError, match=reason) as refused:
        read_mailbox(written)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 250
