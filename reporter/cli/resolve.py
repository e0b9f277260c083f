"""`hyperrep-report resolve`: an operator's decision on emails whose delivery is unknown."""

from pathlib import Path

import click

from reporter.domain.errors import UsageError


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
@click.option("--output", metavar="DIR", type=click.Path(path_type=Path), help="Archive folder.  [default: ./reports]")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration file that names the archive and the ledger.",
)
def command(
    deliveries: tuple[int, ...],
    note: str,
    output: Path | None,
    config: Path | None,
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
    _refuse_senseless(bool(deliveries), sent=sent, resend=resend, from_receipts=from_receipts, dry_run=dry_run)
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.cli import resolve_deliveries, setup  # noqa: PLC0415

    place = setup.archive(output, config)
    if from_receipts:
        return resolve_deliveries.recover(place, rehearsal=dry_run)
    if deliveries:
        return resolve_deliveries.settle(place, deliveries, note, sent=sent)
    return resolve_deliveries.listed(place)


def _refuse_senseless(has_deliveries: bool, *, sent: bool, resend: bool, from_receipts: bool, dry_run: bool) -> None:  # noqa: FBT001
    """Raise UsageError unless the options are a valid combination."""
    if sent and resend:
        raise UsageError("--sent and --resend are two answers: give one of them.")
    if from_receipts and (has_deliveries or sent or resend):
        raise UsageError("--from-receipts is for the whole ledger: give it without ID, --sent and --resend.")
    if dry_run and not from_receipts:
        raise UsageError("--dry-run goes with --from-receipts alone.")
    if has_deliveries and not (sent or resend):
        raise UsageError("Say what became of the mails: --sent, or --resend.")
    if (sent or resend) and not has_deliveries:
        raise UsageError("Say which mails: `hyperrep-report resolve` lists those that need a person, by ID.")
