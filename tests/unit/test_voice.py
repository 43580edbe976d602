"""Names and sentences are the field's: what the project once called things in private stays out of it."""

import ast
import re
from pathlib import Path

import pytest

from lib.settings import ROOT
from tests.strings import find_strings

CODE = ("app.py", "lib", "pages", "benchmarks", "tests")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs")
# This list itself, the words that the glossary warns of, and the tables of old releases.
EXEMPT = ("tests/unit/test_voice.py", "docs/glossary.md", "lib/store/migrations/versions/")
# What is written about tables of earlier releases names them as they were.
SCHEMA = ("tests/integration/store/test_upgrade",)
READ = {".py", ".md", ".jinja", ".css", ".toml"}

# Neither in prose nor in code.
WORDS = (
    r"Deeds?|note_deed",
    r"[Cc]ontests?|[Mm]atchups?",
    r"[Ee]rrands?",
    r"LiveMethods|ComeBack|ServedMethods",
    r"find_objection|find_visitor",
    r"_?say_\w+",
    r"\w*has_cut_\w+",
    r"raises? Refused",
)
# Not in code: in prose they are English.
IDENTIFIERS = (
    r"deeds?|\w*_deeds?",
    r"Terms|Asking|Patience|patience|Alterations?|Trials?|Connected|Truths|Refused|Keeper|keeper|Expired|Signs?|Look",
    r"Judgements?|judgements?",
    r"Desk|_?desk",
    r"looks",
    r"is_cut|cut",
)

SENTENCES = (
    "Take it along",
    "Line up what is left",
    "is like that",
    "A label counts from",
    "Still good if worse by",
    "A label is the truth by",
    "one reviewer is enough",
    "Nobody has judged an image yet",
    "Also what I have judged already",
    "Nothing reaches",
    "How firm",
    "Where it looks",
    "Whether the top label stays",
    "Only rows with all of these",
    "to say what they show",
    "No image has a known label yet",
    "They name the same label for",
    "A new one starts with the first image",
    "asked for predictions",
    "kept nowhere",
    "A token may what",
    "Whoever",
    "Go on or back",
    "says what it sees",
    "asked about the images that you bring",
    "byte for byte",
    "Bring the first images",
    "Calls failed",
    "It shows",
    "Take back",
    "Probe it",
    "Where this comes from",
    "What was said of it",
    "pictures that look alike",
    "Candidate less baseline",
    "is sure to reach",
    "for half of the answers",
    "say it all",
    "to stand beside your verdicts",
    "Shared to be looked at",
    "asked in the name of",
    "cannot be said",
    "it will be seen",
)

BRITISH = (
    r"\w*colour\w*",
    r"\w*label(?:led|ling)(?:_\w*)?",
    r"\w*catalogue\w*",
    r"(?:\w*_)?grey(?:_\w*|scale)?",
    r"\w*(?:behaviour|judgement|favourite)\w*",
    r"(?:\w*_)?(?:licence|centre)s?(?:_\w*)?",
    r"(?:un)?(?:organ|recogn|normal|minim|maxim|serial|author|initial|summar|visual|optim)is(?:e[ds]?|ing|ation)",
)


def find_files(places: tuple[str, ...]) -> list[Path]:
    """The files of the project that are read here, at or below these places."""
    found = [path for place in places for path in ([ROOT / place] if "." in place else (ROOT / place).rglob("*"))]
    own = [path for path in found if path.suffix in READ and "node_modules" not in path.parts]
    return sorted(path for path in own if not str(path.relative_to(ROOT)).startswith(EXEMPT))


def find_words(patterns: tuple[str, ...], places: tuple[str, ...], flags: int = 0) -> list[str]:
    """Where one of the words stands, in a line or in a file's name, as path:line: word."""
    whole = re.compile(rf"(?<![A-Za-z0-9_])(?:{'|'.join(patterns)})(?![A-Za-z0-9_])", flags)
    return [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in find_files(places)
        for number, line in enumerate([path.stem, *path.read_text(encoding="utf-8").splitlines()])
        for found in whole.finditer(line)
    ]


def find_identifiers(patterns: tuple[str, ...], places: tuple[str, ...]) -> list[str]:
    """Where one of the words names something in Python, as path:line: word."""
    whole = re.compile("|".join(patterns))
    return [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in find_files(places)
        if path.suffix == ".py"
        for line, name in [(0, path.stem), *list_names(ast.parse(path.read_text(encoding="utf-8")))]
        if whole.fullmatch(name)
    ]


def list_names(tree: ast.AST) -> list[tuple[int, str]]:
    """All names of a module: variables, attributes, parameters, functions, classes."""
    return sorted(
        (getattr(node, "lineno", 0), name)
        for node in ast.walk(tree)
        for field in ("id", "attr", "arg", "name")
        if isinstance(name := getattr(node, field, None), str)
    )


@pytest.mark.parametrize("places", [CODE, DOCUMENTS])
def test_no_private_word_is_left(places: tuple[str, ...]) -> None:
    assert find_words(WORDS, places) == []


def test_nothing_has_a_private_name() -> None:
    assert [found for found in find_identifiers(IDENTIFIERS, CODE) if not found.startswith(SCHEMA)] == []


def test_no_sentence_is_left_that_sounds_translated() -> None:
    texts = [str(text) for text in find_strings() if any(sentence in text.words for sentence in SENTENCES)]

    # The table of old addresses names what tabs were once called.
    assert [text for text in texts if not text.startswith("lib/web/old_addresses.py")] == []


def test_spelling_is_american() -> None:
    found = find_words(BRITISH, (*CODE, *DOCUMENTS), re.IGNORECASE)

    assert [word for word in found if not word.startswith(SCHEMA)] == []


def test_percentages_have_no_blank() -> None:
    assert [str(text) for text in find_strings() if re.search(r"[\d}] %(?![\w(])", text.text)] == []


@pytest.mark.parametrize("word", ["Deed", "say_flips", "_say_times", "find_objection"])
def test_a_private_name_would_be_found(word: str) -> None:
    assert re.fullmatch("|".join(WORDS), word)


@pytest.mark.parametrize("word", ["Colour", "labelled_answers", "normalise", "greyscale"])
def test_a_british_spelling_would_be_found(word: str) -> None:
    assert re.fullmatch("|".join(BRITISH), word, re.IGNORECASE)
