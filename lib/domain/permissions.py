"""Who may do what: the actions of people, and the role that each action requires.

`lib/workflows/authorization.py` checks it before each change. Without sign-in, every visitor is an admin; so are the
timer and the commands that delete old sessions, back up and restore.
"""

from enum import Enum

from lib.domain.people import Role


class Action(Enum):
    """Recorded actions. The log stores the names and shows the values. Opening a page and uploading a file are recorded
    only if they are denied.
    """

    SIGN_IN = "Signed in"
    SIGN_OUT = "Signed out"
    REFUSED = "Was refused"
    CREATE_SESSION = "Created session"
    RENAME_SESSION = "Renamed session"
    ARCHIVE_SESSION = "Archived session"
    RESTORE_SESSION = "Restored session"
    DELETE_SESSION = "Deleted session"
    DISMISS_FILE_ERRORS = "Dismissed file errors"
    PREDICT = "Started predictions"
    PROBE = "Started probe"
    STOP = "Stopped job"
    ANNOTATE = "Annotated image"
    UNDO_ANNOTATION = "Undid annotation"
    SET_TRUE_LABEL = "Set true label"
    CLEAR_TRUE_LABEL = "Cleared true label"
    MARK_MUST_NOT_REGRESS = "Added to must-not-regress set"
    UNMARK_MUST_NOT_REGRESS = "Removed from must-not-regress set"
    SPLIT_GROUP = "Split near-duplicates"
    CHANGE_REVIEW = "Changed review settings"
    SIGN_OFF = "Signed off review"
    REOPEN = "Reopened review"
    CREATE_LINK = "Created link"
    REVOKE_LINK = "Revoked link"
    CREATE_TOKEN = "Created token"  # noqa: S105 - a name, no password
    REVOKE_TOKEN = "Revoked token"  # noqa: S105
    EXPORT = "Started export"
    DOWNLOAD = "Downloaded export"
    EXPORT_LOG = "Exported audit log"
    OPEN_REVIEWER_PAGE = "Opened page for reviewers"
    OPEN_ADMIN_PAGE = "Opened page for admins"
    UPLOAD_FILE = "Uploaded file"
    UPLOAD_MODEL = "Uploaded model"
    DEPLOY = "Started deployment"
    UNDEPLOY = "Started undeployment"
    BACK_UP = "Created backup"
    RESTORE_BACKUP = "Restored backup"


_OF_VIEWERS = {Action.SIGN_IN, Action.SIGN_OUT, Action.REFUSED, Action.EXPORT, Action.DOWNLOAD}
_OF_ADMINS = {
    Action.DELETE_SESSION,
    Action.UPLOAD_MODEL,
    Action.DEPLOY,
    Action.UNDEPLOY,
    Action.EXPORT_LOG,
    Action.OPEN_ADMIN_PAGE,
    Action.BACK_UP,
    Action.RESTORE_BACKUP,
}


def required_role(action: Action) -> Role:
    """Return the lowest role that is allowed to do this."""
    if action in _OF_VIEWERS:
        return Role.VIEWER
    return Role.ADMIN if action in _OF_ADMINS else Role.REVIEWER
