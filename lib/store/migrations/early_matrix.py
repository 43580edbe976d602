"""The rows of the matrix under the names of their columns before migration 0012, for the migrations up to then."""

from sqlalchemy import Column, Float, Insert, Integer, MetaData, String, Table, and_, case, exists, func, insert, select

_METADATA = MetaData()
_IMAGES = Table(
    "session_images",
    _METADATA,
    Column("place", Integer, primary_key=True),
    Column("session_id", String),
    Column("truth", String),
)
_CELLS = Table(
    "matrix_cells",
    _METADATA,
    Column("session_id", String),
    Column("place", Integer),
    Column("top_label", String),
    Column("top_score", Float),
    Column("margin", Float),
    Column("latency_s", Float),
)
_ROWS = Table("matrix_rows", _METADATA, Column("session_id", String), Column("place", Integer))


def insert_missing_rows() -> Insert:
    """Return the statement that adds the missing rows of all sessions, each summing up its cells."""
    image, cell = _IMAGES.c, _CELLS.c
    is_same_label = func.min(cell.top_label) == func.max(cell.top_label)
    columns = {
        "session_id": image.session_id,
        "place": image.place,
        "truth": image.truth,
        "labels": func.lower(
            func.coalesce(func.aggregate_strings(cell.top_label, "\n"), "") + "\n" + func.coalesce(image.truth, "")
        ),
        "answers": func.count(cell.top_score),
        "failures": func.count(cell.place) - func.count(cell.top_score),
        "differs": func.coalesce(func.min(cell.top_label) != func.max(cell.top_label), False),
        "is_wrong": func.max(case((cell.top_label != image.truth, 1), else_=0)) == 1,
        "lowest_score": func.min(cell.top_score),
        "lowest_margin": func.min(cell.margin),
        "change": case(
            (is_same_label, func.max(cell.top_score) - func.min(cell.top_score)), else_=func.max(cell.top_score)
        ),
        "slowest_s": func.max(cell.latency_s),
    }
    is_there = exists().where(_ROWS.c.session_id == image.session_id, _ROWS.c.place == image.place)
    rows = (
        select(*columns.values())
        .select_from(_IMAGES)
        .outerjoin(_CELLS, and_(cell.session_id == image.session_id, cell.place == image.place))
        .where(~is_there)
        .group_by(image.place)
    )
    # By names alone: the table above does not list what only is written.
    target = Table("matrix_rows", MetaData(), *(Column(name) for name in columns))
    return insert(target).from_select(list(columns), rows)
