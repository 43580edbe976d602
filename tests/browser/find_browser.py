"""Finds a browser for the tests, and installs one where there is none; fails when none can be had.

Run as `python -m tests.browser.find_browser`; prints what it found.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Path of a Chromium: the one that E2E_BROWSER names, the system's, or Playwright's own; None for none."""
    for name in (os.environ.get("E2E_BROWSER"), *_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install_browser() -> None:
    """Install Chromium: by Debian's package manager where it is there and allowed, else by Playwright."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        commands = [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ]
    else:
        commands = [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]
    for command in commands:
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Exit code 0 when there is a browser in the end."""
    if find_browser() is None:
        install_browser()
    found = find_browser()
    sys.stdout.write(f"Browser for the tests: {found or 'none could be had'}\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
