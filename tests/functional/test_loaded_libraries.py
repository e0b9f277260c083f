"""What the two processes of a single report load: each only what it uses, since loading takes most of a short run."""

import subprocess
import sys
from pathlib import Path

from reporter.archive.edition import DATA
from reporter.codec import decode, parse
from reporter.rendering.rendered_report import make_document
from reporter.rendering.worker import Worker
from tests.office import bare_environment

ONLY_IN_WORKERS = {
    "css_inline",
    "reporter.analysis.comparison",
    "reporter.rendering.render",
    "reporter.rendering.template_filling",
    "weasyprint",
}
RARELY = {
    "alembic",
    "cryptography",
    "dns",
    "psycopg",
    "reporter.delivery.smtp.smtp_channel",
    "reporter.alerts",
    "xlsxwriter",
}
"""What a report without a mail server, on a new ledger in a file, does not need."""

ONLY_IN_THE_COMMAND = {
    "alembic",
    "asyncio",
    "click",
    "filelock",
    "httpx",
    "pydantic",
    "rich",
    "sqlalchemy",
    "starlette",
    "structlog",
    "xlsxwriter",
}

PROGRAM = """
import sys
from reporter.cli import run
code = run(["--demo", "--output", "reports"])
print(code, *sorted(set(sys.argv[1:]) & sys.modules.keys()), file=sys.stderr)
"""


def test_the_command_loads_nothing_that_renders(tmp_path: Path) -> None:
    """After a report, the command's own process has loaded no renderer, no analysis, and no unused library."""
    # Coverage measurement loads libraries of its own, so this program is not measured.
    environment = {name: value for name, value in bare_environment().items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *ONLY_IN_WORKERS, *RARELY],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "0\n"
    [document] = tmp_path.glob(f"reports/*/*/*/{DATA}")
    with Worker() as worker:
        rendered = worker.run(make_document, decode(parse(document.read_bytes())))
        loaded = worker.run(eval, "set(__import__('sys').modules)")
    assert rendered.files.data == document.read_bytes()
    assert ONLY_IN_WORKERS - {"xlsxwriter"} <= loaded
    assert not ONLY_IN_THE_COMMAND & loaded
