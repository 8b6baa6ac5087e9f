"""The cast, with a schedule that Ada and Ben share week by week; Thursday 12 November is in Ada's week."""

import pytest
from apiflask import APIFlask

from app import clock
from app.database import transaction
from app.oncall import schedules
from app.oncall.models import Schedule
from tests.support.cast import Cast
from tests.support.clock import TestClock
from tests.support.oncall import layer_json
from tests.support.rota import Rota


@pytest.fixture
def cast(app: APIFlask) -> Cast:
    with transaction():
        return Cast()


@pytest.fixture
def weekly(cast: Cast) -> Schedule:
    """Payments primary, London: Ada with Ben behind her, then the other way round; hands over on Mondays at
    09:00.
    """
    with transaction():
        return schedules.create(
            name="Payments primary", team_id=cast.payments.id, time_zone="Europe/London",
            by=cast.mara, at=clock.now(),
            layers=[layer_json("2026-11-09T09:00", [[cast.ada.id, cast.ben.id], [cast.ben.id, cast.ada.id]])],
        )  # fmt: skip


@pytest.fixture
def rota(app: APIFlask, clock: TestClock) -> Rota:
    """Ana, Bo and Cy in Chicago, where clocks go back in the night that swaps are about."""
    return Rota(clock)
