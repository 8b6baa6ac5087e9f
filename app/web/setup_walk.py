"""How far set-up has come, read from the rows each time: nothing of it is remembered anywhere else."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.alerts.models import Alert, Integration, Service
from app.database import db
from app.oncall.models import EscalationPolicy, Schedule
from app.paging.methods import devices_of
from app.paging.models import Page
from app.people import queries
from app.people.models import Team, User


@dataclass(frozen=True)
class Step:
    """`done` says what is there already, None while nothing is."""

    name: str
    title: str
    why: str
    done: str | None


@dataclass(frozen=True)
class Walk:
    """The steps in order, and the rows the later ones build on: the first of each kind there is."""

    steps: tuple[Step, ...]
    team: Team | None
    schedule: Schedule | None
    policy: EscalationPolicy | None
    service: Service | None
    integration: Integration | None
    alert: Alert | None

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    def number(self, name: str) -> int:
        return [step.name for step in self.steps].index(name) + 1

    def after(self, name: str) -> str | None:
        """The step that follows in order, for whoever skips; None after the last."""
        names = [step.name for step in self.steps]
        following = names[names.index(name) + 1 :]
        return following[0] if following else None

    def next_open(self) -> str | None:
        return next((step.name for step in self.steps if step.done is None), None)


def walk_of(viewer: User) -> Walk:
    """The walk as it stands for this person; the device is theirs, everything else the organisation's."""
    mine = queries.teams_of(viewer)
    team = mine[0] if mine else _first(sa.select(Team).order_by(Team.id))
    team_id = None if team is None else team.id
    schedule = _first(sa.select(Schedule).where(Schedule.team_id == team_id).order_by(Schedule.id))
    policy = _first(
        sa.select(EscalationPolicy).where(EscalationPolicy.team_id == team_id).order_by(EscalationPolicy.id)
    )
    service = _first(
        sa.select(Service).where(Service.team_id == team_id, Service.is_active).order_by(Service.id)
    )
    integration = None if service is None else _first(_integrations(service))
    alert = None if service is None else _first(_alerts(service))
    rung = [device.device for device in devices_of(viewer.id) if device.verified_at is not None]
    why = "A schedule with you in it, and whom to page in what order."
    steps = (
        Step("device", "Make this device ring", "Allow notifications, then get a test page.", _named(rung)),
        Step("team", "A team", "Whoever shares the pager.", _name_of(team)),
        Step("on-call", "Who is on call", why, _name_of(schedule or policy) if policy else None),
        Step("service", "A service", "What you look after.", _name_of(service)),
        Step(
            "integration", "A way in for alerts", "An address and a key for what watches it.",
            _name_of(integration),
        ),
        Step("alert", "A real alert", "It pages whoever is on call now.", alert.title if alert else None),
    )  # fmt: skip
    return Walk(steps, team, schedule, policy, service, integration, alert)


def pages_of(alert: Alert) -> list[Page]:
    """Who was paged about it, and how far each has come, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Page)
            .where(Page.subject_kind == "alert", Page.subject_id == alert.id, Page.kind == "page")
            .order_by(Page.id)
            .limit(10)
        )
    )


def _integrations(service: Service) -> Any:
    return (
        sa.select(Integration)
        .where(Integration.service_id == service.id, Integration.is_active)
        .order_by(Integration.id)
    )


def _alerts(service: Service) -> Any:
    return sa.select(Alert).where(Alert.service_id == service.id).order_by(Alert.id.desc())


def _first(rows: Any) -> Any:
    return db.session.scalars(rows.limit(1)).first()


def _name_of(row: Any) -> str | None:
    return None if row is None else str(row.name)


def _named(rung: list[str]) -> str | None:
    return ", ".join(rung) or None
