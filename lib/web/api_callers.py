"""Who calls the API, whether they may, and what they changed."""

from lib.domain.audit import Action, required_role
from lib.domain.people import Actor, Role
from lib.errors import RoleMissing
from lib.serving.automl.api_guard import Caller, Denial
from lib.web import resources
from lib.web.sign_in import is_on
from lib.workflows.audit import authorize
from lib.workflows.deployments import find_api_action, record_api_call
from lib.workflows.sharing import use_token

_UNKNOWN = "Show a token that works: send the header Authorization: Bearer TOKEN. It is made under Models, Tokens."


def identify_caller(token: str, path: str) -> Caller:
    """Who shows this token, and what speaks against a call of this path (of a REST resource, or of a gRPC method).

    A token may what its maker may now: who was taken off the list takes their tokens along. Refusals of a known token
    are recorded.
    """
    if not is_on():
        return Caller()
    found = use_token(resources.store(), token)
    role = resources.access().find_role(found.made_by) if found else None
    if found is None or role is None:
        return Caller(denial=Denial(_UNKNOWN, is_known=False))
    action = find_api_action(path) or Action.PREDICT
    try:
        authorize(resources.store(), Actor(found.made_by, role), action)
    except RoleMissing:
        words = f"This needs the role {required_role(action).name.lower()}, which {found.made_by} does not have."
        return Caller(found.made_by, found.number, Denial(words, is_known=True))
    return Caller(found.made_by, found.number)


def record_change(caller: Caller, path: str) -> None:
    """Record a call that changed something, in the name of the token's maker. For gRPC, `path` is NAME:deploy."""
    record_api_call(resources.store(), Actor(caller.address, Role.ADMIN), path)
