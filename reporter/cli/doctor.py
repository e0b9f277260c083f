"""`hyperrep-report doctor`: everything a run needs, checked at once, and how to mend what is not as it should be."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reporter.checks.finding import Finding

_COLORS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command("doctor")
@click.option(
    "--config", "file", metavar="FILE", type=click.Path(path_type=Path), help="Configuration to check, as in a run."
)
@click.option("--output", metavar="DIR", type=click.Path(), help="The archive's root, as in a run.")
@click.option("--demo", is_flag=True, help="Check what `hyperrep-report --demo` needs: no key, no network.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document about what was found.")
def command(file: Path | None, output: str | None, *, demo: bool, as_json: bool) -> int:
    """Check everything a run needs and say how to mend it. Nothing is sent, and nothing stays in the archive.

    Every check is made, whatever the others find. Exits with 0 when all is well or only warned of, 2 when a problem
    lies in the configuration, 3 when the API refuses the key or cannot be reached, 1 for any other problem.
    """
    # The checks load all that a run loads: a wrong option, or the help, need not wait for it.
    from reporter.checks.examination import exit_code  # noqa: PLC0415
    from reporter.cli import logs  # noqa: PLC0415

    logs.configure(verbose=0, quiet=True, log_format="text")
    found = []
    for finding in _findings(file, output, is_demo=demo):
        found.append(finding)
        if not as_json:
            click.echo("\n".join(_lines(finding)))
    code = exit_code(found)
    click.echo(_as_json(found, code) if as_json else _summary(found))
    return code


def _findings(file: Path | None, output: str | None, *, is_demo: bool) -> "Iterator[Finding]":
    from datetime import UTC, datetime  # noqa: PLC0415 - see above

    from reporter.checks.examination import findings  # noqa: PLC0415
    from reporter.cli import demo  # noqa: PLC0415
    from reporter.config.load import examine_config  # noqa: PLC0415
    from reporter.config.settings import Overrides  # noqa: PLC0415

    overrides = Overrides(output=output)
    examined = demo.configuration(overrides, file) if is_demo else examine_config(file, os.environ, overrides)
    return findings(examined, lambda: datetime.now(UTC), is_demo=is_demo)


def _lines(finding: "Finding") -> Iterator[str]:
    from reporter.delivery.line import one_line  # noqa: PLC0415 - see above

    level = click.style(f"{finding.level:<8}", fg=_COLORS[finding.level], bold=finding.level != "ok")
    yield f"{level} {finding.check:<14} {one_line(finding.text)}"
    for sentence in finding.mend:
        yield f"{'':<8} {'':<14} {one_line(sentence)}"


def _summary(found: "Sequence[Finding]") -> str:
    counts = _counts(found)
    told = ", ".join(_told(level, number) for level, number in counts.items() if number)
    verdict = "a run would fail" if counts["problem"] else "all that a run needs is there"
    return f"\n{len(found)} checks: {told}; {verdict}."


def _told(level: str, number: int) -> str:
    return f"{number} {level}" if level == "ok" or number == 1 else f"{number} {level}s"


def _as_json(found: "Sequence[Finding]", code: int) -> str:
    findings = [asdict(finding) for finding in found]
    return json.dumps({"findings": findings, "counts": _counts(found), "exit_code": code}, ensure_ascii=False, indent=1)


def _counts(found: "Sequence[Finding]") -> dict[str, int]:
    return {level: sum(finding.level == level for finding in found) for level in _COLORS}
