"""The tab with the groups of near-duplicates, which can be split."""

from collections import defaultdict
from collections.abc import Sequence

import streamlit as st

from lib.domain.pairs import Pair
from lib.ui.addresses import thumbnail_path
from lib.ui.cards import show_thumbnail
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_images
from lib.ui.visitor import find_actor, makes_change
from lib.workflows.annotations import split_group
from lib.workflows.compare import VersionComparison

PAGE_KEY = "groups-page"
_GROUPS_PER_PAGE = 10
_MAX_THUMBNAILS = 8
_CARD_PX = 140


def show_groups(page: Page, comparison: VersionComparison) -> None:
    """Draw the groups of more than one image, the largest first."""
    groups = find_groups(comparison)
    if not groups:
        st.info("No near-duplicates. Every image counts for itself.")
        return
    st.caption("The images of a group count as one. Split a group whose images show different things.")
    pages = -(-len(groups) // _GROUPS_PER_PAGE)
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    for group in groups[(number - 1) * _GROUPS_PER_PAGE : number * _GROUPS_PER_PAGE]:
        _show_group(page, group)


def find_groups(comparison: VersionComparison) -> list[list[Pair]]:
    """Return the groups of more than one image, the largest first."""
    members: dict[int, list[Pair]] = defaultdict(list)
    for pair, group in zip(comparison.pairs, comparison.result.groups, strict=True):
        members[group].append(pair)
    return sorted((group for group in members.values() if len(group) > 1), key=len, reverse=True)


def _show_group(page: Page, group: Sequence[Pair]) -> None:
    first = group[0]
    with st.container(border=True):
        st.markdown(escape_markdown(format_images(len(group))))
        grid = st.grid("auto", min_column_width=_CARD_PX, gap="small")
        for pair in group[:_MAX_THUMBNAILS]:
            with grid.cell():
                show_thumbnail(thumbnail_path(pair.session_id, pair.sha256), pair.name)
        if not page.read_only:
            key = f"split-{first.session_id}-{first.sha256}"
            st.button("Split group", key=key, on_click=_split, args=(page, tuple(group)))


@makes_change
def _split(page: Page, group: Sequence[Pair]) -> None:
    by_session: dict[str, list[str]] = defaultdict(list)
    for pair in group:
        by_session[pair.session_id].append(pair.sha256)
    for session_id, sha256s in by_session.items():
        split_group(page.store, find_actor(), session_id, sha256s)
