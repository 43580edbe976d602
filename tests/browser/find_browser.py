"""Finds a browser for the tests, and installs one if there is none; fails if that is not possible.

Run as `python -m tests.browser.find_browser`; prints what it found. Chromium's headless shell is preferred: it runs the
same pages with three quarters of the processor time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_HEADLESS_SHELL = "chromium-headless-shell"
_NAMES = (_HEADLESS_SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Return the path of a Chromium: the one in E2E_BROWSER, the system's, or Playwright's own; None for none."""
    for name in (os.environ.get("E2E_BROWSER"), *_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install_browser() -> None:
    """Install Chromium: with Debian's package manager if that is there and allowed, else with Playwright."""
    if _can_use_apt():
        _run(["apt-get", "update", "-qq"])
        # Releases of Debian before 12 have no headless shell.
        _ = any(_install_package(name) for name in (_HEADLESS_SHELL, "chromium"))
    else:
        _run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"])


def _can_use_apt() -> bool:
    return bool(shutil.which("apt-get")) and os.geteuid() == 0


def _install_package(name: str) -> bool:
    return _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", name])


def _run(command: list[str]) -> bool:
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def main() -> int:
    """Find or install a browser; return 0 if there is one."""
    is_slow = "CI" in os.environ and _can_use_apt() and not shutil.which(_HEADLESS_SHELL)
    if find_browser() is None or is_slow:
        install_browser()
    found = find_browser()
    sys.stdout.write(f"Browser for the tests: {found or 'none could be had'}\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
