"""Which images are probed: a sample of the session, or the one that the address asks for."""

import random

import streamlit as st

from lib.domain.images import Image
from lib.domain.sessions import Session
from lib.ui.addresses import clear_requested_image, find_requested_image
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_images, format_list, shorten_name

SIZE_KEY = "sample-size"
SEED_KEY = "sample"
WHOLE_KEY = "probe-sample"
_USUAL_SIZE = 10
_LARGEST_SIZE = 200


def choose_sample(page: Page, session: Session) -> list[Image]:
    """Ask how many images to probe; gives them, drawn from those that all selected versions predicted."""
    known = page.store.probes.find_images_answered_by_all(session.id, list(page.versions.values()))
    if not known:
        whom = format_list(list(page.versions))
        st.info(escape_markdown(f"No image was answered by {whom} yet. Predict first, then come back."))
        return []
    asked = [image for image in known if image.sha256 == find_requested_image()]
    return _offer_sample(asked) if asked else _draw_sample(known, session)


def _offer_sample(asked: list[Image]) -> list[Image]:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"One image: {escape_markdown(shorten_name(asked[0].name))}")
        st.button("Probe a sample instead", key=WHOLE_KEY, on_click=clear_requested_image)
    return asked


def _draw_sample(known: list[Image], session: Session) -> list[Image]:
    most = min(len(known), _LARGEST_SIZE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = st.number_input(
            "Images in the sample",
            min_value=1,
            max_value=most,
            value=min(_USUAL_SIZE, most),
            key=SIZE_KEY,
            bind="query-params",
            width=200,
        )
        seed = st.number_input(
            "Sample number",
            min_value=1,
            max_value=9999,
            key=SEED_KEY,
            bind="query-params",
            width=200,
            help="The same number always draws the same images.",
        )
    st.caption(f"Drawn from the {format_images(len(known))} that all selected versions predicted.")
    return random.Random(f"{session.id} {seed}").sample(known, size)  # noqa: S311 - no secret
