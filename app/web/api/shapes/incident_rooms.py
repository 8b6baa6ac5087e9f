"""Where people meet about an incident."""

from app.domain.words import RoomProvider, RoomUse
from app.web.api.shapes.common import Moment, Shape


class Room(Shape):
    """Without an `address` its channel is being made, or could not be, as `problem` says."""

    use: RoomUse
    provider: RoomProvider
    name: str
    address: str | None
    problem: str | None
    opened_at: Moment


class Rooms(Shape):
    """`fallback`: where one meets while those are down; empty when the organisation names none."""

    items: list[Room]
    fallback: str
