"""The text of an alert: short, plain, and with what to do."""

from reporter.alerts.alert_channels import Alert
from reporter.alerts.alert_state import judge
from reporter.alerts.incident import RunFindings, of_error
from reporter.alerts.notify import compose_alert
from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import ApiKeyRefused
from tests.unit.alerts.runs import CEO, NOON, broken, mailed, seen


def notice(run: RunFindings) -> Alert:
    """The first alert of a run with these observations."""
    return compose_alert(judge({}, run, NOON), run, "reports-1")


def test_a_notice_says_what_happened_and_what_to_do() -> None:
    """The worst error is first, each with its organization, the server's reply, and a fix; the run is last."""
    told = notice(seen(broken(), mailed(DeliveryStatus.UNKNOWN, "the line went dead", "Corner Bakery")))
    assert told.title == "hyperrep-report: problems with 2 reports"
    assert told.text == (
        "Run 4711 on reports-1 ended with exit code 4.\n\n"
        "Delivery is uncertain:\n"
        f"- Corner Bakery, month 2026-04: {CEO}: the line went dead\n"
        "What to do: Ask the recipient, then resolve each: `hyperrep-report resolve` lists them.\n\n"
        "Failed:\n"
        "- Acme Roofing, month 2026-04: the API said no\n"
        "What to do: Fix the cause and run the same command again; `hyperrep-report history` shows what the servers "
        "replied.\n\n"
        "A problem is reported when it is new or has changed, once a day while runs meet it, and when it is fixed.\n"
    )


def test_a_thousand_failures_stay_one_page() -> None:
    """Errors that affect everybody are reported as their count and the first few."""
    told = notice(seen(*(broken(f"Number {number}") for number in range(1000))))
    assert told.title == "hyperrep-report: problems with 1000 reports"
    assert "- and 980 more" in told.text
    assert len(told.text.splitlines()) < 30


def test_names_and_replies_stay_on_their_lines() -> None:
    """A line break or a very long text from outside adds no line and no page to an alert."""
    told = notice(seen(mailed(DeliveryStatus.FAILED, "550 no\r\nFailed:\n- You, all of it " + "x" * 999, "A\nB\u202e")))
    (line,) = (line for line in told.text.splitlines() if line.startswith("- "))
    assert line.startswith(f"- A?B?, month 2026-04: {CEO}: 550 no Failed: - You")
    assert len(line) < 400


def test_an_error_that_ended_the_run_is_its_own_sentence() -> None:
    """A foreseen error is reported in its own words, an unforeseen one only by its type, as it may contain anything."""
    told = notice(of_error(ApiKeyRefused("The key has expired."), 3))
    assert told.title == "hyperrep-report: the run failed"
    assert "A run on reports-1 ended with exit code 3." in told.text
    assert "- The key has expired." in told.text
    assert "secret" not in notice(of_error(KeyError("secret"), 1)).text
    assert "KeyError" in notice(of_error(KeyError("secret"), 1)).text
