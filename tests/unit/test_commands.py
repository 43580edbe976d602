"""`python -m lib` without a command, or with an unknown one."""

import pytest

from lib.cli.commands import COMMANDS, main


def test_without_a_command_the_error_asks_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == "python -m lib: error: name a COMMAND"


def test_an_unknown_command_is_rejected_with_the_list_of_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["deploy"])

    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert all(name in error for name in COMMANDS)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    output = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(name in output for name in COMMANDS)
