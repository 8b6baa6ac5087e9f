"""A small cast and plain factories: Ada on call, Ben next, Cleo leads, Dan from another team."""

from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.alerts.integrations import digest
from app.alerts.models import Integration, IntegrationKey, Service
from app.database import db, transaction
from app.domain.reason import OnCallRole
from app.domain.swap_hours import ShiftPiece
from app.domain.words import OfferState, Role, SwapMode, SwapState, TeamRole
from app.oncall.models import EscalationPolicy, Schedule, Swap, SwapOffer
from app.paging import canary
from app.paging.models import Canary, PushSubscription
from app.people.models import Membership, Organisation, Team, User


def make(model: Any, **columns: Any) -> Any:
    """Add a row and give it its id."""
    row = model(**columns)
    db.session.add(row)
    db.session.flush()
    return row


def make_user(name: str, role: Role = Role.RESPONDER, **changes: Any) -> User:
    columns = {
        "email": f"{name.lower()}@nightbell.example",
        "name": name,
        "role": role,
        "time_zone": "Europe/London",
        "created_at": clock.now(),
    }
    return make(User, **(columns | changes))


def make_team(name: str, *members: User, manager: User | None = None) -> Team:
    team = make(Team, name=name, manager_id=manager and manager.id, created_at=clock.now())
    for user in members:
        make(
            Membership,
            team_id=team.id,
            user_id=user.id,
            role=TeamRole.MANAGER if user is manager else TeamRole.MEMBER,
        )
    return team


def make_device(user: User, endpoint: str | None = None, **changes: Any) -> PushSubscription:
    """A subscription row. Its keys are of the right shape, but nobody can read what is sent to it."""
    columns = {
        "user_id": user.id, "endpoint": endpoint or f"https://updates.push.services.mozilla.com/wpush/v2/{user.id}",
        "p256dh": "BBDJnvvxzhRdZWDVGdSFc2d1-OL0YW02Wyn2_Vyn0D8IS5pbhAjFMfuHbpNz2iIDVplDbaLLsnLMgb7iM2KIJ_s",
        "auth": "k8JV6sjdbhAi1n3_LDBLvA", "device": f"{user.name}'s phone",
        "created_at": clock.now(), "last_seen_at": clock.now(),
    }  # fmt: skip
    return make(PushSubscription, **(columns | changes))


def make_proof(at: datetime) -> None:
    """A canary went all the way at this moment."""
    with transaction():
        canary.take(canary.new_nonce(), at=at)
        for row in db.session.query(Canary).filter_by(heard_at=None):
            row.sent_at = row.heard_at = at


def make_swap(schedule: Schedule, owner: User, *, offered_by: User | None = None) -> Swap:
    """A day of `owner` from tomorrow on, that everybody is asked to take; with an offer of all of it."""
    start = clock.now() + timedelta(days=1)
    end = start + timedelta(days=1)
    swap = make(
        Swap, schedule_id=schedule.id, mode=SwapMode.ALL, state=SwapState.OPEN, owner_id=owner.id, start=start,
        requester_id=owner.id, end=end, return_pieces=[], asked=[], declined=[], exempt={},
        pieces=[ShiftPiece(start, end, OnCallRole.PRIMARY, None, None).to_json()],
        created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    if offered_by is not None:
        make(
            SwapOffer, swap_id=swap.id, user_id=offered_by.id, start=start, end=end, created_at=clock.now(),
            state=OfferState.OPEN,
        )  # fmt: skip
    return swap


def make_policy(
    team: Team, *steps: tuple[int, list[User]], repeat: int = 0, last_resort: User | None = None
) -> EscalationPolicy:
    """Each step is (minutes to wait, the people it pages), once: nobody is reminded."""
    return make(
        EscalationPolicy,
        name=f"{team.name} critical",
        team_id=team.id,
        repeat=repeat,
        created_at=clock.now(),
        updated_at=clock.now(),
        steps=[
            {
                "wait_minutes": wait,
                "targets": [{"kind": "user", "id": str(user.id)} for user in users],
                "reminders": 0,
            }
            for wait, users in steps
        ],
        last_resort_user_id=last_resort and last_resort.id,
    )


def make_service(name: str, team: Team, policy: EscalationPolicy | None = None, **changes: Any) -> Service:
    columns = {
        "name": name,
        "team_id": team.id,
        "escalation_policy_id": policy and policy.id,
        "created_at": clock.now(),
    }
    return make(Service, **(columns | changes))


def make_integration(service: Service, kind: str = "events_v2", **changes: Any) -> Integration:
    columns = {
        "service_id": service.id,
        "name": kind,
        "kind": kind,
        "created_at": clock.now(),
    }
    integration = make(Integration, **(columns | changes))
    give_key(integration, f"key of {service.name} {kind}")
    return integration


def give_key(integration: Integration, key: str) -> IntegrationKey:
    """A key that a test knows."""
    row = IntegrationKey(key_hash=digest(key), prefix=key[:8], created_at=clock.now())
    integration.keys.append(row)
    db.session.flush()
    return row


class Cast:
    """Payments: Ada (step 1), Ben (step 2), managed by Mara; Cleo leads; Dan is from Search; Eli looks on."""

    def __init__(self, *, wait_minutes: int = 5, repeat: int = 0, last_resort: bool = False) -> None:
        make(Organisation, id=1, name="Example", time_zone="Europe/London", created_at=clock.now())
        self.ada, self.ben, self.dan = (
            make_user("Ada"),
            make_user("Ben", time_zone="Europe/Stockholm"),
            make_user("Dan"),
        )
        self.cleo, self.mara = make_user("Cleo", Role.MANAGER), make_user("Mara", Role.MANAGER)
        self.root, self.eli = make_user("Root", Role.ADMINISTRATOR), make_user("Eli", Role.STAKEHOLDER)
        self.payments = make_team("Payments", self.ada, self.ben, self.cleo, self.mara, manager=self.mara)
        self.search = make_team("Search", self.dan)
        self.devices = {
            user.name: make_device(user) for user in (self.ada, self.ben, self.mara, self.root, self.dan)
        }
        self.policy = make_policy(
            self.payments,
            (wait_minutes, [self.ada]),
            (wait_minutes, [self.ben]),
            repeat=repeat,
            last_resort=self.mara if last_resort else None,
        )
        self.checkout = make_service("checkout-api", self.payments, self.policy)
        self.integration = make_integration(self.checkout)
