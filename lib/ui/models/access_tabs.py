"""The Use it from code, Tokens and Connection tabs: how programs and this app reach the models."""

import streamlit as st

from lib.domain.images import PreparedImage
from lib.domain.people import ApiToken, Role
from lib.domain.predictions import ModelVersion
from lib.errors import ServiceError
from lib.providers.automl_servers import BUILT_IN
from lib.providers.guarded_requests import AUTOML_HOSTS, vertex_url
from lib.providers.vertex_catalog import VERTEX
from lib.store import Store
from lib.ui.addresses import find_own_url
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_age, format_exact_time
from lib.ui.visitor import find_actor, find_name, makes_change, may
from lib.web import providers, resources
from lib.web.sign_in import is_on
from lib.workflows.connection_check import CheckStep, CheckTarget, check
from lib.workflows.sharing import create_token, revoke_token
from lib.workflows.snippets.write import Api, Authentication, Language, SnippetTarget, write_snippet

VERSION_KEY = "snippet-version"
LANGUAGE_KEY = "snippet-language"
NOTE_KEY = "token-note"
CREATE_KEY = "make-token"
CHECK_KEY = "check-service"
_CREATED = "token-made"
_SAMPLE = "espresso.jpg"
_LANGUAGES = {
    "curl": Language.CURL,
    "Python": Language.PYTHON,
    "Node.js": Language.NODE,
    "Java": Language.JAVA,
}


def show_snippets(page: Page) -> None:
    """Draw code in a chosen language that predicts with a chosen version."""
    if not page.versions:
        st.info("Select a version in the sidebar.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Version", list(page.versions), key=VERSION_KEY, width=320)
        language = st.segmented_control(
            "Language", list(_LANGUAGES), default="curl", required=True, key=LANGUAGE_KEY, bind="query-params"
        )
    version = page.versions[name]
    api = Api.VERTEX if version.provider == VERTEX else Api.AUTOML
    st.caption(
        f"Predicts the file image.jpg in the current folder with {escape_markdown(version.family)}"
        f" {escape_markdown(name)}, and prints all scores."
    )
    # No syntax colors: Streamlit's have too little contrast. Lines wrap, because scrolling them needs a mouse.
    st.code(write_snippet(api, _LANGUAGES[language], find_snippet_target(version)), language=None, wrap_lines=True)


def find_snippet_target(version: ModelVersion) -> SnippetTarget:
    """Return where programs reach the version: this app's own port for the built-in provider, else the provider's."""
    name = providers.clients()[version.provider].find_resource(version)
    region = name.location.region
    if version.provider == BUILT_IN:
        return SnippetTarget(find_own_url(), name, Authentication.OWN_TOKEN if is_on() else Authentication.NONE)
    if version.provider == VERTEX:
        own = resources.settings().vertex_endpoint
        return SnippetTarget(own or vertex_url(region), name, Authentication.NONE if own else Authentication.GOOGLE)
    return SnippetTarget(
        f"https://{AUTOML_HOSTS.get(region, AUTOML_HOSTS['us-central1'])}", name, Authentication.GOOGLE
    )


def may_create_tokens() -> bool:
    """Report whether programs need a token, and the visitor may create one."""
    return is_on() and may(Role.REVIEWER)


def show_tokens(page: Page) -> None:
    """Draw controls to create tokens, and the visitor's own tokens to revoke; admins see the tokens of everyone."""
    st.caption(
        "Programs send their token with every call: Authorization: Bearer TOKEN. A token has its creator's permissions."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Note", key=NOTE_KEY, max_chars=100, placeholder="Which program", width=280)
        st.button("Create token", key=CREATE_KEY, type="primary", on_click=_create_token, args=(page.store,))
    created = st.session_state.get(_CREATED)
    if created:
        st.success("Copy the token now. You won't be able to see it again.", icon=":material/key:")
        st.code(created, language=None, wrap_lines=True)
    for token in page.store.people.find_tokens(None if may(Role.ADMIN) else find_name()):
        _show_token(page.store, token)


@makes_change
def _create_token(store: Store) -> None:
    st.session_state[_CREATED] = create_token(store, find_actor(), str(st.session_state[NOTE_KEY]).strip())


@makes_change
def _revoke_token(store: Store, token: ApiToken) -> None:
    revoke_token(store, find_actor(), token)


def _show_token(store: Store, token: ApiToken) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(escape_markdown(" · ".join(_describe_token(token))), help=format_exact_time(token.made_at))
        if token.revoked_at is None:
            st.button("Revoke token", key=f"revoke-token-{token.number}", on_click=_revoke_token, args=(store, token))


def _describe_token(token: ApiToken) -> list[str]:
    parts = [token.note or "No note", f"created {format_age(token.made_at)} by {token.made_by}"]
    if token.revoked_at:
        parts.append(f"revoked {format_age(token.revoked_at)}")
    parts.append(f"used {format_age(token.used_at)}" if token.used_at else "never used")
    return parts


def show_connection(page: Page) -> None:
    """Draw the provider's credentials, and a button that checks everything that a prediction needs."""
    choice = page.choice
    provider = providers.clients()[choice.provider]
    try:
        st.markdown(f"{escape_markdown(choice.provider)} signs in as: {escape_markdown(provider.describe_identity())}")
    except ServiceError as error:
        st.warning(escape_markdown(str(error)), icon=":material/key_off:")
    if not st.button("Check connection", key=CHECK_KEY, icon=":material/checklist:"):
        st.caption("Checks credentials, project, region, models and one prediction. Stops at the first problem.")
        return
    with st.spinner("Checking …"):
        for step in check(CheckTarget(provider, choice.project, choice.region), _get_sample()):
            _show_step(step)


def _show_step(step: CheckStep) -> None:
    if step.passed:
        st.markdown(
            f":green[:material/check_circle:] **{escape_markdown(step.name)}**: {escape_markdown(step.message)}"
        )
    else:
        st.error(f"**{escape_markdown(step.name)}**: {escape_markdown(step.message)}", icon=":material/error:")


def _get_sample() -> PreparedImage:
    return resources.samples()[_SAMPLE]
