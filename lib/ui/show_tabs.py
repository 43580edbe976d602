"""Parts of a page, a tab each."""

from collections.abc import Callable, Mapping
from typing import TypeVarTuple

import streamlit as st

_Arguments = TypeVarTuple("_Arguments")


def show_tabs(parts: Mapping[str, Callable[[*_Arguments], None]], key: str, *args: *_Arguments) -> None:
    """A tab for each, which the address names by `key`; those that are not open cost nothing."""
    for tab, show in zip(
        st.tabs(list(parts), on_change="rerun", key=key, bind="query-params"), parts.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(*args)
