"""Secrets come from a variable or a file, never from both, and are never shown."""

from pathlib import Path

import pytest

from reporter.config.load import load_config, load_environment
from reporter.config.settings import Config, Overrides
from reporter.domain.errors import ConfigurationError

MAIL = {
    "HYPERREP_SMTP_HOST": "smtp.example.com",
    "HYPERREP_SMTP_FROM": "reports@example.com",
    "HYPERREP_SMTP_USERNAME": "reports",
}


def loaded(**environ: str) -> Config:
    """The configuration of this environment."""
    return load_environment(environ, Overrides())


def only_problem(**environ: str) -> str:
    """The only error of this environment."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(**environ)
    (problem,) = caught.value.problems
    return problem


def test_a_secret_comes_from_its_variable_or_from_a_file(tmp_path: Path) -> None:
    """Both forms give the same secret; the newline that an editor adds at the end of a file is not part of it."""
    for name, ending in (("plain", ""), ("unix", "\n"), ("windows", "\r\n")):
        (tmp_path / name).write_bytes(f"hush-{name}{ending}".encode())
        config = loaded(
            HYPERREP_API_KEY_FILE=str(tmp_path / name), HYPERREP_SMTP_PASSWORD_FILE=str(tmp_path / name), **MAIL
        )
        assert config.key is not None
        assert config.smtp is not None
        assert config.key.get_secret_value() == config.smtp.password == f"hush-{name}"
    from_variable = loaded(HYPERREP_API_KEY="hush\n").key
    assert from_variable is not None
    assert from_variable.get_secret_value() == "hush"


def test_no_secret_is_shown_by_the_configuration() -> None:
    """A configuration in a log or traceback masks its secrets."""
    config = loaded(HYPERREP_API_KEY="hush", HYPERREP_SMTP_PASSWORD="hush", **MAIL)
    assert config.smtp is not None
    assert config.smtp.password == "hush"
    assert "hush" not in f"{config!r} {config} {config.key} {config.smtp}"


@pytest.mark.parametrize("name", ["HYPERREP_API_KEY", "HYPERREP_SMTP_PASSWORD"])
def test_both_forms_at_once_are_refused(name: str, tmp_path: Path) -> None:
    """A secret from both a variable and a file is refused, because the intended one is unknown."""
    problem = only_problem(**{name: "hush", f"{name}_FILE": str(tmp_path / "absent")})
    assert problem == f"{name} and {name}_FILE are both set; unset one of them."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "is empty; put the secret into it."),
        (b"\n", "is empty; put the secret into it."),
        (b"hu\xffsh", "is not UTF-8 text, byte 3 is none; save it as UTF-8."),
        (b"hush\nhush\n", "holds a line break or an invisible character; remove it."),
    ],
)
def test_a_file_that_holds_no_secret_is_a_problem(content: bytes | None, reason: str, tmp_path: Path) -> None:
    """Variable, file, and reason are reported, and nothing of the file's content."""
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    problem = only_problem(HYPERREP_SMTP_PASSWORD_FILE=str(file))
    assert problem.startswith("HYPERREP_SMTP_PASSWORD_FILE: ")
    assert problem.endswith(reason)
    assert "hush" not in problem


def test_a_key_that_no_header_can_carry_is_a_problem() -> None:
    """A key with a space is refused before any request, without being shown."""
    problem = only_problem(HYPERREP_API_KEY="hush hush")
    assert "HYPERREP_API_KEY" in problem
    assert "hush" not in problem


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "there is a username but no password; set HYPERREP_SMTP_PASSWORD"),
        ({"HYPERREP_SMTP_USERNAME": "", "HYPERREP_SMTP_PASSWORD": "hush"}, "there is a password but no username"),
        ({"HYPERREP_SMTP_SECURITY": "none", "HYPERREP_SMTP_PASSWORD": "hush"}, "would show the password on its way"),
        ({"HYPERREP_SMTP_FROM": "", "HYPERREP_SMTP_PASSWORD": "hush"}, "there is a host but no sender"),
    ],
)
def test_half_a_login_is_a_problem(changes: dict[str, str], reason: str) -> None:
    """A login that a mail server would refuse, or that would expose the password, is refused before a run."""
    assert reason in only_problem(**{**MAIL, **changes})


def test_a_run_that_takes_place_elsewhere_needs_no_secret_here(tmp_path: Path) -> None:
    """Without secrets, none is read, and an account without its password is accepted."""
    config = load_config(None, {**MAIL, "HYPERREP_API_KEY_FILE": str(tmp_path / "absent")}, Overrides(), secrets=False)
    assert (config.key, config.smtp) == (None, None)


def test_services_and_the_heartbeat_are_secrets(tmp_path: Path) -> None:
    """Addresses come one per line from a variable or a file, and none is shown."""
    (tmp_path / "services").write_text("json://example.com/hush\n\n  slack://hush/hush/hush\n", "utf-8")
    (tmp_path / "heartbeat").write_text("https://example.com/hush\n", "utf-8")
    ops = loaded(
        HYPERREP_OPS_URLS_FILE=str(tmp_path / "services"), HYPERREP_HEARTBEAT_URL_FILE=str(tmp_path / "heartbeat")
    ).ops
    found = [address.get_secret_value() for address in ops.services]
    assert found == ["json://example.com/hush", "slack://hush/hush/hush"]
    assert ops.heartbeat is not None
    assert ops.heartbeat.get_secret_value() == "https://example.com/hush"
    assert "hush" not in repr(ops)
    assert loaded(HYPERREP_OPS_URLS="json://example.com/hush").ops.services == ops.services[:1]


