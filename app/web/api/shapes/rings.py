"""Rings of three among posted swaps."""

from app.domain.words import RingState
from app.web.api.shapes.common import Moment, Named, Shape
from app.web.api.shapes.oncall import Span


class RingLeg(Shape):
    """`taker` takes all of these hours of `giver`; `swap` is the request they come from."""

    swap: str
    giver: Named
    taker: Named
    hours: list[Span]


class Ring(Shape):
    """Only an *agreed* ring has changed who is on call, and then all of it. `agreed`: who has said yes."""

    id: str
    schedule: Named
    state: RingState
    legs: list[RingLeg]
    agreed: list[str]
    because: str
    created_at: Moment
    updated_at: Moment


class PossibleRing(Shape):
    legs: list[RingLeg]


class PossibleRings(Shape):
    """Best first; nothing is proposed yet."""

    items: list[PossibleRing]
    next_cursor: None
