"""What the documents name exists, and what people can set or run is in the documents."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from lib.settings import ROOT
from tests.strings import find_strings

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
# `stats.comparison.compare`: a dotted name below lib/, or of a page.
_NAME = re.compile(r"`([a-z]\w*(?:\.[A-Za-z]\w*)+)`")
_FILE = re.compile(r"`((?:app\.py|(?:lib|pages|tests|docs)/[\w/.]+))`")
_NO_NAMES = {"app.py", "os.environ", "model.tflite", "dict.txt", "evaluation.json", "requirements.txt", "compose.yaml"}
_COMMIT = re.compile(r"`([0-9a-f]{7,40})`")


@cache
def defined_names() -> frozenset[str]:
    """All functions, classes and methods, by their dotted names as documents have them."""
    return frozenset(
        f"{module}.{name}"
        for folder, prefix in ((ROOT / "lib", ""), (ROOT / "pages", "pages."))
        for file in folder.rglob("*.py")
        for module in [prefix + ".".join(file.relative_to(folder).with_suffix("").parts)]
        for name in list_definitions(ast.parse(file.read_text(encoding="utf-8")))
    )


def list_definitions(parent: ast.AST, prefix: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from list_definitions(node, f"{prefix}{node.name}.")


def glossary_rows() -> list[list[str]]:
    """Term, meaning, identifier and what to avoid, of each row."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in GLOSSARY.splitlines() if line[:1] == "|"]
    return rows[2:]


def read_documents() -> str:
    """All documents, one after the other."""
    return "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)


def test_every_name_in_the_architecture_exists() -> None:
    named = set(_NAME.findall(ARCHITECTURE)) - _NO_NAMES

    assert len(named) > 40
    assert sorted(named - defined_names()) == []


def test_the_architecture_takes_two_pages_at_most() -> None:
    assert len(ARCHITECTURE.split()) <= 1300


@pytest.mark.parametrize(
    "room", sorted(path.name for path in (ROOT / "lib").iterdir() if (path / "__init__.py").exists())
)
def test_every_package_is_in_the_architecture(room: str) -> None:
    assert f"`lib/{room}/`" in ARCHITECTURE


def test_every_file_that_documents_name_exists() -> None:
    named = set(_FILE.findall(read_documents()))

    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_every_link_between_documents_has_a_target() -> None:
    links = [
        (document, link)
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        if not link.startswith(("http", "mailto"))
    ]

    assert [f"{document.name}: {link}" for document, link in links if not (document.parent / link).exists()] == []


def test_every_term_of_the_glossary_has_a_name_in_the_code() -> None:
    named = {name for row in glossary_rows() for name in _NAME.findall(row[2])}

    assert 20 <= len(glossary_rows()) <= 35
    assert all(_NAME.search(row[2]) for row in glossary_rows())
    assert sorted(named - defined_names()) == []


def test_no_text_contains_a_phrase_to_avoid() -> None:
    phrases = [phrase for row in glossary_rows() for phrase in re.findall(r'"([^"]+)"', row[3])]
    whole = re.compile("|".join(rf"\b{re.escape(phrase)}\b" for phrase in phrases))

    assert len(phrases) >= len(glossary_rows())
    found = [str(text) for text in find_strings(places=["lib", "pages"]) if whole.search(text.words)]
    # The table of old addresses names what tabs were once called.
    assert [text for text in found if not text.startswith("lib/web/old_addresses.py")] == []


def test_commits_cited_for_contributors_exist() -> None:
    if not (ROOT / ".git").exists() or is_shallow():
        pytest.skip("without a whole git history")
    commits = _COMMIT.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))

    assert len(commits) >= 5
    assert [commit for commit in commits if not is_ancestor(commit)] == []


def is_shallow() -> bool:
    return run_git("rev-parse", "--is-shallow-repository").stdout.strip() != "false"


def is_ancestor(commit: str) -> bool:
    return run_git("merge-base", "--is-ancestor", commit, "HEAD").returncode == 0


def run_git(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607


def test_every_environment_variable_is_in_the_documents() -> None:
    sources = [ROOT / "Makefile", *(ROOT / "lib").rglob("*.py"), ROOT / "tests/conftest.py"]
    sources += (ROOT / "tests/browser").glob("*.py")
    read = {
        name
        for source in sources
        for name in re.findall(
            r"""environ(?:\.get\(|\[)"(\w+)"|"(\w+)" in os\.environ|^(?:export )?(\w+) \?=""",
            source.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        for name in name
        if name
    }

    assert {"E2E_BROWSER", "CI", "PORT"} <= read
    assert (
        sorted(name for name in read if f"`{name}`" not in read_documents() and f"{name}=" not in read_documents())
        == []
    )


@pytest.mark.parametrize(
    "command",
    sorted(file.stem.replace("_", "-") for file in (ROOT / "lib/cli").glob("[!_]*.py") if file.stem != "commands"),
)
def test_every_command_is_in_the_documents(command: str) -> None:
    assert f"`python -m lib {command}`" in read_documents()


def test_every_command_in_the_documents_exists() -> None:
    usage = subprocess.run(
        [sys.executable, "-m", "lib", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    named = set(re.findall(r"python -m lib ([a-z][\w-]*)", read_documents()))

    assert {"gate", "serve", "retain", "verify-audit-log"} <= named
    assert sorted(command for command in named if command not in usage.stdout + usage.stderr) == []


def test_every_module_that_the_documents_run_exists() -> None:
    named = set(re.findall(r"python -m ((?:lib|tests|benchmarks)(?:\.\w+)+)", read_documents()))

    assert sorted(name for name in named if not (ROOT / f"{name.replace('.', '/')}.py").exists()) == []


@pytest.mark.parametrize("page", sorted({file.stem for file in (ROOT / "pages").glob("*.py")} - {"shared"}))
def test_every_page_is_in_the_readme(page: str) -> None:
    assert f"**{page.replace('_', ' ').capitalize()}**" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_is_short_enough_to_read() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 250
