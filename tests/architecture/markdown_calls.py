"""Finds calls that hand words to Markdown without making them plain first."""

import ast
from collections.abc import Iterator
from pathlib import Path

# Streamlit's functions whose first argument is Markdown.
_BODY = {
    *("badge", "caption", "error", "header", "info", "markdown", "spinner", "subheader", "success", "title", "toast"),
    *("warning", "write", "button", "checkbox", "dialog", "download_button", "expander", "form_submit_button"),
    *("link_button", "menu_button", "metric", "multiselect", "number_input", "pills", "popover", "radio"),
    *("segmented_control", "selectbox", "slider", "text_area", "text_input", "toggle", "camera_input", "file_uploader"),
}
_NAMED = {"body", "help", "label", "text", "title"}
# Their options are Markdown too; those of select boxes are not.
_OPTIONS = {"pills", "radio", "segmented_control"}
_UNREAD = {"text", "code", "html", "dataframe", "plotly_chart", "image", "Page", "set_page_config"}
# Functions whose words are our own, made of numbers and times; and one that writes Markdown on purpose, out of such.
_OWN_WORDS = {
    "len",
    "format_age",
    "format_count",
    "format_exact_time",
    "format_images",
    "format_latency",
    "format_size",
    "format_versions",
}
_OWN_WORDS |= {"_describe_created", "_describe_state"}


def find_unescaped(folder: Path) -> list[str]:
    """Calls, as "file:line call", below `folder`, that give Markdown other words than our own or plain ones."""
    return [
        f"{file.name}:{call.lineno} {ast.unparse(call)[:90]}"
        for file in sorted(folder.rglob("*.py"))
        for call in _calls(file)
        if not all(_is_safe(words) for words in _markdown(call))
    ]


def _calls(file: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "st":
            yield node


def _markdown(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that Markdown reads."""
    name = ast.unparse(call.func).removeprefix("st.")
    if name in _BODY:
        yield from call.args[:1]
    if name in _OPTIONS and not any(ast.unparse(each) == "format_func=escape_markdown" for each in call.keywords):
        yield from call.args[1:2]
    if name not in _UNREAD:
        yield from (each.value for each in call.keywords if each.arg in _NAMED)


def _is_safe(words: ast.expr) -> bool:  # noqa: PLR0911 - a line for each way to write words
    match words:
        case ast.Constant():
            return True
        case ast.Name(name) | ast.Attribute(ast.Name(name)):
            return _is_constant(name)
        case ast.JoinedStr(values):
            return all(_is_safe(value) for value in values)
        case ast.FormattedValue(value, format_spec=spec):
            return _is_number(spec) or _is_safe(value)
        case ast.IfExp(_, first, second) | ast.BinOp(first, _, second):
            return _is_safe(first) and _is_safe(second)
        case ast.List(values) | ast.BoolOp(_, values):
            return all(_is_safe(value) for value in values)
        case ast.ListComp(_, [ast.comprehension(_, source)]):
            return _is_safe(source)
        case ast.Subscript(ast.Name(name)) | ast.Call(ast.Attribute(ast.Name(name))):
            return _is_constant(name)
        case ast.Call(ast.Name("list"), [only]) | ast.Call(ast.Attribute(ast.Constant(), "join"), [only]):
            return _is_safe(only)
        case ast.Call(ast.Name("map"), [ast.Name("escape_markdown"), _]):
            return True
        case ast.Call(ast.Name(name)):
            return name == "escape_markdown" or name in _OWN_WORDS
    return False


def _is_constant(name: str) -> bool:
    """Whether a name is that of a constant or a class."""
    return name.lstrip("_")[:1].isupper()


def _is_number(spec: ast.expr | None) -> bool:
    match spec:
        case ast.JoinedStr([ast.Constant(str(form))]):
            return form[-1] in ",df%"
    return False
