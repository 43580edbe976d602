"""Whether a program may call the API, where people sign in, and what it changed."""

from lib.domain.audit import Action
from lib.domain.person import Actor, Role
from lib.errors import RoleMissing
from lib.serving.api_guard import Objection
from lib.ui import resources
from lib.ui.sign_in.provider import is_on
from lib.workflows.audit import authorize
from lib.workflows.deployments import find_api_action, record_api_call
from lib.workflows.sharing import use_token

_UNKNOWN = "Show a token that works: send the header Authorization: Bearer TOKEN. It is made under Models, Tokens."
_ANY_PROGRAM = Actor("", Role.ADMIN)


def find_objection(token: str, path: str) -> Objection | None:
    """What speaks against a call of this path with this token. Refusals of a known token are recorded.

    A token may what its maker may now: who was taken off the list takes their tokens along.
    """
    actor = _find_actor(token)
    if actor is None:
        return Objection(_UNKNOWN, known=False)
    try:
        authorize(resources.store(), actor, find_api_action(path) or Action.PREDICT)
    except RoleMissing as missing:
        return Objection(f"{missing} {actor.name} does not have it.", known=True)
    return None


def record_change(token: str, path: str) -> None:
    """Record a call that changed something, in the name of the token's maker. For gRPC, `path` is NAME:deploy."""
    record_api_call(resources.store(), _find_actor(token) or _ANY_PROGRAM, path)


def _find_actor(token: str) -> Actor | None:
    if not is_on():
        return _ANY_PROGRAM
    found = use_token(resources.store(), token)
    role = resources.access().find_role(found.made_by) if found else None
    return Actor(found.made_by, role) if found and role else None
