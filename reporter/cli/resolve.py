"""`hyperrep-report resolve`: an operator's decision on emails whose delivery is unknown."""

from pathlib import Path

import click

from reporter.domain.errors import UsageError


@click.command("resolve")
@click.argument("deliveries", type=int, nargs=-1, metavar="[ID]...")
@click.option("--sent", is_flag=True, help="The readers have these mails: never send them again.")
@click.option("--resend", is_flag=True, help="They have them not: the next run of their window sends the same bytes.")
@click.option("--note", default="", metavar="TEXT", help="How you know, for the ledger.")
@click.option("--from-receipts", is_flag=True, help="Make a lost ledger anew of the archive's receipts.")
@click.option("--dry-run", is_flag=True, help="With --from-receipts: only list what would be noted.")
@click.option(
    "--output", metavar="DIR", type=click.Path(path_type=Path), help="The archive's root.  [default: ./reports]"
)
@click.option(
    "--config", metavar="FILE", type=click.Path(path_type=Path), help="Configuration that names archive and ledger."
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
    """Settle mails of which nobody knows whether they were delivered; without ID, list them.

    Ask the reader first, or look for the Message-ID in the server's log. --resend is also for mails that failed. Each
    ID must be one that can be settled, else nothing is.

    With --from-receipts, an archive whose ledger was lost, or is older than its receipts, gets one that knows all that
    the archive tells; a mail that may have been sent is of unknown outcome then, and is not sent by itself.

    Exits with 0 when nothing that was asked for is left, 4 when a list has mails that need a person.
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
