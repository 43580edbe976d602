"""Tokens with which programs ask."""

from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update

from lib.domain.people import ApiToken
from lib.store.connected import Connected
from lib.store.people_tables import api_tokens
from lib.store.tokens import hash_token, make_token, pick_row

_OF_TOKEN = (
    api_tokens.c.number,
    api_tokens.c.note,
    api_tokens.c.made_by,
    api_tokens.c.made_at,
    api_tokens.c.revoked_at,
    api_tokens.c.used_at,
)
_NOTED_EVERY = timedelta(minutes=1)


class ApiTokens(Connected):
    """Tokens by their hashes."""

    def add_api_token(self, note: str, by: str, at: datetime) -> str:
        """Make a token; nobody can find it out later."""
        token = make_token()
        row = {"token_hash": hash_token(token), "note": note, "made_by": by, "made_at": at}
        with self._engine.begin() as connection:
            connection.execute(insert(api_tokens).values(row))
        return token

    def find_api_tokens(self, by: str | None = None) -> list[ApiToken]:
        """The tokens that somebody made (None: that anybody made), the latest first."""
        statement = select(*_OF_TOKEN).order_by(api_tokens.c.number.desc())
        return [
            ApiToken(*row)
            for row in self._find(statement if by is None else statement.where(api_tokens.c.made_by == by))
        ]

    def use_api_token(self, token: str, at: datetime) -> ApiToken | None:
        """The token, if it is one and was not revoked; notes, once a minute, that it was used."""
        its = api_tokens.c.token_hash == hash_token(token)
        row = pick_row(self._find(select(api_tokens.c.token_hash, *_OF_TOKEN).where(its)), token)
        found = ApiToken(*row) if row else None
        if found is None or found.revoked_at:
            return None
        if found.used_at is None or at - found.used_at >= _NOTED_EVERY:
            long_ago = or_(api_tokens.c.used_at.is_(None), api_tokens.c.used_at < at)
            with self._engine.begin() as connection:
                connection.execute(update(api_tokens).where(its, long_ago).values(used_at=at))
        return found

    def revoke_api_token(self, number: int, at: datetime) -> None:
        """Let the token open nothing any more; one that was revoked before keeps its time."""
        its = (api_tokens.c.number == number, api_tokens.c.revoked_at.is_(None))
        with self._engine.begin() as connection:
            connection.execute(update(api_tokens).where(*its).values(revoked_at=at))
