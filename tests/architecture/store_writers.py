"""Finds which methods of the store's repositories write, and who calls them."""

import ast
from collections.abc import Iterator
from pathlib import Path

# These write, if anything, what can be computed again from what is there.
_READS = "find"
_OPENS_TRANSACTION = {"self._database.engine.begin", "self._database.writing", "self._appending"}


def find_repositories(store: Path) -> dict[str, str]:
    """Return the repositories of `Store` by class: {"Sessions": "sessions"}."""
    assignments = [node for node in ast.walk(_parse(store / "store.py")) if isinstance(node, ast.Assign)]
    return {
        ast.unparse(each.value.func): target.attr
        for each in assignments
        for target in each.targets
        if isinstance(each.value, ast.Call) and isinstance(target, ast.Attribute) and not target.attr.startswith("_")
    }


def find_writers(store: Path) -> set[str]:
    """Return the public methods that write, by themselves or by others of their class, as "sessions.create"."""
    repositories = find_repositories(store)
    classes = [node for file in store.glob("*.py") for node in _parse(file).body if isinstance(node, ast.ClassDef)]
    return {
        f"{repositories[each.name]}.{method}"
        for each in classes
        if each.name in repositories
        for method in _find_writers_of(each)
    }


def find_outside_uses(root: Path, writers: set[str]) -> list[str]:
    """Return uses of these methods outside lib/workflows and the store, and repositories that are handed on there."""
    files = [root / "app.py", *(root / "pages").rglob("*.py"), *(root / "lib").rglob("*.py")]
    inside = [root / "lib/workflows", root / "lib/store"]
    return [
        f"{file.relative_to(root)}:{use}"
        for file in files
        if file.exists() and not any(file.is_relative_to(folder) for folder in inside)
        for use in _find_uses(_parse(file), writers)
    ]


def _find_uses(tree: ast.Module, writers: set[str]) -> Iterator[str]:
    repositories = {writer.partition(".")[0] for writer in writers}
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    continued = {id(node.value) for node in attributes}
    for node in attributes:
        owner = ast.unparse(node.value)
        if f"{owner.rpartition('.')[2]}.{node.attr}" in writers:
            yield f"{node.lineno} {owner.rpartition('.')[2]}.{node.attr}"
        # A repository under another name could write unseen.
        if node.attr in repositories and owner.rpartition(".")[2] in {"store", "store()"} and id(node) not in continued:
            yield f"{node.lineno} {node.attr}"


def _find_writers_of(repository: ast.ClassDef) -> set[str]:
    methods = {method.name: method for method in repository.body if isinstance(method, ast.FunctionDef)}
    writers = {name for name, method in methods.items() if _opens_transaction(method)}
    while more := {name for name, method in methods.items() if _called_on_self(method) & writers} - writers:
        writers |= more
    return {name for name in writers if not name.startswith(("_", _READS))}


def _parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _opens_transaction(method: ast.FunctionDef) -> bool:
    calls = {ast.unparse(node.func) for node in ast.walk(method) if isinstance(node, ast.Call)}
    return method.name != "_appending" and bool(calls & _OPENS_TRANSACTION)


def _called_on_self(method: ast.FunctionDef) -> set[str]:
    attributes = [node for node in ast.walk(method) if isinstance(node, ast.Attribute)]
    return {each.attr for each in attributes if isinstance(each.value, ast.Name) and each.value.id == "self"}
