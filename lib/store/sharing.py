"""Links that open one session. Only hashes of their tokens are stored: the database alone opens nothing."""

from datetime import datetime

from sqlalchemy import insert, select, update

from lib.domain.sessions import Share, ShareTerms
from lib.store.database import Repository
from lib.store.people_tables import shares
from lib.store.tokens import hash_token, make_token, pick_row

_OF_SHARE = (
    shares.c.number,
    shares.c.session_id,
    shares.c.note,
    shares.c.made_by,
    shares.c.made_at,
    shares.c.expires_at,
    shares.c.revoked_at,
    shares.c.opened,
    shares.c.opened_at,
)


class Sharing(Repository):
    """Links to sessions, by the hashes of their tokens."""

    def add(self, session_id: str, terms: ShareTerms, by: str, at: datetime) -> str:
        """Create a link and return its token of 192 random bits, which cannot be recovered later."""
        token = make_token()
        row = {
            "token_hash": hash_token(token),
            "session_id": session_id,
            "note": terms.note,
            "made_by": by,
            "made_at": at,
            "expires_at": at + terms.lasts if terms.lasts else None,
        }
        with self._database.writing(session_id) as connection:
            connection.execute(insert(shares).values(row))
        return token

    def find(self, session_id: str) -> list[Share]:
        """Return the links of a session, newest first."""
        statement = select(*_OF_SHARE).where(shares.c.session_id == session_id).order_by(shares.c.number.desc())
        return [Share(*row) for row in self._database.find(statement)]

    def find_by_token(self, token: str, at: datetime) -> Share | None:
        """Return the link with this token; None if it is expired, revoked or unknown, without telling which."""
        rows = self._database.find(
            select(shares.c.token_hash, *_OF_SHARE).where(shares.c.token_hash == hash_token(token))
        )
        row = pick_row(rows, token)
        share = Share(*row) if row else None
        return share if share and share.works(at) else None

    def record_opening(self, share: Share, at: datetime) -> None:
        """Count an opening of the link."""
        opened = update(shares).where(shares.c.number == share.number).values(opened=shares.c.opened + 1, opened_at=at)
        with self._database.engine.begin() as connection:
            connection.execute(opened)

    def revoke(self, session_id: str, number: int, at: datetime) -> None:
        """Revoke a link of the session. A link that is revoked already keeps its time."""
        its = (shares.c.session_id == session_id, shares.c.number == number, shares.c.revoked_at.is_(None))
        with self._database.engine.begin() as connection:
            connection.execute(update(shares).where(*its).values(revoked_at=at))
