"""Find node, npm, curl, Java and nginx for the tests and install missing ones; fail if that is not possible.

Run as `python -m tests.conformance.find_programs`; prints what it found.
"""

import os
import shutil
import subprocess
import sys

# Names of the programs, and of Debian's packages that hold them.
_PACKAGES = {"node": "nodejs", "npm": "npm", "curl": "curl", "java": "default-jdk-headless", "nginx": "nginx-light"}


class ProgramMissing(Exception):
    """A program that the tests need is not installed."""


def get_program(name: str) -> str:
    """Return the path of a program. Raises ProgramMissing with an actionable message."""
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(
            f"These tests run {name}, which is not installed: run `python -m tests.conformance.find_programs`, "
            f"or install the package {_PACKAGES[name]}."
        )
    return found


def install_programs(names: list[str]) -> None:
    """Install programs by Debian's package manager, where it is there and allowed."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    packages = [_PACKAGES[name] for name in names]
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Exit code 0 when all programs are there in the end."""
    missing = [name for name in _PACKAGES if shutil.which(name) is None]
    if missing:
        install_programs(missing)
    found = {name: shutil.which(name) for name in _PACKAGES}
    for name, path in found.items():
        sys.stdout.write(f"{name} for the tests: {path or 'could not be had'}\n")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
