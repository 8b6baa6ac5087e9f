"""What a search finds."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.search import Kind
from app.web.api.shapes.common import Query, Shape, any_of


class SearchQuery(Query):
    """`q`: words that have to be there, or that words begin with; of a long text the first twelve."""

    q: Annotated[str, StringConstraints(min_length=1)]
    kind: Annotated[list[Kind], Field(max_length=4)] = any_of()
    limit: Annotated[int, Field(ge=1, le=100)] = 30


class Find(Shape):
    """`id` is the incident's or the playbook's; `entry_id` a note's in the timeline. `excerpt` is the text
    around the first of the words.
    """

    kind: Kind
    id: str
    entry_id: str | None
    title: str
    excerpt: str
    url: str


class Finds(Shape):
    items: list[Find]
