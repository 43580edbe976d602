"""Callers of the APIs and of /metrics: who they are, what they may do, and the audit of what they changed."""

from lib.domain.people import Actor, Role
from lib.domain.permissions import Action, required_role
from lib.errors import RoleMissing
from lib.serving.automl.api_guard import Caller, Denial
from lib.web import resources
from lib.web.sign_in import is_on
from lib.workflows.authorization import authorize
from lib.workflows.deployments import find_api_action, record_api_call
from lib.workflows.sharing import use_token

_UNKNOWN = "Send a valid token in the header Authorization: Bearer TOKEN. Create one on the Models page, under Tokens."


def identify_caller(token: str, path: str) -> Caller:
    """Return the caller with this token, and why the call is denied if it is. `path`: REST resource or gRPC method.

    A token has the permissions that its creator has now, and none once the creator is not admitted any more. Denials
    of a known token are recorded.
    """
    return _identify(token, find_api_action(path) or Action.PREDICT)


def identify_admin(token: str, _path: str) -> Caller:
    """Return the caller with this token. The call is denied unless the token's creator is an admin."""
    return _identify(token, Action.OPEN_ADMIN_PAGE)


def _identify(token: str, action: Action) -> Caller:
    if not is_on():
        return Caller()
    found = use_token(resources.store(), token)
    role = resources.access().find_role(found.made_by) if found else None
    if found is None or role is None:
        return Caller(denial=Denial(_UNKNOWN, is_known=False))
    try:
        authorize(resources.store(), Actor(found.made_by, role), action)
    except RoleMissing:
        message = f"This needs the role {required_role(action).name.lower()}, which {found.made_by} does not have."
        return Caller(found.made_by, found.number, Denial(message, is_known=True))
    return Caller(found.made_by, found.number)


def record_change(caller: Caller, path: str) -> None:
    """Record a call that changed something, in the name of the token's creator. For gRPC, `path` is NAME:deploy."""
    record_api_call(resources.store(), Actor(caller.address, Role.ADMIN), path)
