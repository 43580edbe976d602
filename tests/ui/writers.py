"""Finds the functions of the user interface that change what is kept, and whether they ask first who wants it."""

import ast
from collections.abc import Iterator
from pathlib import Path

# What changes the store for others to see; its log and its counts are for everybody to write.
STORE_CHANGES = {
    "add_api_token",
    "add_share",
    "add_verdict",
    "archive_session",
    "clear_refusals",
    "create_session",
    "delete_session",
    "rename_session",
    "revoke_api_token",
    "revoke_share",
    "set_review",
    "set_truths",
}
# The same of services and of what is under way.
OTHER_CHANGES = {"add_export", "deploy", "undeploy", "take_in", "stop"}


def find_unguarded(folder: Path) -> list[str]:
    """Functions below `folder` that make such a change, are not decorated with `needs`, and are called from elsewhere
    than from functions that are.
    """
    functions = [function for file in folder.rglob("*.py") for function in _functions(file)]
    guarded = {function.name for function in functions if _is_guarded(function)}
    open_writers = [
        each for each in functions if each.name not in guarded and any(_is_change(node) for node in _own_nodes(each))
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


def _is_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id == "note"
    if not isinstance(node, ast.Attribute):
        return False
    owner = ast.unparse(node.value).removesuffix("()")
    if owner.endswith("store"):
        return node.attr in STORE_CHANGES
    return owner != "st" and node.attr in OTHER_CHANGES


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
