"""Who did what to which session."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Action(Enum):
    """What is written into the log."""

    PREDICT = "asked for predictions"
    PROBE = "probed"
    JUDGE = "judged an image"
    LABEL = "set labels"
    REVIEW = "changed the review"
    SHARE = "made a link"
    REVOKE = "revoked a link"
    TOKEN = "made a token"  # noqa: S105 - a sentence, no password
    REVOKE_TOKEN = "revoked a token"  # noqa: S105
    DELETE = "deleted the session"
    DEPLOY = "deployed a version"
    UPLOAD = "uploaded a version"
    REMOVE = "took a version out of service"


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the log. `at` is in UTC, `who` the name someone went by (empty: none was given), `session_id` empty
    for what is done to no session, and `about` says more in words.
    """

    at: datetime
    who: str
    action: Action
    session_id: str = ""
    about: str = ""
