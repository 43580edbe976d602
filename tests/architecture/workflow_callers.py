"""Finds the functions of the user interface that change what is kept, and whether they ask first who wants it."""

import ast
from collections.abc import Iterator
from pathlib import Path

# Workflows that viewers may start too, or a timer, and that check it themselves.
_FOR_ALL = {
    "delete_expired",
    "start_export",
    "record_download",
    "record_api_call",
    "export_log",
    "authorize",
    "note_refusal",
}
# What changes services, and what is under way.
OTHER_CHANGES = {"add_export", "deploy", "undeploy", "take_in", "stop"}


def find_changes(workflows: Path) -> set[str]:
    """Names of the workflows that take an actor: they change something."""
    functions = [function for file in workflows.rglob("*.py") for function in _functions(file)]
    return {each.name for each in functions if "actor" in {argument.arg for argument in each.args.args}} - _FOR_ALL


def find_unguarded(folder: Path, changes: set[str]) -> list[str]:
    """Functions below `folder` that make one of the changes, are not decorated with `needs`, and are called from
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
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(call, ast.Name) and call.id == "needs" for call in calls)


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
