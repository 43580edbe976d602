"""The tables. Changes to them need a migration beside this file."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from lib.store.columns import SanitizedText, TrueLabelText, UtcDateTime

METADATA = MetaData()


sessions = Table(
    "sessions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", SanitizedText, nullable=False, unique=True),
    Column("title", SanitizedText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", SanitizedText, nullable=False, server_default=""),
    Column("archived_at", UtcDateTime),
    # The review order is drawn with this seed. Images that are added after a word on one of the latest batch has become
    # final, which closes the batch, go behind it.
    Column("review_seed", String(32), nullable=False, server_default=""),
    Column("latest_batch", Integer, nullable=False, server_default="0"),
    Column("batch_is_closed", Boolean, nullable=False, server_default=false()),
    # Increases with every change of images, records and true labels. The counts below are of `summarized_at_revision`.
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("summarized_at_revision", Integer, nullable=False, server_default="-1"),
    Column("image_count", Integer, nullable=False, server_default="0"),
    Column("version_count", Integer, nullable=False, server_default="0"),
    Column("compared", Integer, nullable=False, server_default="0"),
    Column("agreeing", Integer, nullable=False, server_default="0"),
    Column("reviewed", Integer, nullable=False, server_default="0"),
    Index("sessions_by_time", "created_at", "number"),
)

# The versions that a session shows: those requested in it, with the time of the latest request. Records of another
# session are reused, but do not add a version to this one.
session_versions = Table(
    "session_versions",
    METADATA,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("version_id", ForeignKey("versions.id"), primary_key=True),
    Column("requested_at", UtcDateTime, nullable=False),
    # Versions that were added before labeling began.
    Column("is_declared", Boolean, nullable=False, server_default=true()),
    # From 0, in the order of the first requests. Versions keep their color by it.
    Column("number", Integer, nullable=False, server_default="0"),
)

# Numbers of predictions and failures of each version of a session, updated with the counts of the session.
session_coverage = Table(
    "session_coverage",
    METADATA,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("version_id", ForeignKey("versions.id"), primary_key=True),
    Column("predictions", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
)

images = Table(
    "images",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(64), nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("appearance", LargeBinary),
    # By the camera's clock, taken as UTC. Only near-duplicates by time need it: it is shown nowhere.
    Column("captured_at", UtcDateTime),
)

# `appearance` above is NULL until it is needed.
# `position` increases with every row: it is the order in which images were added.
session_images = Table(
    "session_images",
    METADATA,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("sha256", ForeignKey("images.sha256"), nullable=False),
    Column("name", SanitizedText, nullable=False),
    Column("steps", JSON, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("true_label", TrueLabelText),
    Column("true_label_by", SanitizedText),
    Column("true_label_at", UtcDateTime),
    # `is_final` without a true label: reviewers are unsure for good. `final_in_batch` is the session's latest batch at
    # the time when this image was final for the first time.
    Column("batch", Integer, nullable=False, server_default="0"),
    Column("is_final", Boolean, nullable=False, server_default=false()),
    Column("final_in_batch", Integer),
    Column("must_not_regress", Boolean, nullable=False, server_default=false()),
    Column("is_distinct", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("session_id", "sha256", name="session_images_once"),
    Index("session_images_in_order", "session_id", "position"),
    Index("session_images_by_image", "sha256"),
)

rejected_files = Table(
    "rejected_files",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("name", SanitizedText, nullable=False),
    Column("reason", SanitizedText, nullable=False),
    Column("rejected_at", UtcDateTime, nullable=False),
    Index("rejected_files_by_session", "session_id"),
)

versions = Table(
    "versions",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("provider", SanitizedText, nullable=False),
    Column("model_name", SanitizedText, nullable=False),
    Column("etag", SanitizedText, nullable=False),
    Column("family", SanitizedText, nullable=False),
    Column("version", SanitizedText, nullable=False),
    UniqueConstraint("provider", "model_name", "etag", name="versions_once"),
)

# The labels of a model, sorted: stored once for all records with the same labels.
label_sets = Table(
    "label_sets",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("labels", JSON, nullable=False),
)

# One row for each image and version. `scores` are 32-bit floats, little-endian, in the order of the label set;
# `failure` is the error message if there are none. Columns from `top_label` on summarize the scores: NULL for a
# failure; a prediction without labels has a top score of 0 and no top label. `squares` is the sum of squared scores.
records = Table(
    "records",
    METADATA,
    Column("sha256", ForeignKey("images.sha256"), primary_key=True),
    Column("version_id", ForeignKey("versions.id"), primary_key=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("latency_s", Float, nullable=False),
    Column("label_set_id", ForeignKey("label_sets.id")),
    Column("scores", LargeBinary),
    Column("failure", SanitizedText),
    Column("top_label", SanitizedText),
    Column("top_score", Float),
    Column("margin", Float),
    Column("total", Float),
    Column("squares", Float),
    # The provider left out lower scores. The index holds only these records, which are few.
    Column("truncated", Boolean, nullable=False, server_default=false()),
    Index("records_truncated", "version_id", sqlite_where=text("truncated"), postgresql_where=text("truncated")),
)

# The summaries of records once more, for each session that shows image and version, in the order of its rows: a filter
# reads one session from start to end. Looking up records instead takes four times as long.
matrix_cells = Table(
    "matrix_cells",
    METADATA,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("position", ForeignKey("session_images.position"), primary_key=True),
    Column("version_id", ForeignKey("versions.id"), primary_key=True),
    Column("top_label", SanitizedText),
    Column("top_score", Float),
    Column("margin", Float),
    Column("latency_s", Float, nullable=False),
    # For the foreign key, which is checked when a row of session_images is deleted.
    Index("matrix_cells_by_position", "position"),
    sqlite_with_rowid=False,
)

# The cells of each row summed up, over all versions and without a threshold, for most filters. `labels` is for the
# search: the top labels and the true label in lower case, one per line.
matrix_rows = Table(
    "matrix_rows",
    METADATA,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("position", ForeignKey("session_images.position"), primary_key=True),
    Column("true_label", TrueLabelText),
    Column("labels", SanitizedText),
    Column("predictions", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("differs", Boolean, nullable=False),
    Column("is_wrong", Boolean, nullable=False),
    Column("lowest_score", Float),
    Column("lowest_margin", Float),
    Column("change", Float),
    Column("slowest_s", Float),
    Index("matrix_rows_by_position", "position"),
    sqlite_with_rowid=False,
)

# Annotations in the order of `id`; none is ever changed. `shown` are the predictions that were visible.
annotations = Table(
    "annotations",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("session_id", ForeignKey("sessions.id"), nullable=False),
    Column("sha256", ForeignKey("images.sha256"), nullable=False),
    Column("reviewer", SanitizedText, nullable=False),
    Column("status", String(16), nullable=False),
    Column("label", TrueLabelText),
    Column("made_at", UtcDateTime, nullable=False),
    Column("note", SanitizedText, nullable=False),
    Column("shown", JSON, nullable=False),
    Column("resolves", Boolean, nullable=False),
    Index("annotations_of_image", "session_id", "sha256", "id"),
)

# Review settings; sessions without a row have the defaults. Threshold and margin are chosen before labeling.
review_settings = Table(
    "review_settings",
    METADATA,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("mode", String(16), nullable=False, server_default="CHOOSE"),
    Column("rule", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("note", SanitizedText, nullable=False),
    Column("signed_off_by", SanitizedText, nullable=False),
    Column("signed_off_at", UtcDateTime),
    Column("threshold", Float, nullable=False, server_default="0"),
    Column("margin", Float, nullable=False, server_default="0"),
    Column("mode_set_by", SanitizedText, nullable=False, server_default=""),
    Column("signed_verdicts", JSON, nullable=False, server_default="[]"),
    Column("same_labels", JSON, nullable=False, server_default="[]"),
    Column("assignment", JSON, nullable=False, server_default="{}"),
)

# Predictions for perturbed images; the last columns are as in `records`.
probe_results = Table(
    "probe_results",
    METADATA,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("sha256", ForeignKey("images.sha256"), primary_key=True),
    Column("version_id", ForeignKey("versions.id"), primary_key=True),
    Column("perturbation", SanitizedText, primary_key=True),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("latency_s", Float, nullable=False),
    Column("label_set_id", ForeignKey("label_sets.id")),
    Column("scores", LargeBinary),
    Column("failure", SanitizedText),
)
