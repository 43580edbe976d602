"""How far what is under way is, and the button that stops them."""

import streamlit as st

from lib.domain.audit import Action
from lib.ui.text import describe_progress, escape_markdown
from lib.ui.visitor import find_actor, live, needs
from lib.web import resources
from lib.workflows.background_run import BackgroundRun
from lib.workflows.predict import stop_run

STOP_KEY = "stop"
_EVERY_S = 0.5


def show_progress(run: BackgroundRun, *, redraw: bool) -> None:
    """A bar that follows the run by itself; draws the whole page again when the run ends.

    With `redraw` the page is also drawn again whenever answers have landed: something on it still waits for them.
    """
    _follow(run, run.progress().done if redraw else None)


@live(_EVERY_S)
def _follow(run: BackgroundRun, drawn: int | None) -> None:
    progress = run.progress()
    if progress.finished or (drawn is not None and progress.done > drawn):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(progress.share, text=escape_markdown(describe_progress(progress)))
        st.button("Stop", key=STOP_KEY, icon=":material/stop:", on_click=_stop, args=(run,))


@needs(Action.STOP)
def _stop(run: BackgroundRun) -> None:
    stop_run(resources.store(), find_actor(), run)
