"""Finds which methods of the store write, and who calls them."""

import ast
from collections.abc import Iterator
from pathlib import Path

# These write, if anything, what can be worked out again from what is there.
_READS = "find_"
_OPENS_TRANSACTION = {"_writing", "_appending"}


def find_writers(store: Path) -> set[str]:
    """Public methods of the classes below `store` that write, by themselves or by calling others that do."""
    methods = {method.name: method for file in store.glob("*.py") for method in _methods(file)}
    writers = {name for name, method in methods.items() if _opens_transaction(method)}
    while more := {name for name, method in methods.items() if _called_on_self(method) & writers} - writers:
        writers |= more
    return {name for name in writers if not name.startswith(("_", _READS))}


def find_outside_uses(root: Path, writers: set[str]) -> list[str]:
    """Uses of these methods anywhere in the app but in lib/workflows and in the store itself."""
    files = [root / "app.py", *(root / "pages").rglob("*.py"), *(root / "lib").rglob("*.py")]
    inside = [root / "lib/workflows", root / "lib/store"]
    return [
        f"{file.relative_to(root)}:{node.lineno} {node.attr}"
        for file in files
        if file.exists() and not any(file.is_relative_to(folder) for folder in inside)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in writers
    ]


def _methods(file: Path) -> Iterator[ast.FunctionDef]:
    classes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ClassDef)]
    return (method for each in classes for method in each.body if isinstance(method, ast.FunctionDef))


def _opens_transaction(method: ast.FunctionDef) -> bool:
    if method.name in _OPENS_TRANSACTION:
        return False
    calls = {ast.unparse(node.func) for node in ast.walk(method) if isinstance(node, ast.Call)}
    return bool(calls & {"self._engine.begin", *(f"self.{name}" for name in _OPENS_TRANSACTION)})


def _called_on_self(method: ast.FunctionDef) -> set[str]:
    attributes = [node for node in ast.walk(method) if isinstance(node, ast.Attribute)]
    return {each.attr for each in attributes if isinstance(each.value, ast.Name) and each.value.id == "self"}
