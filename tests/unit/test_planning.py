"""The reports of a run: from names, ids, the configuration, or all organizations."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.config.load import load_environment
from reporter.config.settings import Overrides
from reporter.domain.errors import UsageError
from reporter.domain.mailbox import Mailbox
from reporter.domain.snapshot import Organization
from reporter.domain.window import Period
from reporter.planning import Directory, Selection, choose

DEFAULTS = load_environment({}, Overrides()).defaults
ACME, BAKERY = Organization("id-1", "Acme Roofing"), Organization("id-2", "Bäckerei Groß")
TWINS = (Organization("id-3", "Smith & Sons"), Organization("id-4", "SMITH & SONS"))
KNOWN = (ACME, BAKERY, *TWINS)
OF_ACME = replace(DEFAULTS, organization="acme roofing", recipients=(Mailbox("", "ceo@acme.example"),))
OF_BAKERY = replace(DEFAULTS, organization="id-2", period=Period.MONTH)


def test_without_a_selection_the_configured_reports_are_made() -> None:
    """Each block of the configuration is one report, in order, with its organization found by name or id."""
    assert choose(Selection(), (OF_BAKERY, OF_ACME), DEFAULTS, KNOWN) == ((BAKERY, OF_BAKERY), (ACME, OF_ACME))


def test_an_organization_may_have_several_reports() -> None:
    """Two blocks with two periods are two reports, and the organization's name selects both."""
    monthly = replace(OF_ACME, period=Period.MONTH)
    both = ((ACME, OF_ACME), (ACME, monthly))
    assert choose(Selection(), (OF_ACME, monthly), DEFAULTS, KNOWN) == both
    assert choose(Selection(("id-1",)), (OF_ACME, monthly), DEFAULTS, KNOWN) == both


def test_all_organizations_keep_their_own_configuration() -> None:
    """`--all-orgs` uses each organization's block, or else the file's top level."""
    chosen = choose(Selection(everything=True), (OF_ACME,), DEFAULTS, KNOWN)
    assert chosen[0] == (ACME, OF_ACME)
    assert chosen[1:] == tuple((each, replace(DEFAULTS, organization=each.id)) for each in KNOWN[1:])


def test_an_organization_that_is_named_twice_is_meant_once() -> None:
    """An organization given by name and by id, in any case, has one report."""
    chosen = choose(Selection(("ACME ROOFING", "id-1", "bäckerei gross")), (), DEFAULTS, KNOWN)
    assert [organization for organization, _ in chosen] == [ACME, BAKERY]


def test_the_only_organization_needs_no_name() -> None:
    """With access to one organization and no configuration, that one is selected."""
    assert choose(Selection(), (), DEFAULTS, (ACME,)) == ((ACME, DEFAULTS),)


def test_an_id_comes_before_a_name() -> None:
    """An organization whose name is another's id does not replace it."""
    impostor = Organization("id-9", "id-1")
    assert Directory((impostor, ACME)).find("id-1") == ACME


@pytest.mark.parametrize(
    ("selection", "known", "sentence"),
    [
        (Selection(), KNOWN, "Say which organization: --org NAME, or --all-orgs. It has 4: 'Acme Roofing', "),
        (Selection(), (), "Say which organization: --org NAME, or --all-orgs. It has none at all."),
        (Selection(("Acme",)), KNOWN, "The key has no organization 'Acme'. It has 4: "),
        (Selection(("smith & sons",)), KNOWN, "2 organizations are named 'smith & sons': name one by its id, of id-3"),
        (Selection(("x",)), (ACME,) * 25, "and 5 more."),
    ],
)
def test_what_cannot_be_chosen_is_told(selection: Selection, known: tuple[Organization, ...], sentence: str) -> None:
    """The error lists the available organizations, shortened if there are many."""
    with pytest.raises(UsageError) as refused:
        choose(selection, (), DEFAULTS, known)
    assert sentence in str(refused.value)


def test_one_report_is_not_made_twice() -> None:
    """Blocks by name and by id for the same report of one organization are refused."""
    by_id = replace(OF_ACME, organization="id-1", locale="de_DE")
    with pytest.raises(UsageError, match="'Acme Roofing' has two week reports"):
        choose(Selection(), (OF_ACME, by_id), DEFAULTS, KNOWN)


@given(name=st.text(max_size=200))
def test_any_name_makes_one_printable_line(name: str) -> None:
    """Whatever an organization's name, the error that lists it is one short, printable line."""
    with pytest.raises(UsageError) as refused:
        Directory((Organization("id", name),)).find("nobody at all")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 160
