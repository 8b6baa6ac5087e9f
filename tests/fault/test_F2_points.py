"""F-2: kill -9 at each named point of an engine's work. What was sent and not noted goes out once more."""

import pytest

from tests.fault.engine_process import POINTS
from tests.fault.harness import Lane, check
from tests.support.lane import IS_FULL
from tests.support.waiting import until

TIMES = 10 if IS_FULL else 1  # at each point, further into an engine's life each time
DYING = 0.5  # seconds: the lease of an engine that dies. Those that live have the whole one, so that however
# slow the machine is none of them takes a page that another is still sending

pytestmark = pytest.mark.fault


def test_F2_INV6_an_engine_killed_at_any_point_loses_nothing_and_repeats_only_what_was_not_noted(
    lane: Lane,
) -> None:
    lane.fire("the first")
    dying = lane.start_engine(lease=DYING, die_at="after_send_before_mark")
    until(lambda: not dying.is_alive(), within=60, what="it died between sending and noting")
    lane.in_hand += lane.held_by(dying)
    lane.start_engines()
    until(lambda: len(lane.devices["Ada"].log) == 2, within=60, what="it is sent again")
    assert len({rung.page for rung in lane.devices["Ada"].log}) == 1, "the same page, by the same number"
    for engine in lane.engines:
        lane.kill(engine)
    for nth in range(1, TIMES + 1):
        for point in POINTS:
            for number in range(nth):
                lane.fire(f"{point} {nth} {number}")
            dying = lane.start_engine(lease=DYING, die_at=point, nth=nth)
            until(lambda engine=dying: not engine.is_alive(), within=60, what=f"it died at {point}")
            lane.in_hand += lane.held_by(dying)
    lane.start_engines()
    lane.settle(within=120)
    verdict = check(lane)
    assert verdict.holds, verdict.line()
