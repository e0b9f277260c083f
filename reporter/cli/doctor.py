"""`hyperrep-report doctor`: check everything a run needs, and show how to fix each problem."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reporter.cli.doctor_test_send import TestSendOptions
    from reporter.config.load import LoadedConfig
    from reporter.doctor.check_result import CheckResult

_COLORS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command("doctor")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Configuration file to check.  [default: ./hyperrep-report.toml if it exists]",
)
@click.option("--output", metavar="DIR", type=click.Path(), help="Archive folder, as in a run.  [default: ./reports]")
@click.option("--demo", is_flag=True, help="Check what `hyperrep-report --demo` needs: no key, no network.")
@click.option(
    "--dkim-selector",
    "selectors",
    multiple=True,
    metavar="NAME",
    help="Selector of the sender's DKIM key (repeatable).  [default: the common ones]",
)
@click.option("--send-test", "to", metavar="ADDRESS", help="Send the latest report to ADDRESS, marked as a test.")
@click.option(
    "--org",
    "organization",
    metavar="ID_OR_NAME",
    help="Organization whose report to send as a test.  [default: the first configured one]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON document.")
def command(
    *,
    file: Path | None,
    output: str | None,
    demo: bool,
    selectors: tuple[str, ...],
    to: str | None,
    organization: str | None,
    as_json: bool,
) -> int:
    """Check everything a run needs and show how to fix problems. Nothing is sent, and nothing is left in the archive.

    Every check runs, whatever the others find. Exits with 0 if there are no problems (warnings are allowed), 2 if the
    configuration has a problem, 3 if the API rejects the key or cannot be reached, and 1 for any other problem.

    With --send-test, a real report is then rendered and sent. It is recorded separately from the reports to recipients,
    and stored in .state/tests of the archive. The exit code is then that of the delivery, as in a run.
    """
    _refuse_strays(to, organization, is_demo=demo)
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.cli import doctor_test_send, logs  # noqa: PLC0415
    from reporter.doctor.checks import exit_code  # noqa: PLC0415

    logs.configure(verbose=0, quiet=True, log_format="text")
    wish = doctor_test_send.TestSendOptions(doctor_test_send.address(to), organization) if to else None
    examined = _examined(file, output, is_demo=demo)
    found = []
    for finding in _findings(examined, selectors, wish, is_demo=demo):
        found.append(finding)
        if not as_json:
            click.echo("\n".join(_lines(finding)))
    code = found[-1].exit_code if wish else exit_code(found)
    click.echo(_as_json(found, code) if as_json else _summary(found))
    return code


def _refuse_strays(to: str | None, organization: str | None, *, is_demo: bool) -> None:
    if organization is not None and to is None:
        raise click.UsageError("--org says whose report a test is: give it with --send-test.")
    if to is not None and is_demo:
        raise click.UsageError("--send-test sends a mail, --demo sends nothing: give one or the other.")


def _examined(file: Path | None, output: str | None, *, is_demo: bool) -> "LoadedConfig":
    from reporter.cli import demo  # noqa: PLC0415 - see above
    from reporter.config.load import examine_config  # noqa: PLC0415
    from reporter.config.settings import Overrides  # noqa: PLC0415

    overrides = Overrides(output=output)
    return demo.configuration(overrides, file) if is_demo else examine_config(file, os.environ, overrides)


def _findings(
    examined: "LoadedConfig", selectors: tuple[str, ...], wish: "TestSendOptions | None", *, is_demo: bool
) -> "Iterator[CheckResult]":
    """The result of each check, then that of the test send."""
    from reporter.cli import doctor_test_send, setup  # noqa: PLC0415
    from reporter.doctor.checks import findings  # noqa: PLC0415 - see above

    yield from findings(examined, setup.machine_clock, is_demo=is_demo, selectors=selectors)
    if wish:
        yield doctor_test_send.tried(wish, examined)


def _lines(finding: "CheckResult") -> Iterator[str]:
    from reporter.domain.strings import one_line  # noqa: PLC0415 - see above

    level = click.style(f"{finding.level:<8}", fg=_COLORS[finding.level], bold=finding.level != "ok")
    yield f"{level} {finding.check:<14} {one_line(finding.text)}"
    for sentence in finding.mend:
        yield f"{'':<8} {'':<14} {one_line(sentence)}"


def _summary(found: "Sequence[CheckResult]") -> str:
    counts = _counts(found)
    told = ", ".join(_told(level, number) for level, number in counts.items() if number)
    verdict = "a run would fail" if counts["problem"] else "all that a run needs is there"
    return f"\n{len(found)} checks: {told}; {verdict}."


def _told(level: str, number: int) -> str:
    return f"{number} {level}" if level == "ok" or number == 1 else f"{number} {level}s"


def _as_json(found: "Sequence[CheckResult]", code: int) -> str:
    findings = [asdict(finding) for finding in found]
    return json.dumps({"findings": findings, "counts": _counts(found), "exit_code": code}, ensure_ascii=False, indent=1)


def _counts(found: "Sequence[CheckResult]") -> dict[str, int]:
    return {level: sum(finding.level == level for finding in found) for level in _COLORS}
