"""API tokens, and sign-ins that were ended."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, insert, or_, select, update

from lib.domain.people import ApiToken
from lib.store.database import Repository
from lib.store.engine import upsert
from lib.store.people_tables import api_tokens, ended_sign_ins, recorded_sign_ins
from lib.store.tokens import hash_token, make_token, pick_row

_OF_TOKEN = (
    api_tokens.c.number,
    api_tokens.c.note,
    api_tokens.c.made_by,
    api_tokens.c.made_at,
    api_tokens.c.revoked_at,
    api_tokens.c.used_at,
)
_RECORD_USE_EVERY = timedelta(minutes=1)


class People(Repository):
    """API tokens by their hashes, and ended sign-ins by `Person.sign_in`."""

    def add_token(self, note: str, by: str, at: datetime) -> str:
        """Create a token, which cannot be recovered later."""
        token = make_token()
        row = {"token_hash": hash_token(token), "note": note, "made_by": by, "made_at": at}
        with self._database.engine.begin() as connection:
            connection.execute(insert(api_tokens).values(row))
        return token

    def find_tokens(self, by: str | None = None) -> list[ApiToken]:
        """Return the tokens that a person created (None: all tokens), newest first."""
        statement = select(*_OF_TOKEN).order_by(api_tokens.c.number.desc())
        return [
            ApiToken(*row)
            for row in self._database.find(statement if by is None else statement.where(api_tokens.c.made_by == by))
        ]

    def use_token(self, token: str, at: datetime) -> ApiToken | None:
        """Return the token, None if it is unknown or revoked. Records its use, at most once a minute."""
        its = api_tokens.c.token_hash == hash_token(token)
        row = pick_row(self._database.find(select(api_tokens.c.token_hash, *_OF_TOKEN).where(its)), token)
        found = ApiToken(*row) if row else None
        if found is None or found.revoked_at:
            return None
        if found.used_at is None or at - found.used_at >= _RECORD_USE_EVERY:
            long_ago = or_(api_tokens.c.used_at.is_(None), api_tokens.c.used_at < at)
            with self._database.engine.begin() as connection:
                connection.execute(update(api_tokens).where(its, long_ago).values(used_at=at))
        return found

    def revoke_token(self, number: int, at: datetime) -> None:
        """Revoke the token. A token that is revoked already keeps its time."""
        its = (api_tokens.c.number == number, api_tokens.c.revoked_at.is_(None))
        with self._database.engine.begin() as connection:
            connection.execute(update(api_tokens).where(*its).values(revoked_at=at))

    def end_sign_in(self, sign_in: str, at: datetime) -> bool:
        """End the sign-in. Return whether it was still active."""
        with self._database.engine.begin() as connection:
            return upsert(connection, ended_sign_ins, {"sign_in": sign_in, "at": at}, key=["sign_in"])

    def has_ended(self, sign_in: str) -> bool:
        """Return whether the sign-in was ended."""
        return bool(self._database.find(select(exists().where(ended_sign_ins.c.sign_in == sign_in)))[0][0])

    def forget_sign_ins(self, before: datetime) -> None:
        """Delete sign-ins that were ended or recorded before this time: they have expired anyway."""
        with self._database.engine.begin() as connection:
            for table in (ended_sign_ins, recorded_sign_ins):
                connection.execute(delete(table).where(table.c.at < before))
