"""What the pages ask at every click, built once: SQLAlchemy builds these longer than SQLite needs to answer them."""

from typing import TypeAlias

from sqlalchemy import ColumnElement, Integer, Select, bindparam, exists, func, select

from lib.store.tables import Words, images, records, refusals, session_images, sessions, versions

SelectImages: TypeAlias = Select[str, str, str, int, int, int, list[str]]
"""Gives the values of Image in their order, with the steps as JSON has them.

The statements for Session, Refusal and ModelVersion give theirs in their order, too.
"""

_THIS_SESSION = bindparam("session_id", type_=Words)
_THIS_VERSION = bindparam("version_id", type_=Integer)

_ITS_IMAGES = select(func.count()).select_from(session_images).where(session_images.c.session_id == sessions.c.id)
_ALL_SESSIONS = select(sessions.c.id, sessions.c.title, sessions.c.created_at, _ITS_IMAGES.scalar_subquery())
SESSION = _ALL_SESSIONS.where(sessions.c.id == _THIS_SESSION)
SESSIONS = (
    _ALL_SESSIONS.order_by(sessions.c.created_at.desc(), sessions.c.number.desc())
    .offset(bindparam("offset"))
    .limit(bindparam("limit"))
)
SESSION_COUNT = select(func.count()).select_from(sessions)

_ALL_IMAGES = (
    select(
        images.c.sha256,
        session_images.c.name,
        images.c.media_type,
        images.c.width_px,
        images.c.height_px,
        images.c.size_bytes,
        session_images.c.steps,
    )
    .join(session_images, session_images.c.sha256 == images.c.sha256)
    .where(session_images.c.session_id == _THIS_SESSION)
    .order_by(session_images.c.place)
)
IMAGE = _ALL_IMAGES.where(session_images.c.sha256 == bindparam("sha256"))
IMAGES = _ALL_IMAGES.offset(bindparam("offset")).limit(bindparam("limit"))
IMAGE_COUNT = select(func.count()).select_from(session_images).where(session_images.c.session_id == _THIS_SESSION)


def _has_record(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = (records.c.sha256 == session_images.c.sha256, records.c.version_id == _THIS_VERSION)
    return exists().where(*mine, *wanted).correlate(session_images)


UNANSWERED = _ALL_IMAGES.where(~_has_record())
FAILED = _ALL_IMAGES.where(_has_record(records.c.failure.is_not(None)))

REFUSALS = (
    select(refusals.c.name, refusals.c.reason).where(refusals.c.session_id == _THIS_SESSION).order_by(refusals.c.id)
)


def _select_asked_versions() -> Select[str, str, str, str, str]:
    # Grouped before the versions are joined: a session has thousands of records, of a few versions.
    asked = (
        select(
            records.c.version_id,
            func.count(records.c.label_set_id).label("predictions"),
            func.min(records.c.asked_at).label("first_asked_at"),
        )
        .join(session_images, session_images.c.sha256 == records.c.sha256)
        .where(session_images.c.session_id == _THIS_SESSION)
        .group_by(records.c.version_id)
        .subquery()
    )
    return (
        select(versions.c.service, versions.c.model_name, versions.c.family, versions.c.version, versions.c.etag)
        .join(asked, asked.c.version_id == versions.c.id)
        .order_by(asked.c.predictions.desc(), asked.c.first_asked_at, versions.c.id)
    )


ASKED_VERSIONS = _select_asked_versions()

VERSION_ID = select(versions.c.id).where(
    versions.c.service == bindparam("service"),
    versions.c.model_name == bindparam("model_name"),
    versions.c.etag == bindparam("etag"),
)
RECORDS = select(records).where(
    records.c.sha256.in_(bindparam("sha256s", expanding=True)),
    records.c.version_id.in_(bindparam("version_ids", expanding=True)),
)
