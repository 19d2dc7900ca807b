"""What Alembic runs to migrate: on the connection `db.session.upgrade` hands it, or by hand.

A new migration, after changing tables.py (number the files in order):
    alembic -x url=sqlite:////tmp/scratch.db upgrade head
    alembic -x url=sqlite:////tmp/scratch.db revision --autogenerate --rev-id 0002_what -m "..."
"""

from alembic import context
from sqlalchemy import Connection

from core.errors import UserError
from db.session import open_engine, write
from db.tables import Base


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",  # it cannot alter columns in place
        user_module_prefix="tables.",
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if url is None:
        raise UserError(
            "no database named.",
            remedy="Use `python -m app db upgrade`, or name one: `alembic -x url=URL ...`.",
        )
    with write(open_engine(url)) as session:
        _migrate(session.connection())
