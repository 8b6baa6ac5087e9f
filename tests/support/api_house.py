"""A house with one of everything the API knows, each with the id 1 and belonging to Payments or to Ada."""

from typing import Any

from app import clock
from app.alerts import escalate, queries
from app.alerts.receive import receive
from app.database import db
from app.domain.alert import IncomingAlert
from app.domain.words import TeamRole
from app.incidents.promote import promote
from app.oncall.models import Override, Schedule, TimeOff
from app.people.invitations import invite
from app.people.models import Membership, User
from tests.support.cast import Cast, make, make_swap, make_user


class House(Cast):
    """The cast, with Finn, who only responds but manages the team Payments."""

    finn: User

    def __init__(self) -> None:
        super().__init__()
        now = clock.now()
        self.finn = make_user("Finn")
        make(Membership, team_id=self.payments.id, user_id=self.finn.id, role=TeamRole.MANAGER)
        layers: list[Any] = []
        schedule = make(
            Schedule, name="Nights", team_id=self.payments.id, time_zone="UTC", layers=layers, created_at=now,
            updated_at=now,
        )  # fmt: skip
        span = {"start": now, "end": now.replace(year=now.year + 1), "created_at": now}
        make(Override, schedule_id=schedule.id, user_id=self.ada.id, **span)
        make(TimeOff, user_id=self.ada.id, **span)
        make_swap(schedule, self.ada, offered_by=self.ben)
        for key in ("disk", "memory"):
            receive(IncomingAlert(key, f"{key} is full"), self.integration, at=now)
        escalate.advance(1, at=now)
        alert = queries.locked(1)
        assert alert is not None
        promote(alert, by=self.ada, at=now)
        invite(["hal@nightbell.example"], role="stakeholder", by=self.ada, at=now)
        db.session.flush()
