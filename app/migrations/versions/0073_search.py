"""The words of incidents, postmortems, playbooks and notes, to search; kept by triggers.

None of it is in the models: it is made of other tables' rows, there again when those are copied elsewhere.
"""

import sqlalchemy as sa
from alembic import op

from app.migrations import search_index

revision = "0073"
down_revision = "0072"

# between the words of names and addresses, which PostgreSQL would keep whole: db-7.example.org
_SIGNS = r"""-./:@_+&=?#%~,;'"()[]{}<>|\*!^$`"""


def upgrade() -> None:
    op.create_table(
        "search_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("playbook_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("search_text_pkey")),
        sa.UniqueConstraint("key", name=op.f("search_text_key_unique")),
    )
    op.create_index(op.f("search_text_incident_id_index"), "search_text", ["incident_id"])
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE search_words USING fts5(title, body, content='search_text',"
            " content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='2 3')"
        )
        _fill(connection, "json_extract(data, '$.text')")
        connection.exec_driver_sql("INSERT INTO search_words (search_words) VALUES ('rebuild')")
        return
    signs = _SIGNS.replace("'", "''").replace("%", "%%")
    title, body = (
        f"setweight(to_tsvector('simple'::regconfig, translate({column}, '{signs}', '{' ' * len(_SIGNS)}')),"
        f" '{weight}')"
        for column, weight in (("title", "A"), ("body", "B"))
    )
    connection.exec_driver_sql(
        f"ALTER TABLE search_text ADD COLUMN words tsvector GENERATED ALWAYS AS ({title} || {body}) STORED"
    )
    _fill(connection, "data ->> 'text'")
    connection.exec_driver_sql("CREATE INDEX search_text_words_index ON search_text USING gin (words)")
    search_index.make_on_postgresql(connection)


def _fill(connection: sa.Connection, text: str) -> None:
    """What was written before, the oldest first. Nothing in the statements comes from outside this package."""
    longest = search_index.LONGEST
    for statement in (
        "SELECT 'playbook ' || id, 'playbook', NULL::int, id, name,"
        f" name || '\n' || substr(body, 1, {longest}) FROM playbook ORDER BY id",  # nosec B608 - our number
        "SELECT 'incident ' || id, 'incident', id, NULL::int, title,"
        " title || '\n' || impact || '\n' || coalesce(resolution, '') FROM incident ORDER BY id",
        "SELECT 'postmortem ' || one.postmortem_id || ' ' || one.part, 'postmortem', one.postmortem_id,"
        f" NULL::int, incident.title, substr(one.text, 1, {longest}) FROM postmortem_text AS one"
        " JOIN incident ON incident.id = one.postmortem_id WHERE one.number = (SELECT max(number) FROM"
        " postmortem_text AS any_of WHERE any_of.postmortem_id = one.postmortem_id AND any_of.part = one.part)"
        " ORDER BY one.postmortem_id",  # nosec B608 - our number
        "SELECT 'note ' || event.id, 'note', event.subject_id, NULL::int, incident.title,"
        f" substr(coalesce({text}, ''), 1, {longest}) FROM event"
        " JOIN incident ON incident.id = event.subject_id"
        f" WHERE event.subject_kind = 'incident' AND event.kind IN {search_index.NOTES}"
        " ORDER BY event.id",  # nosec B608 - our number and names
    ):
        read = statement if connection.dialect.name == "postgresql" else statement.replace("::int", "")
        connection.exec_driver_sql(
            f"INSERT INTO search_text (key, kind, incident_id, playbook_id, title, body) {read}"
        )
