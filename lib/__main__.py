"""Run a command: `python -m lib COMMAND`.

python -m lib verify-audit-log
"""

import sys

from lib.cli import verify_audit_log

_COMMANDS = {"verify-audit-log": verify_audit_log.main}
_WRONG_USAGE = 2


def main(arguments: list[str]) -> int:
    """Run the command that the first argument names, with the others; return its exit code."""
    name, *others = arguments or [""]
    if name in _COMMANDS:
        return _COMMANDS[name](others)
    sys.stderr.write(f"usage: python -m lib COMMAND, where COMMAND is one of: {', '.join(_COMMANDS)}\n")
    return _WRONG_USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
