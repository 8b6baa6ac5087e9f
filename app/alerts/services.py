"""Make services and change what belongs to them."""

from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.alerts.models import Integration, IntegrationKey, Service
from app.database import Base, db
from app.domain.invalid import Faults
from app.domain.text import one_line
from app.domain.timeline import Kind, Subject
from app.domain.words import LowUrgency, ServiceKind
from app.oncall.models import EscalationPolicy
from app.people.models import Team, User
from app.people.rights import Act, may
from app.people.taken import refused_if_taken
from app.timeline.record import record

Row = TypeVar("Row", bound=Base)

TAKEN = "There is a service of this name already."
LONGEST_DESCRIPTION = 2000
LONGEST_PUBLIC_NAME = 100


def create(
    *,
    name: str,
    team_id: int,
    by: User | None,
    at: datetime,
    escalation_policy_id: int | None = None,
    owner_id: int | None = None,
    description: str = "",
    low_urgency: LowUrgency = LowUrgency.PAGE_ONCE,
    kind: ServiceKind = ServiceKind.TECHNICAL,
    public_name: str = "",
) -> Service:
    """What is looked after from now on. Without a policy its alerts go to the last resort at once.

    Raises InvalidField with everything that is wrong.
    """
    columns = _checked(
        None, name, team_id, escalation_policy_id, owner_id, description, low_urgency, kind, public_name, by=by
    )
    service = Service(**columns, created_at=at)
    with refused_if_taken(name=TAKEN):
        db.session.add(service)
    record(Kind.CREATED, Subject.SERVICE, service.id, at=at, by=by, after=columns)
    return service


def change(service: Service, *, by: User | None, at: datetime, **changes: Any) -> Service:
    """Change some of its columns: name, team_id, escalation_policy_id, owner_id, description, and so on.

    Alerts that are open keep the policy they took. Raises InvalidField with everything that is wrong.
    """
    before = _columns(service)
    after = _checked(service, **(before | changes), by=by)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        return service
    with refused_if_taken(name=TAKEN):
        for name in changed:
            setattr(service, name, after[name])
    record(
        Kind.CHANGED, Subject.SERVICE, service.id, at=at, by=by,
        before={name: before[name] for name in sorted(changed)},
        after={name: after[name] for name in sorted(changed)},
    )  # fmt: skip
    return service


def deactivate(service: Service, *, by: User | None, at: datetime) -> None:
    """Look after it no longer (L-SVC-06): its ways in are shut, and what has happened stays. Twice is once.

    Alerts that are open go on until somebody resolves them.
    """
    if service.is_active:
        service.is_active = False
        record(Kind.CHANGED, Subject.SERVICE, service.id, at=at, by=by, before={"is_active": True},
               after={"is_active": False})  # fmt: skip


def activate(service: Service, *, by: User | None, at: datetime) -> None:
    """Look after it again: the ways in that it had are open as before."""
    if not service.is_active:
        service.is_active = True
        record(Kind.CHANGED, Subject.SERVICE, service.id, at=at, by=by, before={"is_active": False},
               after={"is_active": True})  # fmt: skip


def remove(service: Service, *, by: User, at: datetime) -> bool:
    """Undo a service that nothing has happened to, with its ways in; one with a history is deactivated instead.

    Answers whether it is gone. Nothing here takes alerts or incidents with it, as others do (L-SVC-05): what
    happened is needed longest when somebody wants it gone.
    """
    columns = _columns(service)
    try:
        with db.session.begin_nested():  # the database knows best what points at it
            doors = sa.select(Integration.id).where(Integration.service_id == service.id)
            db.session.execute(sa.delete(IntegrationKey).where(IntegrationKey.integration_id.in_(doors)))
            db.session.execute(sa.delete(Integration).where(Integration.service_id == service.id))
            db.session.execute(sa.delete(Service).where(Service.id == service.id))
    except IntegrityError:
        deactivate(service, by=by, at=at)
        return False
    record(Kind.DELETED, Subject.SERVICE, service.id, at=at, by=by, before=columns)
    return True


def _columns(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "team_id": service.team_id,
        "escalation_policy_id": service.escalation_policy_id,
        "owner_id": service.owner_id,
        "description": service.description,
        "low_urgency": service.low_urgency,
        "kind": service.kind,
        "public_name": service.public_name,
    }


def _checked(
    service: Service | None,
    name: str,
    team_id: int,
    escalation_policy_id: int | None,
    owner_id: int | None,
    description: str,
    low_urgency: str,
    kind: str,
    public_name: str,
    *,
    by: User | None,
) -> dict[str, Any]:
    faults = Faults()
    name = faults.name(name)
    same = sa.select(Service.id).where(sa.func.lower(Service.name) == name.lower())
    if service is not None:
        same = same.where(Service.id != service.id)
    if name and db.session.scalar(same) is not None:
        faults.add("/name", TAKEN)
    _must_exist(Team, team_id, "/team_id", "There is no such team.", faults)
    # what it has already stays, though its owner left or its policy was named by somebody who may do more
    if escalation_policy_id is not None and escalation_policy_id != (service and service.escalation_policy_id):
        _must_be_open_to(by, team_id, escalation_policy_id, faults)
    if owner_id is not None and owner_id != (service and service.owner_id):
        owner = _must_exist(User, owner_id, "/owner_id", "There is no such person.", faults)
        if owner is not None and not owner.is_active:
            faults.add("/owner_id", "This person has left. Choose somebody who is here.")
    if len(description) > LONGEST_DESCRIPTION:
        faults.add("/description", f"At most {LONGEST_DESCRIPTION} characters.")
    if low_urgency not in LowUrgency.__members__.values():
        faults.add("/low_urgency", f"One of {', '.join(LowUrgency)}.")
    if kind not in ServiceKind.__members__.values():
        faults.add("/kind", f"One of {', '.join(ServiceKind)}.")
    faults.stop_if_any()
    return {
        "name": name,
        "team_id": team_id,
        "escalation_policy_id": escalation_policy_id,
        "owner_id": owner_id,
        "description": description.strip(),
        "low_urgency": LowUrgency(low_urgency),
        "kind": ServiceKind(kind),
        "public_name": one_line(public_name, limit=LONGEST_PUBLIC_NAME),
    }


def _must_be_open_to(by: User | None, team_id: int, policy_id: int, faults: Faults) -> None:
    """A policy pages its own team: only who speaks for it, or for all, has it paged from another."""
    at = "/escalation_policy_id"
    policy = _must_exist(EscalationPolicy, policy_id, at, "There is no such policy.", faults)
    if policy is not None and by is not None and not may_name(by, policy, team_id=team_id):
        faults.add(
            at, "This policy pages another team. Somebody who is in both teams, or a manager, can choose it."
        )


def may_name(by: User, policy: EscalationPolicy, *, team_id: int) -> bool:
    """Whether `by` may have alerts of a service of this team run this policy."""
    return policy.team_id == team_id or may(by, Act.EDIT_SERVICES, team_id=policy.team_id)


def _must_exist(model: type[Row], row_id: int, pointer: str, sentence: str, faults: Faults) -> Row | None:
    found = db.session.get(model, row_id) if 0 < row_id < 2**31 else None
    if found is None:
        faults.add(pointer, sentence)
    return found
