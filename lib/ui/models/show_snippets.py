"""Working code that asks one of the chosen versions."""

import streamlit as st

from lib.domain.predictions import ModelVersion
from lib.providers.automl_servers import BUILT_IN
from lib.providers.guarded_requests import AUTOML_HOSTS, vertex_url
from lib.providers.vertex_catalog import VERTEX
from lib.ui import providers
from lib.ui.addresses import find_own_url
from lib.ui.frame import Page
from lib.ui.text import escape_markdown
from lib.web import resources
from lib.web.sign_in import is_on
from lib.workflows.snippets.write import Api, Authentication, Language, SnippetTarget, write_snippet

VERSION_KEY = "snippet-version"
LANGUAGE_KEY = "snippet-language"
_LANGUAGES = {
    "curl": Language.CURL,
    "Python": Language.PYTHON,
    "Node.js": Language.NODE,
    "Java": Language.JAVA,
}


def show_snippets(page: Page) -> None:
    """A program for a version and a language, with a button that copies it."""
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
        f"Asks {escape_markdown(version.family)} {escape_markdown(name)} about the file image.jpg beside it, and prints"
        " all scores."
    )
    # Not in the colors of its language: Streamlit's are too pale to read, and lines that scroll need a mouse.
    st.code(write_snippet(api, _LANGUAGES[language], find_address(version)), language=None, wrap_lines=True)


def find_address(version: ModelVersion) -> SnippetTarget:
    """Where programs reach the version: the built-in service on this app's own port, all others where they are."""
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
