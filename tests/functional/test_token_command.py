"""Tokens from a command: real processes, their output, and their errors."""

import sys
from pathlib import Path

import pytest

from reporter.delivery.oauth.token_command import LIFETIME, CommandTokens
from reporter.delivery.oauth.token_source import NoToken
from reporter.delivery.smtp.smtp_settings import TokenCommand
from tests.token_endpoint import TOKEN


def tokens(program: str, *words: str, seconds: float = 30) -> CommandTokens:
    """The tokens that a program in Python prints."""
    return CommandTokens(TokenCommand((sys.executable, "-c", program, *words)), seconds)


def fault(source: CommandTokens) -> str:
    """The reason why there is no token."""
    with pytest.raises(NoToken) as caught:
        source.fetch()
    assert not caught.value.is_temporary
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.mark.parametrize("ending", ["", "\\n", "\\r\\n"])
def test_what_is_printed_is_the_token(ending: str) -> None:
    """The line's end is not part of the token, and stderr is ignored if the command succeeds."""
    token = tokens(f"import sys; print('warning', file=sys.stderr); print('{TOKEN}', end='{ending}')").fetch()
    assert (token.text, token.lifetime) == (TOKEN, LIFETIME)


def test_no_shell_reads_the_words(tmp_path: Path) -> None:
    """Each argument arrives as written, whatever a shell would make of it."""
    word = f"$(touch${{IFS}}{tmp_path}/made);*'\""
    assert tokens("import sys; print(sys.argv[1])", word).fetch().text == word
    assert list(tmp_path.iterdir()) == []


def test_a_command_gets_no_input() -> None:
    """A command that asks for a password gets no input."""
    assert tokens("import sys; print('nobody' + sys.stdin.read())").fetch().text == "nobody"


def test_a_command_is_not_shown_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command gets the environment without HyperRep's own secrets."""
    monkeypatch.setenv("HYPERREP_API_KEY", "hush")
    monkeypatch.setenv("VAULT_ADDRESS", "there")
    program = "import os; print(os.environ['VAULT_ADDRESS'] + os.environ.get('HYPERREP_API_KEY', '-only'))"
    assert tokens(program).fetch().text == "there-only"


def test_a_command_that_fails_is_told_by_its_last_line() -> None:
    """The code and the message are reported, without what may be a secret or any argument of the command."""
    program = (
        f"import sys; print('{TOKEN}'); print('trace', file=sys.stderr);"
        f"print('ERROR: not logged in: {TOKEN} abc\\x1b eyJhbGciOiJSUzI1NiJ9.e30.c2ln', file=sys.stderr); sys.exit(3)"
    )
    told = fault(tokens(program, "--key=hush"))
    assert "ended with code 3 (ERROR: not logged in: … abc …)" in told
    assert "run it by hand" in told
    assert "hush" not in told


def test_a_command_that_says_nothing_is_told_by_its_code() -> None:
    """A failure without output is still a sentence."""
    assert "ended with code 1: run it" in fault(tokens("import sys; sys.exit(1)"))


@pytest.mark.parametrize(
    "printed", ["''", "'hush hush'", "'hush\\nhush'", "'hush\\x01'", "'hush\\u00e9'", "'hush' * 50_000"]
)
def test_what_is_no_token_is_not_shown(printed: str) -> None:
    """Anything but one word of ASCII is rejected without being shown."""
    told = fault(tokens(f"print({printed})"))
    assert "printed something else" in told
    assert "hush" not in told


def test_a_command_that_never_ends_is_stopped() -> None:
    """After its timeout the command is stopped, with every process that it started or that holds its output."""
    program = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', 'import time; time.sleep(600)'])"
    assert "did not end within 0.5 seconds" in fault(tokens(program, seconds=0.5))


def test_a_command_that_prints_for_ever_is_stopped() -> None:
    """No more is read than the maximum length of a token."""
    assert "printed something else" in fault(tokens("while True: print('x' * 10_000)"))


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A program that is missing or not executable is named."""
    missing = CommandTokens(TokenCommand((str(tmp_path / "gcloud"),)))
    assert f"({tmp_path / 'gcloud'}) cannot be run (No such file or directory)" in fault(missing)


def test_the_words_are_not_in_print() -> None:
    """A secret in the command's arguments is not shown in a log."""
    assert "hush" not in repr(tokens("", "--key=hush"))
