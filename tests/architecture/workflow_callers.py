"""Finds changes whose workflow does not check the right, and functions of pages that would not show a denial."""

import ast
from collections.abc import Iterator
from pathlib import Path

# Workflows that pages start without a click, or not at all.
_FOR_ALL = {
    "delete_expired",
    "start_export",
    "record_download",
    "record_api_call",
    "export_log",
    "authorize",
    "record_event",
    "record_denial",
}
# What changes services, and what is under way.
OTHER_CHANGES = {"add_export", "deploy", "undeploy", "stop"}
# The right was checked before the call was passed on, by `identify_caller`.
_CHECKED_BEFORE = {"record_api_call"}


def find_changes(workflows: Path) -> set[str]:
    """Names of the workflows that take an actor: they change something."""
    functions = [function for file in workflows.rglob("*.py") for function in _functions(file)]
    return {each.name for each in functions if "actor" in {argument.arg for argument in each.args.args}} - _FOR_ALL


def find_unauthorized(workflows: Path) -> set[str]:
    """Names of the public workflows that take an actor, and neither authorize it nor hand it to one that does."""
    changes = {name for name in find_changes(workflows) if not name.startswith("_")}
    functions = [function for file in workflows.rglob("*.py") for function in _functions(file)]
    return {
        each.name
        for each in functions
        if each.name in changes - _CHECKED_BEFORE and not _names(each) & (changes | {"authorize"}) - {each.name}
    }


def find_unguarded(folder: Path, changes: set[str]) -> list[str]:
    """Functions below `folder` that make one of the changes, are not decorated with `makes_change`, and are called from
    elsewhere than from functions that are.
    """
    functions = [function for file in folder.rglob("*.py") for function in _functions(file)]
    guarded = {function.name for function in functions if _is_guarded(function)}
    open_writers = [
        each
        for each in functions
        if each.name not in guarded and any(_is_change(node, changes) for node in _own_nodes(each))
    ]
    return sorted(each.name for each in open_writers if not _is_called_by_guarded_only(each.name, functions, guarded))


def _is_called_by_guarded_only(name: str, functions: list[ast.FunctionDef], guarded: set[str]) -> bool:
    callers = {each.name for each in functions if each.name != name and name in _names(each)}
    return bool(callers) and callers <= guarded


def _functions(file: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _is_guarded(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "makes_change" for each in function.decorator_list)


def _is_change(node: ast.AST, changes: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in changes
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) != "st" and node.attr in OTHER_CHANGES


def _names(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in _own_nodes(function) if isinstance(node, ast.Name)}


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of its body without those of functions that are defined inside: these are asked for themselves."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            waiting += ast.iter_child_nodes(node)
