"""Whether the chosen service can be used, step by step."""

import streamlit as st

from lib.domain.images import PreparedImage
from lib.errors import ServiceError
from lib.ui import providers
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.workflows.connection_check import CheckStep, CheckTarget, check

CHECK_KEY = "check-service"
_SAMPLE = "espresso.jpg"


def show_check(page: Page) -> None:
    """Who asks, and a button that goes through all that must be right, up to a prediction."""
    choice = page.choice
    provider = providers.clients()[choice.provider]
    try:
        st.markdown(f"{escape_markdown(choice.provider)} signs in as: {escape_markdown(provider.describe_identity())}")
    except ServiceError as error:
        st.warning(escape_markdown(str(error)), icon=":material/key_off:")
    if not st.button("Check", key=CHECK_KEY, icon=":material/checklist:"):
        st.caption("Checks credentials, project, region, models and one prediction. Stops at the first problem.")
        return
    with st.spinner("Checking …"):
        for step in check(CheckTarget(provider, choice.project, choice.region), _find_sample()):
            _show_step(step)


def _show_step(step: CheckStep) -> None:
    if step.passed:
        st.markdown(
            f":green[:material/check_circle:] **{escape_markdown(step.name)}**: {escape_markdown(step.message)}"
        )
    else:
        st.error(f"**{escape_markdown(step.name)}**: {escape_markdown(step.message)}", icon=":material/error:")


def _find_sample() -> PreparedImage:
    return resources.samples()[_SAMPLE]
