"""The files for containers, as their own linters read them."""

import subprocess
import sys
from pathlib import Path

from lib.settings import ROOT


def run_tool(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a tool of requirements-dev.txt."""
    program = Path(sys.executable).with_name(name)
    return subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_dockerfile_follows_the_rules_of_hadolint() -> None:
    checked = run_tool("hadolint", "Dockerfile")

    assert (checked.stdout, checked.returncode) == ("", 0)


def test_the_compose_file_follows_the_compose_specification() -> None:
    checked = run_tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")

    assert checked.returncode == 0, checked.stdout


def test_no_secret_of_the_folder_gets_into_an_image() -> None:
    first, *others = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] not in {"", "#"}
    ]

    assert first == "*"
    assert {"!.streamlit", "!.streamlit/secrets.toml", "!deploy", "!data", "!.env"}.isdisjoint(others)
