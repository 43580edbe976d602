"""The assignment of images to reviewers gets its name."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_SETTINGS = sa.table("review_settings", sa.column("session_id", sa.String), sa.column("assignment", sa.JSON))


def upgrade() -> None:
    """Rename the column, and the number of reviewers in its values."""
    op.alter_column("review_settings", "dealing", new_column_name="assignment")
    connection = op.get_bind()
    for session_id, stored in connection.execute(sa.select(_SETTINGS)).all():
        if "words" in stored:
            renamed = {"reviewers": stored["reviewers"], "reviewers_per_image": stored["words"]}
            its = _SETTINGS.c.session_id == session_id
            connection.execute(sa.update(_SETTINGS).where(its).values(assignment=renamed))
