"""`hyperrep-report schedule`: its output is parsed by the programs that it is for."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from reporter.cli import run
from reporter.domain.window import Period
from tests.office import PROJECT

HOSTILE = """A'c "me" %d 100% $(id) ${{ secrets.X }} \\ `x` # ; é"""
PERIODS = tuple(period for period in Period if period is not Period.CUSTOM)
SCHEDULERS = ("cron", "systemd", "github", "kubernetes")
Printed = Callable[..., str]


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """The output of the command in an empty folder, for these arguments."""
    for name in [name for name in os.environ if name.startswith("HYPERREP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def schedule(*words: str) -> str:
        assert run(["schedule", *words]) == 0
        return capsys.readouterr().out

    return schedule


def cron_line(text: str) -> tuple[str, list[str]]:
    """The fields and the shell's words of the only job in a crontab, as cron passes them on."""
    (job,) = re.findall(r"(?m)^(\S+ \S+ \S+ \S+ \S+) (?![A-Za-z_]+=)(.+)$", re.sub(r"(?m)^(#.*|\w+=.*)$", "", text))
    fields, command = job
    assert not re.search(r"(?<!\\)%", command)
    return fields, shlex.split(command.replace(r"\%", "%"))


def units(text: str) -> dict[str, str]:
    """The unit files in the systemd schedule, by name."""
    parts = re.split(r"(?m)^# /etc/systemd/system/(\S+)$", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def workflow(text: str) -> Any:
    """The workflow; YAML 1.1 parses its key `on` as true."""
    content = yaml.safe_load(text)
    content["on"] = content.pop(True)
    return content


def report_step(text: str) -> Any:
    """The step of the workflow that runs the command, the only one that gets its secrets."""
    (step,) = (step for step in workflow(text)["jobs"]["report"]["steps"] if step.get("name") == "Report")
    return step


def cron_job(text: str) -> Any:
    """The CronJob among the Kubernetes objects."""
    return next(each for each in yaml.safe_load_all(text) if each["kind"] == "CronJob")


@pytest.mark.parametrize("period", PERIODS)
def test_each_period_has_its_usual_time(printed: Printed, period: Period) -> None:
    """Reports are sent at 07:00, weekly ones on Monday, those of longer periods on their first day."""
    cron = {
        "day": "0 7 * * *",
        "week": "0 7 * * 1",
        "month": "0 7 1 * *",
        "quarter": "0 7 1 1,4,7,10 *",
        "year": "0 7 1 1 *",
    }[period]
    options = ("--period", period.value, "--timezone", "Europe/Berlin")
    assert cron_line(printed("cron", *options))[0] == cron
    job = cron_job(printed("kubernetes", *options))["spec"]
    assert (job["schedule"], job["timeZone"], job["concurrencyPolicy"]) == (cron, "Europe/Berlin", "Forbid")


def test_cron_runs_the_command_with_every_option_as_it_was_given(printed: Printed, tmp_path: Path) -> None:
    """The line changes to the folder and runs the program; quotes, percent signs, and dollars reach it unchanged."""
    text = printed("cron", "--org", HOSTILE, "--to", "a@example.com", "--to", "b@example.com", "-vv", "--no-email")
    _, words = cron_line(text)
    assert words[:3] == ["cd", str(tmp_path), "&&"]
    assert Path(words[3]).is_absolute()
    assert words[3].endswith("hyperrep-report")
    recipients = ["--to", "a@example.com", "--to", "b@example.com"]
    assert words[4:] == ["--output", "reports", "--org", HOSTILE, *recipients, "--no-email", "--verbose", "--verbose"]
    assert "CRON_TZ=UTC\n" in text


def test_the_configuration_decides_zone_period_and_archive(printed: Printed, tmp_path: Path) -> None:
    """A named file is read now and by every run: its time zone, its shortest period, and its archive apply."""
    (tmp_path / "mine.toml").write_text(
        'timezone = "Asia/Tokyo"\noutput = "kept"\nperiod = "year"\n'
        '[[reports]]\norganization = "A"\nperiod = "quarter"\n[[reports]]\norganization = "A"\nperiod = "month"\n',
        "utf-8",
    )
    text = printed("cron", "--config", "mine.toml")
    fields, words = cron_line(text)
    assert fields == "0 7 1 * *"
    assert "CRON_TZ=Asia/Tokyo\n" in text
    assert words[4:] == ["--config", "mine.toml", "--output", "kept"]


def test_a_run_for_several_zones_waits_for_the_last_of_them(printed: Printed, tmp_path: Path) -> None:
    """When the run starts, no report's period is still in progress, in whichever time zone."""
    block = '[[reports]]\norganization = "{}"\ntimezone = "{}"\n'
    zones = ("Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin")
    text = "".join(block.format(position, zone) for position, zone in enumerate(zones))
    (tmp_path / "hyperrep-report.toml").write_text(text, "utf-8")
    assert "CRON_TZ=America/Los_Angeles\n" in printed("cron")
    assert "CRON_TZ=Europe/Berlin\n" in printed("cron", "--timezone", "Europe/Berlin")


def test_the_environment_goes_along_without_its_secrets(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current environment is set for every run; a secret is only named, by its file or its store."""
    monkeypatch.setenv("HYPERREP_API_KEY", "hush-key")
    monkeypatch.setenv("HYPERREP_SMTP_PASSWORD", "hush-password")
    monkeypatch.setenv("HYPERREP_SMTP_HOST", "smtp.example.com")
    monkeypatch.setenv("HYPERREP_SMTP_FROM", '"R 5%" <r@example.com>')
    texts = {scheduler: printed(scheduler) for scheduler in SCHEDULERS}
    assert not any("hush" in text for text in texts.values())
    assert """HYPERREP_SMTP_FROM='"R 5%" <r@example.com>'\n""" in texts["cron"]
    assert r'Environment="HYPERREP_SMTP_FROM=\"R 5%%\" <r@example.com>"' in texts["systemd"]
    environment = report_step(texts["github"])["env"]
    assert environment["HYPERREP_SMTP_FROM"] == '"R 5%" <r@example.com>'
    assert environment["HYPERREP_API_KEY"] == "${{ secrets.HYPERREP_API_KEY }}"
    container = cron_job(texts["kubernetes"])["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    values = {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}
    assert values["HYPERREP_SMTP_FROM"] == '"R 5%" <r@example.com>'
    assert values["HYPERREP_API_KEY"] == {"secretKeyRef": {"name": "hyperrep-report", "key": "api-key"}}


ASKING = """
pdf_password_env = "HYPERREP_PDF_PASSWORD"
[smtp]
host = "smtp.example.com"
from = "r@example.com"
{login}
[[reports]]
organization = "A"
locale = "ja"
[[reports]]
organization = "B"
pdf_password_env = "HYPERREP_PDF_PASSWORD_B"
"""
PASSWORDS = {"HYPERREP_PDF_PASSWORD", "HYPERREP_PDF_PASSWORD_B"}
APPLICATION = 'microsoft = { tenant = "t", client_id = "c" }'


def secrets_of(text: str, scheduler: str) -> dict[str, bool]:
    """The secret variables that a schedule sets, each by its file or its key's name, and whether it is required."""
    if scheduler == "kubernetes":
        container = cron_job(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        stored = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container["env"] if "valueFrom" in each}
        found = {name: (key["key"], not key.get("optional")) for name, key in stored.items()}
        create, also = (re.findall(f"(?m)^#.*{begin}.*$", text) for begin in ("create secret", r"\(and --from-file"))
        for lines, is_certain in ((create, True), (also, False)):
            keys = {key for key, must in found.values() if must is is_certain}
            assert len(lines) == bool(keys)
            assert keys == set(re.findall(r"--from-file=(\S+)=\./\1", "".join(lines)))
        assert "(and where" not in text
    elif scheduler == "github":
        values = report_step(text)["env"]
        stored = {name: value for name, value in values.items() if value == f"${{{{ secrets.{name} }}}}"}
        found = {name: (key_of(name), f"#   {name}\n" in text) for name in stored}
    else:
        opening = r"(# )?(?:Environment=)?(HYPERREP_\w+)_FILE=(?:%d|/etc/hyperrep-report)/(\S+)"
        found = {name: (key, not mark) for mark, name, key in re.findall(f"(?m)^{opening}$", text)}
        loaded = re.findall(r"LoadCredential=(\S+):/etc/hyperrep-report/\1\n", text)
        assert scheduler == "cron" or loaded == [key for key, _ in found.values()]
    assert [key for key, _ in found.values()] == [key_of(name) for name in found]
    return {name: must for name, (_, must) in found.items()}


def key_of(variable: str) -> str:
    """The name of a secret in the store."""
    return variable.removeprefix("HYPERREP_").lower().replace("_", "-")


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize(
    ("login", "certain"),
    [
        ("", set()),
        ('username = "r"', {"HYPERREP_SMTP_PASSWORD"}),
        (APPLICATION, {"HYPERREP_SMTP_CLIENT_SECRET"}),
        ('token_command = ["token"]\nusername = "r"', set()),
    ],
)
def test_each_secret_that_the_configuration_asks_for_reaches_the_run(
    printed: Printed, tmp_path: Path, scheduler: str, login: str, certain: set[str]
) -> None:
    """The key, each PDF's password, and the login's secret are passed on; other secrets are optional."""
    (tmp_path / "hyperrep-report.toml").write_text(ASKING.format(login=login), "utf-8")
    found = secrets_of(printed(scheduler), scheduler)
    assert {name for name, must in found.items() if must} == {"HYPERREP_API_KEY", *PASSWORDS, *certain}
    password = set() if "token" in login or login == APPLICATION else {"HYPERREP_SMTP_PASSWORD"}
    assert {name for name, must in found.items() if not must} == {"HYPERREP_HEARTBEAT_URL", *password} - certain


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_secret_that_is_set_here_is_one_of_the_run(
    printed: Printed, monkeypatch: pytest.MonkeyPatch, scheduler: str
) -> None:
    """A secret set in either form is included by name; a password for PDFs that no report names is not."""
    monkeypatch.setenv("HYPERREP_SMTP_PASSWORD", "hush")
    monkeypatch.setenv("HYPERREP_HEARTBEAT_URL", "https://hush.example.com")
    monkeypatch.setenv("HYPERREP_LEDGER_URL_FILE", "/run/ledger")
    monkeypatch.setenv("HYPERREP_OPS_URLS", "json://hush.example.com")
    monkeypatch.setenv("HYPERREP_PDF_PASSWORD", "hush")
    text = printed(scheduler)
    names = ("API_KEY", "SMTP_PASSWORD", "HEARTBEAT_URL", "LEDGER_URL", "OPS_URLS")
    assert secrets_of(text, scheduler) == {f"HYPERREP_{name}": True for name in names}
    assert "hush" not in text


def test_no_secret_is_in_reach_of_another_step(printed: Printed) -> None:
    """The workflow gives the secrets to the step that runs the command, not to those that install and store."""
    content = workflow(printed("github"))
    job = content["jobs"]["report"]
    others = [step for step in job["steps"] if step.get("name") != "Report"]
    assert "secrets." not in json.dumps({**content, "jobs": {"report": {**job, "steps": others}}})


def test_the_extras_that_the_configuration_needs_are_installed(
    printed: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workflow says which wheels to build, the job which image; without extras nothing is added."""
    build = f"#   sh scripts/wheels {tmp_path / 'wheels'}"
    assert f"{build}\n" in printed("github")
    assert "EXTRAS" not in printed("kubernetes")
    (tmp_path / "hyperrep-report.toml").write_text(ASKING.format(login=""), "utf-8")
    assert f"{build} password\n" in printed("github")
    monkeypatch.setenv("HYPERREP_LEDGER_URL", "hush")
    assert "--build-arg EXTRAS='password postgresql'" in printed("kubernetes")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("period", PERIODS)
def test_systemd_takes_the_units(printed: Printed, tmp_path: Path, period: Period) -> None:
    """Systemd accepts service and timer, and understands the calendar with its time zone."""
    text = printed("systemd", "--period", period.value, "--timezone", "America/New_York", "--org", HOSTILE)
    for name, content in units(text).items():
        runnable = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={shutil.which('true')}", content)
        (tmp_path / name).write_text(runnable, "utf-8")
    service, timer = (tmp_path / f"hyperrep-report-{period}.{kind}" for kind in ("service", "timer"))
    verify = ["systemd-analyze", "verify", "--man=no", str(service), str(timer)]
    checked = subprocess.run(verify, capture_output=True, text=True, check=False)
    faults = [line for line in checked.stderr.splitlines() if "hyperrep-report" in line]
    assert faults == []
    (calendar,) = re.findall(r"(?m)^OnCalendar=(.+)$", timer.read_text("utf-8"))
    assert calendar.endswith(" America/New_York")
    subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, check=True)


def test_systemd_gets_every_option_as_it_was_given(printed: Printed) -> None:
    """Quotes, specifiers, and variables in an option reach the program unchanged, by systemd's own rules."""
    service = units(printed("systemd", "--org", HOSTILE))["hyperrep-report-week.service"]
    (command,) = re.findall(r"(?m)^ExecStart=(.+)$", service)
    assert shlex.split(command.replace("%%", "%").replace("$$", "$"))[-2:] == ["--org", HOSTILE]
    assert "$$(id) $${{ secrets.X }}" in command
    assert "LoadCredential=api-key:/etc/hyperrep-report/api-key" in service


def test_github_runs_reports_and_keeps_the_memory_of_what_was_sent(printed: Printed) -> None:
    """The archive is restored before a run and stored after it, however the run ends, and in between."""
    content = workflow(printed("github", "--timezone", "America/New_York", "--org", HOSTILE))
    report, keeping = (each["cron"] for each in content["on"]["schedule"])
    assert report == "0 12 * * 1"
    steps = content["jobs"]["report"]["steps"]
    names = [step.get("name", step.get("uses")) for step in steps]
    assert names[-2:] == ["Report", "Store the archive and its ledger"]
    assert names.index("Restore the archive of the previous run") < names.index("Report")
    assert [step["uses"] for step in steps if "cache" in step.get("uses", "")] == []
    for step in steps[names.index("Restore the archive of the previous run") + 1 : -1]:
        assert step["if"] == f"github.event.schedule != '{keeping}'"
    (command,) = (step["run"] for step in steps if step.get("name") == "Report")
    evaluated = command.replace("${{ '${{' }}", "${{")
    assert shlex.split(evaluated) == [
        "hyperrep-report",
        "--output",
        "reports",
        "--org",
        HOSTILE,
        "--timezone",
        "America/New_York",
    ]
    assert re.findall(r"\$\{\{(.*?)\}\}", command) == [" '${{' "]


def test_kubernetes_mounts_configuration_archive_and_secrets(printed: Printed, tmp_path: Path) -> None:
    """The container finds the configuration where its options point, and writes to a claim that outlives it."""
    (tmp_path / "hyperrep-report.toml").write_text('timezone = "Europe/Berlin"', "utf-8")
    text = printed("kubernetes", "--org", HOSTILE, "--output", "elsewhere")
    pod = cron_job(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    arguments = [argument.replace("$$(", "$(") for argument in container["args"]]
    configuration = ["--config", "/etc/hyperrep-report/hyperrep-report.toml", "--output", "/data/reports"]
    assert arguments == [*configuration, "--org", HOSTILE]
    assert "$$(id) ${{ secrets.X }}" in container["args"][-1]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts == {"archive": "/data", "configuration": "/etc/hyperrep-report"}
    assert {each["name"] for each in pod["volumes"]} == set(mounts)
    claim = next(each for each in yaml.safe_load_all(text) if each["kind"] == "PersistentVolumeClaim")
    assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert text.endswith("\n")


@pytest.mark.parametrize("version", ["1.25", "1.27", "1.28", "1.31", "1.34", "1.37"])
@pytest.mark.parametrize("words", [(), ("--due",)], ids=["one time", "due"])
def test_kubernetes_takes_the_objects(printed: Printed, tmp_path: Path, version: str, words: tuple[str, ...]) -> None:
    """Each object is valid by the published schema of every version since CronJobs have time zones."""
    (tmp_path / "hyperrep-report.toml").write_text(ASKING.format(login=""), "utf-8")
    for each in yaml.safe_load_all(printed("kubernetes", *words)):
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--peroid", "month"], "No such option '--peroid'"),
        (["--period", "decade"], "'decade' is not one of"),
        (["sandbox"], "unexpected extra argument"),
        (["--timezone", "Nowhere"], "--timezone: 'Nowhere' is not a time zone"),
        (["--config", "absent.toml"], "absent.toml: cannot be read"),
        (["--as-of", "2026-05-01"], "--as-of is for a single run"),
        (["--force", "again"], "--force is for a single run"),
        (["--org", "a\nb"], "contains a line break"),
        (["--at", "25:00"], "is not a time"),
        (["--at", "Foo 07:00"], "names no weekday"),
        (["--at", "1 07:00"], "names a day of the month, but the period is week"),
        (["--period", "month", "--at", "Mon 07:00"], "names a weekday, but the period is month"),
        (["--period", "month", "--at", "31 07:00"], "the day must be from 1 to 28"),
    ],
)
def test_what_no_schedule_can_hold_is_refused(
    printed: Printed, capsys: pytest.CaptureFixture[str], scheduler: str, words: list[str], reason: str
) -> None:
    """A wrong option is found when the schedule is created, not when it runs: one sentence, exit code 2, no output."""
    assert run(["schedule", scheduler, *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert reason in told.err


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_each_report_by_its_own_time_is_looked_for_every_quarter_of_an_hour(printed: Printed, scheduler: str) -> None:
    """With --due the command is `due`, with the options that it has."""
    text = printed(scheduler, "--due", "--max-age", "3", "--catch-up", "all")
    times = {
        "cron": "*/15 * * * *",
        "systemd": "OnCalendar=*:0/15",
        "github": "*/15 * * * *",
        "kubernetes": "*/15 * * * *",
    }
    assert times[scheduler] in text
    assert re.search(r"\bdue\b.*--catch-up\W+all\W+--max-age\W+3\b", text, re.DOTALL)


@pytest.mark.parametrize("words", [["--due", "--at", "07:00"], ["--due", "--period", "month"]])
def test_a_time_for_all_and_one_for_each_are_not_mixed(printed: Printed, words: list[str]) -> None:
    """An option that only a run for all reports has is rejected beside --due."""
    assert run(["schedule", "cron", *words]) == 2


def test_github_finds_only_what_lies_in_the_repository(printed: Printed, capsys: pytest.CaptureFixture[str]) -> None:
    """An archive elsewhere on this machine is rejected."""
    assert run(["schedule", "github", "--output", "/var/reports"]) == 2
    assert "is outside the repository" in capsys.readouterr().err


def taken_over(text: str, folder: Path, artifacts: list[dict[str, Any]], *, reachable: bool = True) -> int:
    """The exit code of a workflow's step that restores the archive, run with a `gh` that has these artifacts."""
    (step,) = (step for job in workflow(text)["jobs"].values() for step in job["steps"] if step.get("id") == "archive")
    (folder / "artifacts.json").write_text(json.dumps({"artifacts": artifacts}))
    gh = folder / "gh"
    gh.write_text(f"#!{sys.executable}\n{GH}")
    gh.chmod(0o755)
    variables = {"PATH": f"{folder}:{os.environ['PATH']}", "GITHUB_REPOSITORY": "a/b", "RUNNER_TEMP": str(folder)}
    variables |= {"OUTPUT": "reports", "REACHABLE": str(reachable)}
    return subprocess.run(["bash", "-e", "-c", step["run"]], cwd=folder, env=variables, check=False).returncode


GH = """
import io, json, os, sys, zipfile
if os.environ["REACHABLE"] != "True":
    sys.exit("HTTP 500")
path = sys.argv[-1] if "--jq" not in sys.argv else sys.argv[sys.argv.index("--jq") - 1]
if path.endswith("/zip"):
    archive = zipfile.ZipFile(sys.stdout.buffer, "w")
    archive.writestr(".state/memory", path.split("/")[-2])
    archive.close()
else:
    prefix = sys.argv[-1].partition('startswith("')[2].partition('"')[0]
    for each in json.load(open("artifacts.json"))["artifacts"]:
        if each["name"].startswith(prefix) and each["repository"] == each["head_repository"]:
            print(each["id"])
"""
"""Replaces GitHub's program: it lists the artifacts that match the query, and returns each as a zip that names it."""


@pytest.mark.parametrize("source", ["schedule", "reports.yml"])
def test_the_newest_archive_is_taken_over_or_nothing_is_sent(source: str, printed: Printed, tmp_path: Path) -> None:
    """The last attempt's archive is restored with its ledger, a fork's is not; without an answer, the run ends."""
    own = source == "reports.yml"
    text = (PROJECT / ".github/workflows/reports.yml").read_text() if own else printed("github")
    name = "report-archive-" if own else "hyperrep-report-week-"
    entry = {"repository": 1, "head_repository": 1}
    fork = {**entry, "id": 99, "name": f"{name}9-1", "head_repository": 2}
    others = [{**entry, "id": 77, "name": "coverage"}, fork]
    assert taken_over(text, tmp_path, others) == 0
    assert not (tmp_path / "reports").exists()
    kept = [{**entry, "id": 9, "name": f"{name}4-1"}, {**entry, "id": 10, "name": f"{name}4-2"}]
    assert taken_over(text, tmp_path, [*others, *kept], reachable=False) != 0
    assert taken_over(text, tmp_path, [*others, *kept]) == 0
    assert (tmp_path / "reports/.state/memory").read_text() == "10"
    (upload,) = (
        step for job in workflow(text)["jobs"].values() for step in job["steps"] if "upload" in step.get("uses", "")
    )
    assert upload["with"]["name"] == name + "${{ github.run_id }}-${{ github.run_attempt }}"
    assert (upload["if"], upload["with"]["path"]) == ("always() && steps.archive.outcome == 'success'", "reports")
    assert upload["with"]["include-hidden-files"] is True
