"""Run a command: `python -m lib COMMAND`."""

import sys

from lib.cli.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
