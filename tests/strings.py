"""List the strings that reach a person, to be read in one go: `python -m tests.strings [--names] [PATH ...]`.

Python: every text outside docstrings, patterns and annotations that reads like words: labels, captions, errors,
refusals, log lines, help of commands. Templates: text and titles of HTML, comments of programs. Markdown: headings.
`--names` lists public modules, classes and functions too. Each line is `path:line: text`.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("app.py", "lib", "pages", "README.md", "CONTRIBUTING.md", "SECURITY.md", "docs")
_SHOWN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label"}
_TEMPLATE_TAG = re.compile(r"{[%#].*?[%#]}", re.DOTALL)
_READS_LIKE_WORDS = re.compile(r"[A-Za-z]{2,}[,;:.!?]? \S|^[A-Z][a-z]+$|[a-z][.!?]$")
_FILLED_IN = re.compile(r"{+[^{}]*}+")
_WORD = re.compile(r"^[a-z]+$")
# Calls whose texts are for programs: patterns, paths of the web server, JavaScript and SQL.
_FOR_PROGRAMS = {"compile", "fullmatch", "sub", "search", "split", "findall", "TypeAlias", "TypeVar", "literal_column"}
# Calls that show one word as it is, which reads like a key elsewhere.
_SHOWS = {"button", "badge", "caption", "error", "info", "warning", "markdown", "text", "selectbox", "metric", "header"}


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A string, or a public name, and where it stands."""

    path: str
    line: int
    text: str

    @property
    def words(self) -> str:
        """The text without what is filled in."""
        return _FILLED_IN.sub("", _FILLED_IN.sub("", self.text))

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {' '.join(self.text.split())}"


def find_strings(root: Path = ROOT, places: Sequence[str] = PLACES) -> list[Text]:
    """All strings of these files and folders that reach a person, sorted by path and line."""
    readers = {".py": _read_python, ".jinja": _read_template, ".md": _read_headings}
    files = [file for place in places for file in _files(root / place) if file.suffix in readers]
    return sorted(
        {
            Text(str(file.relative_to(root)), line, text)
            for file in files
            for line, text in readers[file.suffix](file.name, file.read_text(encoding="utf-8"))
        }
    )


def find_names(root: Path = ROOT, places: Sequence[str] = ("app.py", "lib", "pages")) -> list[Text]:
    """All public modules, classes and functions, methods as `Class.method`, sorted by path and line."""
    files = [file for place in places for file in _files(root / place) if file.suffix == ".py"]
    return sorted(
        Text(str(file.relative_to(root)), line, name)
        for file in files
        for line, name in [(1, file.stem), *_definitions(ast.parse(file.read_text(encoding="utf-8")), "")]
        if not re.search(r"(^|\.)_", name)
    )


def _files(place: Path) -> Iterator[Path]:
    return iter([place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file()))


def _definitions(parent: ast.AST, prefix: str) -> Iterator[tuple[int, str]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef):
            yield node.lineno, prefix + node.name
            yield from _definitions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, prefix + node.name


def _read_python(_: str, source: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(source)
    if any(isinstance(node, ast.Name) and node.id == "__doc__" for node in ast.walk(tree)):
        yield 1, ast.get_docstring(tree) or ""
    yield from _walk(tree, "")


def _walk(node: ast.AST, call: str) -> Iterator[tuple[int, str]]:
    """The texts below a node; `call` names the innermost call that they are an argument of."""
    text = _text_of(node)
    if text is not None:
        if call not in _FOR_PROGRAMS and (_READS_LIKE_WORDS.search(text) or (call in _SHOWS and _WORD.search(text))):
            yield getattr(node, "lineno", 1), text
        return
    name = _called(node) or call
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not is_docstring and field not in {"annotation", "returns"}:
                yield from _walk(child, name)


def _text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) or "" for part in node.values)
    return f"{{{ast.unparse(node.value)}}}" if isinstance(node, ast.FormattedValue) else None


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _read_template(name: str, source: str) -> Iterator[tuple[int, str]]:
    # Tags go, their lines stay.
    text = _TEMPLATE_TAG.sub(lambda tag: "\n" * tag[0].count("\n"), source)
    if ".html" in name:
        yield from _HtmlTexts(text).found
        return
    for line, content in enumerate(text.splitlines(), start=1):
        comment = re.search(r"(?:^|\s)(?:#|//) (.+)", content)
        if comment:
            yield line, comment[1]


def _read_headings(_: str, source: str) -> Iterator[tuple[int, str]]:
    for line, content in enumerate(source.splitlines(), start=1):
        if re.match(r"#+ ", content):
            yield line, content.lstrip("# ")


class _HtmlTexts(HTMLParser):
    """What people read of a page: texts, and attributes that browsers show or speak."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._tag = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self.found += [(self.getpos()[0], value) for name, value in attrs if value and name in _SHOWN_ATTRIBUTES]

    def handle_endtag(self, _: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag not in {"style", "script"} and re.search(r"[A-Za-z]{2}", data):
            self.found.append((self.getpos()[0], data))


def main() -> None:
    """Print the list."""
    parser = argparse.ArgumentParser(prog="python -m tests.strings", description="List the strings that people read.")
    parser.add_argument("paths", nargs="*", default=PLACES, help="files and folders, seen from the project's folder")
    parser.add_argument("--names", action="store_true", help="also list public modules, classes and functions")
    chosen = parser.parse_args()
    texts = find_strings(places=chosen.paths) + (find_names(places=chosen.paths) if chosen.names else [])
    sys.stdout.writelines(f"{text}\n" for text in sorted(texts))


if __name__ == "__main__":
    main()
