"""The private names of Streamlit that the app uses are those of the installed release."""

import re
from importlib.metadata import version
from pathlib import Path

from lib.web.streamlit_internals import STREAMLIT_VERSION
from tests.architecture.import_rules import ROOT

_ADAPTER = ROOT / "lib/web/streamlit_internals.py"
# What Streamlit documents: https://docs.streamlit.io/develop/api-reference
_PUBLIC = {"import streamlit as st", "from streamlit.errors import StreamlitAPIException"}


def find_imports(file: Path) -> set[str]:
    return set(re.findall(r"^\s*((?:from|import) streamlit\b.*)$", file.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_adapter_is_checked_against_each_release_of_streamlit() -> None:
    installed = ".".join(version("streamlit").split(".")[:2])

    assert installed == STREAMLIT_VERSION, (
        f"Streamlit {installed} is installed, but lib/web/streamlit_internals.py is written for {STREAMLIT_VERSION}."
        " Compare each function there with Streamlit's source, run the browser tests of sign-in, uploads and the"
        " *Back* button, then change STREAMLIT_VERSION."
    )


def test_only_the_adapter_uses_private_names_of_streamlit() -> None:
    files = [ROOT / "app.py", *(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    private = {file.name: find_imports(file) - _PUBLIC for file in files if file != _ADAPTER}

    assert {name: found for name, found in private.items() if found} == {}
    assert find_imports(_ADAPTER) - _PUBLIC
