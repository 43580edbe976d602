"""Sign-ins that have ended before their time. A browser may keep its cookie; it opens nothing any more."""

from datetime import datetime

from sqlalchemy import delete, exists, select

from lib.store.connected import Connected
from lib.store.engine import upsert
from lib.store.people_tables import ended_sign_ins, recorded_sign_ins


class SignIns(Connected):
    """Those that were ended, by the name that `Person.sign_in` has."""

    def end_sign_in(self, sign_in: str, at: datetime) -> bool:
        """Let it open nothing from now on; gives whether it was ended now."""
        with self._engine.begin() as connection:
            return upsert(connection, ended_sign_ins, {"sign_in": sign_in, "at": at}, key=["sign_in"])

    def has_ended(self, sign_in: str) -> bool:
        """Whether it was ended."""
        return bool(self._find(select(exists().where(ended_sign_ins.c.sign_in == sign_in)))[0][0])

    def forget_sign_ins(self, before: datetime) -> None:
        """Forget those that were ended, or recorded, before: they are too old to open anything by themselves."""
        with self._engine.begin() as connection:
            for table in (ended_sign_ins, recorded_sign_ins):
                connection.execute(delete(table).where(table.c.at < before))
