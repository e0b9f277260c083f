"""The mail in a real browser, as wide as a phone or a mail program's window."""

import shutil
from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, sync_playwright

from reporter.document.mail import mail_html
from reporter.window import Period
from tests.golden.editions import HUGE, LOCALES, Case
from tests.unit.document.words import spoken, view

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ORGANIZATIONS = ("Acme", "Odd Stage", HUGE)
_UNREADABLE = """() => [...document.querySelectorAll('th, td span, .value')].filter(
    each => each.getClientRects().length && each.getBoundingClientRect().right > document.documentElement.clientWidth
).map(each => each.textContent)"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def mails() -> dict[tuple[str, str], str]:
    """A month's mail of each organization in each language."""
    return {
        (organization, locale): _mail(Case(organization, Period.MONTH), locale)
        for organization, locale in product(ORGANIZATIONS, LOCALES)
    }


def _mail(case: Case, locale: str) -> str:
    data = spoken(case.data(locale), locale, currency="USD")
    return mail_html(data, view(data, locale))


@pytest.fixture(scope="module")
def browser(mails: dict[tuple[str, str], str]) -> Iterator[Browser]:
    """The machine's own Chromium, begun once the mails are there: no loop of theirs may run inside its own."""
    assert mails
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [320, 390, 800])
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("organization", ORGANIZATIONS)
def test_nobody_scrolls_sideways(
    browser: Browser, mails: dict[tuple[str, str], str], organization: str, locale: str, width: int
) -> None:
    """Amounts of eleven digits fit a phone and a window, in every language."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(mails[organization, locale])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_UNREADABLE) == []
    page.close()
