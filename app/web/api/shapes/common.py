"""What every shape is made of: opaque ids, moments in UTC, names beside ids, pages of a list."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.domain import zone

Item = TypeVar("Item")


def _in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; years that no calendar of ours reaches are refused."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a year between 1970 and 2199 is expected") from None
    if not 1970 <= moment.year < 2200:
        raise ValueError("a year between 1970 and 2199 is expected")
    return moment


def _zone(name: str) -> str:
    if name not in zone.names():
        raise ValueError("an IANA time zone such as Europe/Riga is expected")
    return name


Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Limit = Annotated[int, Field(ge=1, le=200)]


def absent() -> Any:
    """A field that need not be sent: left out, things stay as they are. Null is not the same."""
    return Field(default_factory=lambda: None)


def any_of() -> Any:
    """A parameter that may be repeated: a thing that fits any of them is meant. None given: all are meant."""
    return Field(default_factory=list)


class Draft(BaseModel):
    """Something a program writes: of the right types already, and without a field we do not know."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    def given(self) -> dict[str, Any]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Nothing(Draft):
    """No field: the address says it all."""


class Query(BaseModel):
    """Parameters of an address: text, read as the type they should be. An unknown one is refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class ListQuery(Query):
    """A page of a list: at most `limit` things, from where `cursor` (the last answer's `next_cursor`) says."""

    limit: Limit = 50
    cursor: Annotated[str, StringConstraints(max_length=500)] | None = None


class IfMatch(BaseModel):
    """The `ETag` that was read: without it a change is made whatever happened in between."""

    if_match: str | None = None


class Shape(BaseModel):
    """Something a program reads. Every field is always there."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Named(Shape):
    """A thing by its id, with the name people know it by."""

    id: str
    name: str


class ById(Shape):
    id: str


class Listing(Shape, Generic[Item]):
    """A page of a list; `next_cursor` asks for the next one, null says that this is the last."""

    items: list[Item]
    next_cursor: str | None


class Problem(Shape):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list["FieldProblem"] | None = None


class FieldProblem(Shape):
    """A field at fault, by JSON pointer into the body (`#/steps/0/wait_minutes`) or by parameter (`?limit`)."""

    pointer: str
    detail: str
