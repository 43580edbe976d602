"""Sessions that nobody has used for long."""

from datetime import datetime

from sqlalchemy import exists, select

from lib.domain.annotations import ReviewStatus
from lib.domain.sessions import Session
from lib.store import queries
from lib.store.connected import Connected
from lib.store.tables import records, reviews, session_asked, session_images, sessions, verdicts


class Expired(Connected):
    """What may be deleted for its age."""

    def find_unused_since(self, moment: datetime) -> list[Session]:
        """Sessions to which nothing has happened from then on, oldest first: they were not made, nothing was asked, and
        no image, answer or verdict came.

        Never one whose review is signed off: that is to be kept.
        """
        its_image = session_images.c.session_id == sessions.c.id
        its_version = session_asked.c.session_id == sessions.c.id
        its_answer = (
            its_image,
            its_version,
            records.c.sha256 == session_images.c.sha256,
            records.c.version_id == session_asked.c.version_id,
            records.c.asked_at >= moment,
        )
        statement = (
            select(sessions.c.id)
            .where(
                sessions.c.created_at < moment,
                ~exists().where(its_image, session_images.c.added_at >= moment),
                ~exists().where(its_version, session_asked.c.asked_at >= moment),
                ~exists().where(*its_answer),
                ~exists().where(verdicts.c.session_id == sessions.c.id, verdicts.c.made_at >= moment),
                ~exists().where(reviews.c.session_id == sessions.c.id, reviews.c.status == ReviewStatus.DONE.name),
            )
            .order_by(sessions.c.created_at, sessions.c.number)
        )
        ids = [session_id for (session_id,) in self._find(statement)]
        return [Session(*self._find(queries.SESSION, session_id=session_id)[0]) for session_id in ids]
