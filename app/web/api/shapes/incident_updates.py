"""What people are told about an incident."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.words import Audience
from app.web.api.shapes.common import Draft as Body
from app.web.api.shapes.common import Moment, Named, Shape

Said = Annotated[str, StringConstraints(max_length=8000)]


class UpdateDraft(Body):
    """All seven fields may be left out: the incident fills them. `after` is the last update one has seen, 0 for
    none. `next_in_minutes` promises the next word, 0 for none; left out, as the severity's template says.
    """

    issue: Said = ""
    service: Said = ""
    since: Said = ""
    severity: Said = ""
    how_far: Said = ""
    steps: Said = ""
    who: Said = ""
    audience: Audience | None = None
    after: Annotated[int, Field(ge=0)] | None = None
    next_in_minutes: Annotated[int, Field(ge=0, le=10_080)] | None = None


class Seven(Shape):
    issue: str
    service: str
    since: str
    severity: str
    how_far: str
    steps: str
    who: str
    audience: Audience


class Draft(Seven):
    after: int


class Update(Seven):
    id: str
    number: int
    sent_by: Named
    sent_at: Moment
    next_at: Moment | None
