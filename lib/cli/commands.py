"""The commands of `python -m lib`. Each has a `main` that takes its arguments and returns the exit code."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from lib.errors import AppError, InvalidSettings

_FAILED, _USAGE_ERROR = 1, 2

# A command's module is imported when it runs: no command waits for the imports of another.
COMMANDS = {
    "serve": ("serve", "run the built-in prediction service alone, over gRPC and REST"),
    "gate": ("gate", "stop a release whose candidate is worse than its baseline"),
    "retain": ("retain", "delete sessions that nobody has used for a number of days"),
    "backup": ("backup", "write everything that is stored to one file, while the app runs"),
    "restore": ("restore", "load a backup into an empty place"),
    "check": ("check", "check that database, images and audit log are whole"),
    "verify-audit-log": ("verify_audit_log", "check that nobody tampered with the audit log"),
}


def main(arguments: Sequence[str]) -> int:
    """Run the command that the first argument names, with the others, and return its exit code.

    An error that the command does not turn into an exit code of its own is printed: 2 for an invalid setting, else 1.
    """
    chosen = _parse(arguments)
    module, _ = COMMANDS[chosen.command]
    try:
        code: int = import_module(f"lib.cli.{module}").main(chosen.arguments)
    except AppError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE_ERROR if isinstance(error, InvalidSettings) else _FAILED
    return code


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lib",
        description="Run a command of Second Look.",
        epilog="\n".join(
            [
                "commands:",
                *(f"  {name:18}{what}" for name, (_, what) in COMMANDS.items()),
                "",
                "`python -m lib COMMAND --help` describes a command in full.",
            ]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", metavar="COMMAND", choices=list(COMMANDS), help="one of the commands below")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the command's own arguments")
    if not arguments:
        parser.error("name a COMMAND")
    return parser.parse_args(arguments)
