"""Links to one session, and tokens for programs: created, used and revoked."""

from datetime import UTC, datetime

from lib.domain.people import Actor, ApiToken, Role
from lib.domain.permissions import Action
from lib.domain.sessions import Share, ShareTerms
from lib.errors import RoleMissing
from lib.store import Store
from lib.workflows.authorization import authorize, record_denial, record_event


def create_link(store: Store, actor: Actor, session_id: str, terms: ShareTerms) -> str:
    """Create a link; return its token, which cannot be retrieved later. Raises RoleMissing and UnknownSession."""
    authorize(store, actor, Action.CREATE_LINK, session_id)
    token = store.sharing.add(session_id, terms, actor.name, datetime.now(UTC))
    lasts = f"for {terms.lasts.days} days" if terms.lasts else "until it is revoked"
    record_event(store, actor, Action.CREATE_LINK, session_id, f"{lasts}. {terms.note}".strip())
    return token


def revoke_link(store: Store, actor: Actor, share: Share) -> None:
    """Revoke a link. Raises RoleMissing."""
    authorize(store, actor, Action.REVOKE_LINK, share.session_id)
    store.sharing.revoke(share.session_id, share.number, datetime.now(UTC))
    record_event(store, actor, Action.REVOKE_LINK, share.session_id, f"link {share.number} {share.note}".strip())


def open_link(store: Store, share: Share) -> None:
    """Count an opening of the link. The list of links shows the count; the audit log does not record it."""
    store.sharing.record_opening(share, datetime.now(UTC))


def act_by_link(share: Share) -> Actor:
    """Return the actor for a link, which stands for anyone who has it."""
    return Actor(f"link {share.number}", Role.VIEWER)


def create_token(store: Store, actor: Actor, note: str) -> str:
    """Create a token for a program; return it, as it cannot be retrieved later. Raises RoleMissing."""
    authorize(store, actor, Action.CREATE_TOKEN)
    token = store.people.add_token(note, actor.name, datetime.now(UTC))
    record_event(store, actor, Action.CREATE_TOKEN, details=note)
    return token


def revoke_token(store: Store, actor: Actor, token: ApiToken) -> None:
    """Revoke a token: one's own, or any token for admins. Raises RoleMissing."""
    authorize(store, actor, Action.REVOKE_TOKEN)
    if token.made_by != actor.name and actor.role is not Role.ADMIN:
        reason = "Only admins can revoke the tokens of other people."
        record_denial(store, actor, Action.REVOKE_TOKEN, details=reason)
        raise RoleMissing(reason)
    store.people.revoke_token(token.number, datetime.now(UTC))
    record_event(store, actor, Action.REVOKE_TOKEN, details=f"{token.note} {token.made_by}".strip())


def use_token(store: Store, token: str) -> ApiToken | None:
    """Return the token that a program sends if it is valid, and record its use."""
    return store.people.use_token(token, datetime.now(UTC)) if token else None
