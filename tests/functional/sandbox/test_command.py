"""`hyperrep-report sandbox` as a program: what it prints and serves, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys

import click
import httpx
from click.testing import CliRunner

from reporter.cli import sandbox
from reporter.cli.command import main
from reporter.domain.errors import UsageError


def test_the_command_serves_until_interrupted() -> None:
    """The command prints its URL, its key, and a command to try; they work, and Ctrl-C ends it cleanly."""
    program = [sys.executable, "-c", "from reporter.cli.sandbox import command; command()", "--port", "0"]
    with subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    ) as process:
        assert process.stdout
        assert process.stderr
        introduction = "".join(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
        assignments = dict(re.findall(r"(HYPERREP_API_\w+)=(\S+)", introduction))
        organizations = httpx.get(
            f"{assignments['HYPERREP_API_URL']}/api/v2/organizations",
            headers={"X-API-KEY": assignments["HYPERREP_API_KEY"]},
        )
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert process.stderr.read() == ""
    assert "hyperrep-report --all-orgs" in introduction
    assert len(organizations.headers.get_list("date")) == 1
    assert organizations.json()["data"][0]["name"] == "Acme Roofing"


def test_a_port_in_use_is_said_in_a_sentence() -> None:
    """A port in use or an invalid host is a usage error that names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["sandbox", "--port", port])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert port in str(result.exception)
    assert isinstance(CliRunner().invoke(main, ["sandbox", "--host", "no.such..host"]).exception, UsageError)


def test_the_command_is_named_sandbox() -> None:
    """The command is found under its documented name."""
    assert isinstance(sandbox.command, click.Command)
    assert sandbox.command.name == "sandbox"
