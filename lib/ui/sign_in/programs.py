"""Who calls the REST API or gRPC, and whether they may, where people sign in."""

from datetime import UTC, datetime

from lib.domain.person import Role
from lib.serving.api_guard import Caller, Objection
from lib.ui import resources
from lib.ui.sign_in.provider import is_on

_CHANGES = (":deploy", ":undeploy", "/DeployModel", "/UndeployModel")
_UNKNOWN = "Show a token that works: send the header Authorization: Bearer TOKEN. It is made under Models, Tokens."


def identify_caller(token: str, path: str) -> Caller:
    """Who shows this token, and what speaks against a call of this path (of a REST resource, or of a gRPC method).

    A token may what its maker may now: who was taken off the list takes their tokens along.
    """
    if not is_on():
        return Caller()
    found = resources.store().use_api_token(token, datetime.now(UTC)) if token else None
    role = resources.access().find_role(found.made_by) if found else None
    if found is None or role is None:
        return Caller(objection=Objection(_UNKNOWN, known=False))
    needed = Role.ADMIN if path.endswith(_CHANGES) else Role.REVIEWER
    if role >= needed:
        return Caller(found.made_by, found.number)
    words = f"This needs the role {needed.name.lower()}, which {found.made_by} does not have."
    return Caller(found.made_by, found.number, Objection(words, known=True))


def find_objection(token: str, path: str) -> Objection | None:
    """What speaks against a call of this path with this token."""
    return identify_caller(token, path).objection
