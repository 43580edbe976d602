"""Statements that pages run at every click, built once: building one takes longer than running it."""

from typing import TypeAlias

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, delete, exists, func, or_, select, update

from lib.domain.reviews import ReviewMode, ReviewStatus
from lib.store.columns import SanitizedText
from lib.store.tables import (
    images,
    records,
    rejected_files,
    review_settings,
    session_coverage,
    session_images,
    session_versions,
    sessions,
    versions,
)

SelectImages: TypeAlias = Select[str, str, str, int, int, int, list[str]]
"""Selects the values of Image in their order, with the steps as a list.

SESSION, REJECTED_FILES and SESSION_VERSIONS select the values of Session, RejectedFile and ModelVersion in their order,
the last followed by the numbers of Coverage, the time of the latest request, and the number in the session.
"""

_THIS_SESSION = bindparam("session_id", type_=SanitizedText)
_THIS_VERSION = bindparam("version_id", type_=Integer)

SESSION = select(
    sessions.c.id,
    sessions.c.title,
    sessions.c.created_at,
    select(func.count()).where(session_images.c.session_id == sessions.c.id).scalar_subquery(),
    sessions.c.created_by,
    sessions.c.archived_at.is_not(None),
    sessions.c.revision,
).where(sessions.c.id == _THIS_SESSION)
STATE = select(
    func.count(), func.coalesce(func.max(sessions.c.number), 0), func.coalesce(func.sum(sessions.c.revision), 0)
)
MOVE_ON = update(sessions).where(sessions.c.id == _THIS_SESSION).values(revision=sessions.c.revision + 1)
# The sessions that show a new record: those that have its image and its version.
MOVE_ON_ALL_WITH = (
    update(sessions)
    .where(
        sessions.c.id.in_(
            select(session_images.c.session_id)
            .join(session_versions, session_versions.c.session_id == session_images.c.session_id)
            .where(
                session_images.c.sha256 == bindparam("its", type_=SanitizedText),
                session_versions.c.version_id == bindparam("its_version", type_=Integer),
            )
        )
    )
    .values(revision=sessions.c.revision + 1)
)

_ELSEWHERE = session_images.alias("elsewhere")
OWN_IMAGES = select(session_images.c.sha256).where(
    session_images.c.session_id == _THIS_SESSION,
    ~exists().where(_ELSEWHERE.c.sha256 == session_images.c.sha256, _ELSEWHERE.c.session_id != _THIS_SESSION),
)
_HEIRS = (
    select(func.min(session_images.c.session_id))
    .join(session_versions, session_versions.c.session_id == session_images.c.session_id)
    .where(
        session_images.c.sha256 == records.c.sha256,
        session_images.c.session_id != _THIS_SESSION,
        session_versions.c.version_id == records.c.version_id,
    )
    .correlate(records)
    .scalar_subquery()
)
# A record outlives the session that requested it if another session shows it; otherwise it is deleted with it.
DELETE_OWN_RECORDS = delete(records).where(records.c.session_id == _THIS_SESSION, _HEIRS.is_(None))
HAND_OVER_RECORDS = update(records).where(records.c.session_id == _THIS_SESSION).values(session_id=_HEIRS)

IMAGE_COLUMNS = (
    images.c.sha256,
    session_images.c.name,
    images.c.media_type,
    images.c.width_px,
    images.c.height_px,
    images.c.size_bytes,
    session_images.c.steps,
)
ALL_IMAGES = (
    select(*IMAGE_COLUMNS)
    .join(session_images, session_images.c.sha256 == images.c.sha256)
    .where(session_images.c.session_id == _THIS_SESSION)
    .order_by(session_images.c.position)
)
IMAGE = ALL_IMAGES.where(session_images.c.sha256 == bindparam("sha256"))
IMAGES = ALL_IMAGES.offset(bindparam("offset", type_=Integer)).limit(bindparam("limit", type_=Integer))
IMAGE_COUNT = select(func.count()).select_from(session_images).where(session_images.c.session_id == _THIS_SESSION)


def _has_record(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    mine = (records.c.sha256 == session_images.c.sha256, records.c.version_id == _THIS_VERSION)
    return exists().where(*mine, *wanted).correlate(session_images)


_IS_HERE = exists().where(
    session_versions.c.session_id == _THIS_SESSION, session_versions.c.version_id == _THIS_VERSION
)

# A failure in another session does not count here: a version that is new to the session requests the image again.
UNPREDICTED = ALL_IMAGES.where(~_has_record(or_(records.c.failure.is_(None), _IS_HERE)))
FAILED = ALL_IMAGES.where(_has_record(records.c.failure.is_not(None)))

REJECTED_FILES = (
    select(rejected_files.c.name, rejected_files.c.reason)
    .where(rejected_files.c.session_id == _THIS_SESSION)
    .order_by(rejected_files.c.id)
)


IS_STALE = select(sessions.c.revision != sessions.c.summarized_at_revision).where(sessions.c.id == _THIS_SESSION)
_PREDICTIONS = func.coalesce(session_coverage.c.predictions, 0)
SESSION_VERSIONS = (
    select(
        versions.c.provider,
        versions.c.model_name,
        versions.c.family,
        versions.c.version,
        versions.c.etag,
        _PREDICTIONS,
        func.coalesce(session_coverage.c.failures, 0),
        session_versions.c.requested_at,
        session_versions.c.number,
    )
    .join(session_versions, session_versions.c.version_id == versions.c.id)
    .outerjoin(
        session_coverage,
        and_(
            session_coverage.c.session_id == session_versions.c.session_id,
            session_coverage.c.version_id == session_versions.c.version_id,
        ),
    )
    .where(session_versions.c.session_id == _THIS_SESSION)
    .order_by(_PREDICTIONS.desc(), versions.c.id)
)

VERSION_ID = select(versions.c.id).where(
    versions.c.provider == bindparam("provider"),
    versions.c.model_name == bindparam("model_name"),
    versions.c.etag == bindparam("etag"),
)
TRUNCATED = select(records.c.sha256).where(records.c.version_id == _THIS_VERSION, records.c.truncated).limit(1)
HIDDEN_SESSIONS = select(review_settings.c.session_id).where(
    review_settings.c.mode == ReviewMode.BLIND.name, review_settings.c.status != ReviewStatus.DONE.name
)
"""Sessions under blind review, whose predictions and labels are shown nowhere else."""

DECLARED_IDS = select(session_versions.c.version_id).where(
    session_versions.c.session_id == _THIS_SESSION, session_versions.c.is_declared
)
# With a first label, the images of that time become a batch of their own: there is a label if a batch is closed.
HAS_LABELS = select(or_(sessions.c.batch_is_closed, sessions.c.latest_batch > 0)).where(sessions.c.id == _THIS_SESSION)
VERSION_COUNT = select(func.count()).select_from(session_versions).where(session_versions.c.session_id == _THIS_SESSION)
SESSION_VERSION_IDS = select(session_versions.c.version_id).where(session_versions.c.session_id == _THIS_SESSION)
IS_SESSION_VERSION = SESSION_VERSION_IDS.where(session_versions.c.version_id == _THIS_VERSION)
LOCK_VERSION = select(versions.c.id).where(versions.c.id == _THIS_VERSION).with_for_update()
RECORDS = select(records).where(
    records.c.sha256.in_(bindparam("sha256s", expanding=True)),
    records.c.version_id.in_(bindparam("version_ids", expanding=True)),
)
