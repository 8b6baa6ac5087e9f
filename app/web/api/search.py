"""/api/v1/search: incidents, postmortems, playbooks and notes by their words."""

from flask import current_app

from app.learning.search import search as found_by
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.noun import noun
from app.web.api.shapes import search as shapes
from app.web.search import door

search = noun("search", "Incidents, postmortems, playbooks and notes by their words.")


@search.get("")
@search.input(shapes.SearchQuery, location="query", arg_name="query")
@search.output(shapes.Finds)
def find(query: shapes.SearchQuery) -> shapes.Finds:
    """Search what was written, among what the caller may read."""
    need(Act.SEE_INCIDENTS)
    return shapes.Finds(
        items=[
            shapes.Find(
                kind=each.kind, id=str(each.number), entry_id=None if each.entry is None else str(each.entry),
                title=each.title, excerpt="".join(piece.text for piece in each.says),
                url=current_app.config["settings"].base_url + door(each, me()),
            )
            for each in found_by(query.q, me(), kinds=query.kind, limit=query.limit)
        ]
    )  # fmt: skip
