"""Records what visitors were refused before any workflow ran: pages of other roles, and uploads."""

import streamlit as st

from lib.domain.audit import Action
from lib.domain.people import Actor, Person, Role
from lib.ui import resources
from lib.workflows.audit import note_refusal

_PAGES = {Role.REVIEWER: Action.OPEN_REVIEWER_PAGE, Role.ADMIN: Action.OPEN_ADMIN_PAGE}


def record_page_refused(person: Person, role: Role) -> None:
    """Record that somebody opened a page that takes this role."""
    _note(person.as_actor(), _PAGES[role], f"needs the role {role.name.lower()}")


def record_upload_refused(person: Person, reason: str) -> None:
    """Record that somebody sent a file that is not taken from them."""
    _note(person.as_actor(), Action.UPLOAD_FILE, reason)


# The log merges repeats. This spares it being written to at every run of the script, and for every file of many.
@st.cache_resource(show_spinner=False, max_entries=1000, ttl=60)
def _note(actor: Actor, action: Action, reason: str) -> None:
    note_refusal(resources.store(), actor, action, details=reason)
