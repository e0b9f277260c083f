"""`hyperrep-report resolve`: an operator's decision on emails whose delivery is unknown."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reporter.cli import options
from reporter.cli.output import say
from reporter.domain.errors import UsageError

if TYPE_CHECKING:
    from reporter.cli.setup import Place
    from reporter.ledger.ledger import Ledger
    from reporter.ledger.record import MessageRecord

NEEDS_OPERATOR = 4


@click.command("resolve")
@click.argument("deliveries", type=int, nargs=-1, metavar="[ID]...")
@click.option("--sent", is_flag=True, help="The recipients received these emails: never send them again.")
@click.option(
    "--resend",
    is_flag=True,
    help="The recipients did not receive these emails: resend them, unchanged, on the next run for that period.",
)
@click.option("--note", default="", metavar="TEXT", help="How you know; recorded in the ledger.")
@click.option("--from-receipts", is_flag=True, help="Rebuild a lost ledger from the archive's receipts.")
@click.option("--dry-run", is_flag=True, help="With --from-receipts: only list what would be recorded.")
@options.output
@options.config("Configuration file that names the archive and the ledger.")
def command(
    deliveries: tuple[int, ...],
    note: str,
    output: str | None,
    config: str | None,
    *,
    sent: bool,
    resend: bool,
    from_receipts: bool,
    dry_run: bool,
) -> int:
    """Resolve emails whose delivery is uncertain; without ID, list them.

    First ask the recipient, or look for the Message-ID in the mail server's log. --resend also works for emails that
    failed. If any ID cannot be resolved, nothing is changed.

    With --from-receipts, rebuild a ledger that was lost, or that is older than the archive's receipts, from everything
    recorded in the archive. The state of an email that may have been sent is then unknown, and it is not sent
    automatically.

    Exits with 0 if everything requested was done, 4 if it lists emails that need attention.
    """
    _check_combination(bool(deliveries), sent=sent, resend=resend, from_receipts=from_receipts, dry_run=dry_run)
    from reporter.cli import setup
    from reporter.ledger.message_history import unresolved

    if from_receipts:
        return _rebuild(setup.archive(output, config), dry_run=dry_run)
    with _opened(setup.archive_with_ledger(output, config)) as ledger:
        if deliveries:
            _resolve(ledger, deliveries, note, sent=sent)
            return 0
        with ledger.database.transaction() as at:
            uncertain = unresolved(at)
        return _print_unresolved(uncertain)  # afterwards: whoever reads it slowly must not lock the ledger


def _check_combination(has_deliveries: bool, *, sent: bool, resend: bool, from_receipts: bool, dry_run: bool) -> None:  # noqa: FBT001
    """Raise UsageError unless the options are a valid combination."""
    if sent and resend:
        raise UsageError("--sent and --resend contradict each other: give one of them.")
    if from_receipts and (has_deliveries or sent or resend):
        raise UsageError("--from-receipts is for the whole ledger: give it without ID, --sent, and --resend.")
    if dry_run and not from_receipts:
        raise UsageError("--dry-run works only with --from-receipts.")
    if has_deliveries and not (sent or resend):
        raise UsageError("The decision on these emails is missing: give --sent or --resend.")
    if (sent or resend) and not has_deliveries:
        raise UsageError("The IDs of the emails are missing: `hyperrep-report resolve` lists those to resolve.")


@contextmanager
def _opened(place: "Place") -> "Iterator[Ledger]":
    """The ledger for a run that sends nothing; the claims of runs that died are recovered first."""
    import uuid

    from reporter.cli import setup
    from reporter.ledger.opening import open_ledger

    with open_ledger(*place, run=uuid.uuid4().hex, clock=setup.machine_clock, sends=False) as ledger:
        yield ledger


def _resolve(ledger: "Ledger", deliveries: Sequence[int], note: str, *, sent: bool) -> None:
    """Record the operator's decision, and print the new state of each email."""
    from reporter.delivery.channel import DeliveryStatus
    from reporter.ledger.resolution import confirm, send_again

    resolved = (confirm if sent else send_again)(ledger, deliveries, note)
    say("\n".join(map(_line, resolved)))
    if any(record.state is DeliveryStatus.FAILED for record in resolved):
        say("Failed emails were replaced by a later revision: `hyperrep-report history` shows its delivery state.")
    if planned := [record for record in resolved if record.state is DeliveryStatus.PLANNED]:
        windows = ", ".join(dict.fromkeys(f"{record.period} {record.label}" for record in planned))
        say(f"Sent by the next run for {windows}; for a past one, give that run --as-of with a date after it.")


def _rebuild(place: "Place", *, dry_run: bool) -> int:
    """Rebuild the ledger from the archive's receipts, bind the archive to it, and return the exit code."""
    from reporter.domain.snapshot import title
    from reporter.ledger.message_history import unresolved
    from reporter.ledger.opening import bind
    from reporter.ledger.recovery import rebuild, recall

    root, _ = place
    if not root.is_dir():
        raise UsageError(f"{root} is no archive: name another with --output.")
    recalled = recall(root)
    with _opened(place) as ledger:
        recorded = rebuild(ledger, recalled, rehearsal=dry_run)
        if not dry_run:
            bind(root, ledger.database)
        with ledger.database.transaction() as at:
            uncertain = unresolved(at)
    for each in recorded:
        key = each.key
        say(f"{title(each.organization)}, {key.period} {key.label}: {key.recipient}: {each.state}")
    say(f"Emails in the archive: {len(recalled)}, {'to be recorded' if dry_run else 'recorded'}: {len(recorded)}.")
    return 0 if dry_run else _print_unresolved(uncertain)


def _print_unresolved(records: "Sequence[MessageRecord]") -> int:
    """Print the emails that need a decision, and return the exit code."""
    if not records:
        say("No email needs to be resolved.")
        return 0
    say("Delivery of these emails is uncertain. Ask each recipient, then give --sent or --resend with the ID:")
    for record in records:
        say(f"{_line(record)}\n      {record.message_id}: {record.reply}")
    return NEEDS_OPERATOR


def _line(record: "MessageRecord") -> str:
    return f"{record.id:>5}  {record.title}: {record.state}"
