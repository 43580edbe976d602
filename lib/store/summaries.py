"""Counts that the list of sessions shows and sorts by.

They are computed when the list is opened and stored until the session's revision changes: counting all predictions of a
large session takes longer than a page may.
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Select, Update, and_, bindparam, case, delete, func, insert, or_, select, update

from lib.domain.sessions import SessionOrder, SessionSearch
from lib.errors import StorageUnavailable
from lib.store.columns import SanitizedText
from lib.store.database import AnySelect, Database
from lib.store.locks import lock_counts
from lib.store.tables import matrix_cells, matrix_rows, session_coverage, session_versions, sessions

_IS_STALE = sessions.c.revision != sessions.c.summarized_at_revision
_AGREEMENT = sessions.c.agreeing * 1.0 / func.nullif(sessions.c.compared, 0)
_REVIEWED = sessions.c.reviewed * 1.0 / func.nullif(sessions.c.image_count, 0)
_ORDERS = {
    SessionOrder.LATEST: sessions.c.created_at.desc(),
    SessionOrder.OLDEST: sessions.c.created_at,
    SessionOrder.TITLE: func.lower(sessions.c.title),
    SessionOrder.IMAGES: sessions.c.image_count.desc(),
    SessionOrder.AGREEMENT: func.coalesce(_AGREEMENT, 2.0),
    SessionOrder.REVIEWED: func.coalesce(_REVIEWED, 2.0),
}
_BY_COUNTS = {SessionOrder.IMAGES, SessionOrder.AGREEMENT, SessionOrder.REVIEWED}

_THIS_SESSION = bindparam("session_id", type_=SanitizedText)


def select_summaries(search: SessionSearch) -> AnySelect:
    """Select the values of Session, then those of SessionSummary, in their order, sorted."""
    newest_first = sessions.c.number if search.order is SessionOrder.OLDEST else sessions.c.number.desc()
    return _narrow(
        select(
            sessions.c.id,
            sessions.c.title,
            sessions.c.created_at,
            sessions.c.image_count,
            sessions.c.created_by,
            sessions.c.archived_at.is_not(None),
            sessions.c.revision,
            sessions.c.version_count,
            sessions.c.compared,
            sessions.c.agreeing,
            sessions.c.reviewed,
        ),
        search,
    ).order_by(_ORDERS[search.order], newest_first)


def select_count(search: SessionSearch) -> Select[int]:
    """Select the number of sessions that match the search."""
    return _narrow(select(func.count()).select_from(sessions), search)


def select_stale(search: SessionSearch, offset: int, limit: int) -> Select[str]:
    """Select ids of the sessions whose counts must be updated before a page of the search is shown."""
    stale = select(sessions.c.id).where(_IS_STALE)
    if search.order in _BY_COUNTS:
        return stale
    page = select_summaries(search).with_only_columns(sessions.c.id).offset(offset).limit(limit)
    return stale.where(sessions.c.id.in_(page.subquery().select()))


def sum_up_session(connection: Connection, session_id: str) -> None:
    """Update the counts of the session, for its revision in this transaction."""
    lock_counts(connection, session_id)
    for statement in (_DELETE_COVERAGE, _ADD_COVERAGE, _UPDATE_COUNTS):
        connection.execute(statement, {"session_id": session_id})


def renew_counts(database: Database, session_id: str) -> None:
    """Update the counts of the session, unless nothing can be written: then pages show the counts of before."""
    with suppress(StorageUnavailable), database.engine.begin() as connection:
        sum_up_session(connection, session_id)


def _narrow(statement: AnySelect, search: SessionSearch) -> AnySelect:
    archived = sessions.c.archived_at.is_not(None)
    statement = statement.where(archived if search.archived else ~archived)
    if not search.words:
        return statement
    matches = (column.icontains(search.words, autoescape=True) for column in (sessions.c.title, sessions.c.created_by))
    return statement.where(or_(*matches))


_DELETE_COVERAGE = delete(session_coverage).where(session_coverage.c.session_id == _THIS_SESSION)

_ADD_COVERAGE = insert(session_coverage).from_select(
    ["session_id", "version_id", "predictions", "failures"],
    select(
        matrix_cells.c.session_id,
        matrix_cells.c.version_id,
        func.count(matrix_cells.c.top_score),
        func.count() - func.count(matrix_cells.c.top_score),
    )
    .where(matrix_cells.c.session_id == _THIS_SESSION)
    .group_by(matrix_cells.c.session_id, matrix_cells.c.version_id),
)


def _update_counts() -> Update:
    row = matrix_rows.c
    compared = case((row.predictions > 1, 1), else_=0)
    agreeing = case((and_(row.predictions > 1, ~row.differs), 1), else_=0)
    rows = {
        "image_count": func.count(),
        "reviewed": func.count(row.true_label),
        "compared": func.coalesce(func.sum(compared), 0),
        "agreeing": func.coalesce(func.sum(agreeing), 0),
    }
    versions = select(func.count()).where(session_versions.c.session_id == _THIS_SESSION)
    counts: dict[str, Any] = {
        name: select(count).where(row.session_id == _THIS_SESSION).scalar_subquery() for name, count in rows.items()
    }
    counts["version_count"] = versions.scalar_subquery()
    counts["summarized_at_revision"] = sessions.c.revision
    return update(sessions).where(sessions.c.id == _THIS_SESSION).values(counts)


_UPDATE_COUNTS = _update_counts()
