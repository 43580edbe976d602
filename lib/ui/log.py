"""Writes down who did what."""

from datetime import UTC, datetime

from lib.domain.deed import Action, Deed
from lib.ui import resources
from lib.ui.visitor import find_name


def note(action: Action, session_id: str = "", about: str = "") -> None:
    """Add a line to the log, in the name of this visitor."""
    resources.store().add_deed(Deed(datetime.now(UTC), find_name(), action, session_id, about))
