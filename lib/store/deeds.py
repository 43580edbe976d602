"""The log of who did what. Lines are added and never changed; they outlive the sessions that they are about."""

from sqlalchemy import func, insert, select

from lib.domain.deed import Action, Deed
from lib.store.connected import Connected
from lib.store.people_tables import deeds


class Deeds(Connected):
    """The audit log."""

    def add_deed(self, deed: Deed) -> None:
        """Write a line."""
        row = {
            "at": deed.at,
            "who": deed.who,
            "action": deed.action.name,
            "session_id": deed.session_id,
            "about": deed.about,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(deeds).values(row))

    def find_deeds(self, offset: int = 0, limit: int = 50) -> list[Deed]:
        """Lines of the log, the latest first."""
        columns = (deeds.c.at, deeds.c.who, deeds.c.action, deeds.c.session_id, deeds.c.about)
        found = self._find(select(*columns).order_by(deeds.c.number.desc()).offset(offset).limit(limit))
        return [Deed(row[0], row[1], Action[row[2]], row[3], row[4]) for row in found]

    def count_deeds(self) -> int:
        """How many lines there are."""
        return self._count(select(func.count()).select_from(deeds))
