"""Regenerate `sample_output/` with the command itself: `python scripts/samples.py`.

The sandbox provides the data at a fixed time, so data, email, and text are the same on every machine. The pictures
need poppler and Chromium; `--no-pictures` leaves them out.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from reporter.rendering.typefaces import folders

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_output"
NOON_OF_4_MAY_2026 = "1777896000"
FILES = ("report.pdf", "report.json", "email.eml")
WIDTHS = (390, 800)
FONTS = """<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>{folders}
<match target="pattern"><test name="family"><string>Segoe UI</string></test>
<edit name="family" mode="assign" binding="strong"><string>Inter</string></edit></match></fontconfig>"""
"""The system's fonts plus the bundled ones, which stand in for the fonts on a recipient's device."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample report, in a folder named after its period and locale, with its other options."""

    name: str
    organization: str
    timezone: str
    reader: str
    configuration: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the command."""
        period, _, locale = self.name.partition("-")
        of = ("--org", self.organization, "--timezone", self.timezone, "--to", self.reader)
        return ("--period", period, "--locale", locale, *of)


_TARGETS = """
[targets]
response_rate = 0.8
response_time = 1800
accepted_sales = 15
"""

ALL = (
    Sample("month-en_US", "Acme Roofing", "America/New_York", "ceo@acme.example", _TARGETS),
    Sample("week-de_DE", "Bäckerei Müller & Söhne", "Europe/Berlin", "chefin@baeckerei.example"),
    Sample("month-fr_FR", "Northwind Solar", "Europe/Paris", "direction@northwind.example"),
    Sample("month-es_ES", "Blockwell Video Rental", "Europe/Madrid", "direccion@blockwell.example"),
    Sample("quarter-pl_PL", "Alpine Snow Removal", "Europe/Warsaw", "zarzad@alpine.example"),
    Sample("month-hi_IN", "Corner Bakery", "Asia/Kolkata", "owner@bakery.example"),
    Sample("month-ar_EG", "Border Trading Co.", "Africa/Cairo", "ceo@border.example"),
    Sample("month-ja_JP", "Tokyo Reform 東京リフォーム", "Asia/Tokyo", "shacho@reform.example"),
)


def main() -> int:
    """Write every sample into its own folder, which is emptied first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=SAMPLES)
    parser.add_argument("--no-pictures", action="store_true")
    given = parser.parse_args()
    for sample in ALL:
        folder = given.output / sample.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(sample, folder)
        if not given.no_pictures:
            draw(folder)
    return 0


def make(sample: Sample, folder: Path) -> None:
    """Run the command for one sample and keep its files, with the HTML of the email beside them."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": NOON_OF_4_MAY_2026}
    with tempfile.TemporaryDirectory() as archive:
        config = Path(archive, ".config.toml")
        config.write_text(sample.configuration, "utf-8")
        place = ("--config", str(config), "--output", archive)
        command = [sys.executable, "-m", "reporter", "--demo", "--quiet", *place, *sample.options]
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
        (edition,) = Path(archive).glob("[!.]*/*/*")
        for name in FILES:
            shutil.copyfile(edition / name, folder / name)
    mail = message_from_bytes((folder / "email.eml").read_bytes(), policy=policy.default)
    for kind in ("html", "plain"):
        body = mail.get_body((kind,))
        assert body is not None
        name = {"html": "email.html", "plain": "email.txt"}[kind]
        (folder / name).write_text(body.get_content(), "utf-8", newline="\n")


def draw(folder: Path) -> None:
    """Take pictures of the pages, and of the email on a phone and a desktop."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - pictures are optional

    subprocess.run(["pdftoppm", "-r", "90", "-png", folder / "report.pdf", folder / "page"], check=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as place:
        fonts = Path(place, "fonts.conf")
        fonts.write_text(FONTS.format(folders="".join(f"<dir>{folder}</dir>" for folder in folders())), "utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 600})
            page.goto((folder / "email.html").resolve().as_uri())
            page.screenshot(path=folder / f"email-{width}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
