"""What keeps the words that people search current, in the transaction that writes them: triggers.

On SQLite a trigger goes with its table, which many a migration makes anew: so they are looked after at the end
of every upgrade. PostgreSQL never loses its own; migration 0073 makes them.
"""

import sqlalchemy as sa

# no entry is kept from being written because there is no title for it
_TITLE = "coalesce((SELECT title FROM incident WHERE id = {id}), '')"
NOTES = "('noted', 'commented', 'symptom_seen')"
LONGEST = 100_000  # characters of one text that are looked at; PostgreSQL takes a megabyte

# where the words of each table go: the row's key, its kind, incident, playbook, title, body
_PUT = (
    "INSERT INTO search_text (key, kind, incident_id, playbook_id, title, body) VALUES ({values})"
    " ON CONFLICT (key) DO UPDATE SET title = excluded.title, body = excluded.body"
)
_OF_INCIDENT = (
    "'incident ' || NEW.id, 'incident', NEW.id, NULL, NEW.title,"
    " NEW.title || '\n' || NEW.impact || '\n' || coalesce(NEW.resolution, '')"
)
_OF_POSTMORTEM = (
    "'postmortem ' || NEW.postmortem_id || ' ' || NEW.part, 'postmortem', NEW.postmortem_id, NULL,"
    f" {_TITLE.format(id='NEW.postmortem_id')}, substr(NEW.text, 1, {LONGEST})"
)
_OF_PLAYBOOK = (
    "'playbook ' || NEW.id, 'playbook', NULL, NEW.id, NEW.name,"
    f" NEW.name || '\n' || substr(NEW.body, 1, {LONGEST})"
)
_OF_NOTE = (
    "'note ' || NEW.id, 'note', NEW.subject_id, NULL,"
    f" {_TITLE.format(id='NEW.subject_id')}, substr({{text}}, 1, {LONGEST})"
)
_IS_NOTE = f"NEW.subject_kind = 'incident' AND NEW.kind IN {NOTES}"
_RETITLE = "UPDATE search_text SET title = NEW.title WHERE incident_id = NEW.id AND kind <> 'incident'"
# name, event, condition, what is done
TRIGGERS = (
    ("search_incident_new", "INSERT ON incident", "", (_PUT.format(values=_OF_INCIDENT),)),
    (
        "search_incident_changed", "UPDATE OF title, impact, resolution ON incident", "",
        (_PUT.format(values=_OF_INCIDENT), _RETITLE),
    ),
    ("search_postmortem", "INSERT ON postmortem_text", "", (_PUT.format(values=_OF_POSTMORTEM),)),
    ("search_playbook_new", "INSERT ON playbook", "", (_PUT.format(values=_OF_PLAYBOOK),)),
    (
        "search_playbook_changed", "UPDATE OF name, body ON playbook", "",
        (_PUT.format(values=_OF_PLAYBOOK),),
    ),
    (
        "search_playbook_gone", "DELETE ON playbook", "",
        ("DELETE FROM search_text WHERE key = 'playbook ' || OLD.id",),
    ),
    ("search_note", "INSERT ON event", _IS_NOTE, (_PUT.format(values=_OF_NOTE),)),
)  # fmt: skip
# the index of words follows the text (https://sqlite.org/fts5.html, section 4.4.3)
_FORGET = (
    "INSERT INTO search_words (search_words, rowid, title, body) VALUES ('delete', OLD.id, OLD.title, OLD.body)"
)
_LEARN = "INSERT INTO search_words (rowid, title, body) VALUES (NEW.id, NEW.title, NEW.body)"
_FOLLOW = (
    ("search_words_new", "INSERT ON search_text", "", (_LEARN,)),
    ("search_words_gone", "DELETE ON search_text", "", (_FORGET,)),
    ("search_words_changed", "UPDATE ON search_text", "", (_FORGET, _LEARN)),
)


def keep_on_sqlite(connection: sa.Connection) -> None:
    """Make the triggers that are not there."""
    for name, event, condition, acts in (*TRIGGERS, *_FOLLOW):
        done = "; ".join(acts).format(text="coalesce(json_extract(NEW.data, '$.text'), '')")
        when = f" WHEN {condition}" if condition else ""
        connection.exec_driver_sql(
            f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} FOR EACH ROW{when} BEGIN {done}; END"
        )


def make_on_postgresql(connection: sa.Connection) -> None:
    for name, event, condition, acts in TRIGGERS:
        done = "; ".join(acts).format(text="coalesce(NEW.data ->> 'text', '')")
        when = f" WHEN ({condition})" if condition else ""
        connection.exec_driver_sql(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {done}; RETURN NULL; END $$"
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW{when} EXECUTE FUNCTION {name}()"
        )
