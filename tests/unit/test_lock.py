"""What is installed is what the requirements say, byte for byte."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lib.settings import ROOT

LOCKS = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}


def read_requirements(name: str) -> list[Requirement]:
    """The requirements of a file of ours, without those that it includes."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = (line.partition("#")[0].strip() for line in lines if not line.startswith("-r"))
    return [Requirement(line) for line in wanted if line]


def read_pins(name: str) -> dict[str, list[str]]:
    """The versions of a lock by package; more than one where they depend on Python's."""
    pins: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.M):
        pins.setdefault(canonicalize_name(package), []).append(version)
    return pins


@pytest.mark.parametrize(("source", "lock"), LOCKS.items())
def test_every_requirement_is_locked_at_a_version_that_it_allows(source: str, lock: str) -> None:
    pins = read_pins(lock)

    missing = [
        str(wanted)
        for wanted in read_requirements(source)
        if not (found := pins.get(canonicalize_name(wanted.name))) or not all(map(wanted.specifier.contains, found))
    ]

    assert missing == [], "Run `make lock`."


def test_tests_run_with_the_versions_that_the_app_runs_with() -> None:
    app, development = read_pins("requirements.lock"), read_pins("requirements-dev.lock")

    assert {package: development.get(package) for package in app} == app


@pytest.mark.parametrize("lock", LOCKS.values())
def test_a_lock_file_has_hashes_and_no_hosts(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    packages = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]

    assert [each for each in packages if "--hash=sha256:" not in each] == []
    assert "://" not in text