@pytest.mark.parametrize(
    "address", ["hush", "http://example.com/hush", "ftp://example.com/hush", "https://", "https://[hush"]
)
def test_a_heartbeat_that_is_no_address_is_refused_unseen(address: str) -> None:
    """An invalid heartbeat address is refused without being shown, because it may be a secret."""
    problem = only_problem(HYPERREP_HEARTBEAT_URL=address)
    assert problem == "HYPERREP_HEARTBEAT_URL: is not an address with https://, or on this machine with http://."


@pytest.mark.parametrize("line", ["hush", "json:/hush", "://hush", "json://"])
def test_a_service_that_is_no_address_is_refused_unseen(line: str) -> None:
    """The line number of an invalid address is reported, not its content."""
    problem = only_problem(HYPERREP_OPS_URLS=f"json://example.com\n{line}")
    assert problem == "HYPERREP_OPS_URLS: line 2 is no address; write it like json://example.com/path."


def test_the_address_of_a_ledger_is_a_secret(tmp_path: Path) -> None:
    """The ledger's address contains a password: it comes from a variable or a file, and is not shown."""
    address = "postgresql://reports:hush@db.example.com/ledger"
    (tmp_path / "ledger").write_text(f"{address}\n", "utf-8")
    config = loaded(HYPERREP_LEDGER_URL_FILE=str(tmp_path / "ledger"))
    assert config.ledger == loaded(HYPERREP_LEDGER_URL=address).ledger == address
    assert loaded().ledger is None
    assert "hush" not in repr(config)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("hush", "is not an address like postgresql://user@host/database."),
        ("mysql://u:hush@host/ledger", "names a kind of database that the ledger does not know: use postgresql://."),
        ("postgresql://u:hush@hush@host/ledger", "in a password, write @ as %40, : as %3A and / as %2F."),
        ("postgresql://host:hush/ledger", "is not an address like postgresql://user@host/database."),
    ],
)
def test_a_ledger_that_cannot_be_there_is_a_problem(address: str, reason: str) -> None:
    """Variable and reason are reported, and nothing of the address."""
    problem = only_problem(HYPERREP_LEDGER_URL=address)
    assert problem.startswith("HYPERREP_LEDGER_URL: ")
    assert problem.endswith(reason)
    assert "hush" not in problem


def test_each_report_finds_its_own_password(tmp_path: Path) -> None:
    """A password comes from the variable or file that a report or the file's top level names, and is never shown."""
    (tmp_path / "secret").write_text("hush-b\n", "utf-8")
    file = tmp_path / "reports.toml"
    block, own = '[[reports]]\norganization = "{0}"\n', 'pdf_password_env = "HYPERREP_PDF_PASSWORD_{0}"\n'
    environ = {
        "HYPERREP_PDF_PASSWORD": "hush",
        "HYPERREP_PDF_PASSWORD_A": "hush-a",
        "HYPERREP_PDF_PASSWORD_B_FILE": str(tmp_path / "secret"),
    }

    def passwords(top: str, environ: dict[str, str]) -> list[str | None]:
        file.write_text(top + block.format("A") + own.format("A") + block.format("B") + own.format("B"), "utf-8")
        file.write_text(file.read_text("utf-8") + block.format("C"), "utf-8")
        config = load_config(file, environ, Overrides())
        assert "hush" not in repr(config)
        found = [report.pdf_password for report in config.reports]
        return [each.get_secret_value() if each else None for each in found]

    assert passwords('pdf_password_env = "HYPERREP_PDF_PASSWORD"\n', environ) == ["hush-a", "hush-b", "hush"]
    assert passwords(own.format("B"), environ | {"HYPERREP_PDF_PASSWORD": ""}) == ["hush-a", "hush-b", "hush-b"]
    assert passwords("", environ | {"HYPERREP_PDF_PASSWORD": ""}) == ["hush-a", "hush-b", None]


@pytest.mark.parametrize("name", ["HYPERREP_PDF_PASSWORD", "HYPERREP_PDF_PASSWORD_ACME"])
def test_a_password_that_no_report_uses_is_a_problem(name: str, tmp_path: Path) -> None:
    """An unused password is refused, because somebody believes that the PDFs are encrypted."""
    said = f"{name}: no report uses it, so no PDF opens with it; set pdf_password_env = '{name}', or unset it."
    assert only_problem(**{name: "hush"}) == said
    (tmp_path / "secret").write_text("hush")
    assert only_problem(**{f"{name}_FILE": str(tmp_path / "secret")}) == said


@pytest.mark.parametrize(
    "value", ['"hush"', "123456", '"HYPERREP_API_KEY"', '"HYPERREP_PDF_PASSWORD_FILE"', '"HYPERREP_PDF_PASSWORD-hush"']
)
def test_a_password_in_the_file_is_refused_unseen(value: str, tmp_path: Path) -> None:
    """A value in place of a variable's name is not shown, because it may be the password itself."""
    file = tmp_path / "reports.toml"
    file.write_text(f"pdf_password_env = {value}\n", "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_config(file, {}, Overrides())
    (problem,) = caught.value.problems
    reason = "is no name like HYPERREP_PDF_PASSWORD_ACME; that variable, or a file, holds the password itself."
    assert problem == f"{file}: pdf_password_env: {reason}"
