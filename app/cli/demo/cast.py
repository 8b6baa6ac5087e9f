"""Who and what there is in the made-up organisation: three teams, twelve people, ten services."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.alerts import integrations
from app.alerts.models import Service
from app.alerts.sources.kinds import Kind as Source
from app.database import db, transaction
from app.domain.timeline import Kind, Subject
from app.domain.words import Role, TeamRole
from app.domain.zone import instant, named, wall_clock
from app.oncall import policies, schedules
from app.oncall.models import EscalationPolicy
from app.paging.models import PushSubscription
from app.people.models import Organisation, User
from app.people.teams import add_member, create_team
from app.people.users import create_user
from app.timeline.record import record

NAME = "Example"
ZONE = "Europe/London"

# The first of each team is its manager.
PEOPLE = {
    "Payments": (
        ("Ines Duarte", "Europe/London"),
        ("Ada Lindqvist", "Europe/Riga"),
        ("Ben Okafor", "Europe/London"),
        ("Cleo Marchand", "America/New_York"),
    ),
    "Storefront": (
        ("Tomas Berzins", "Europe/Riga"),
        ("Dan Whitfield", "Europe/London"),
        ("Priya Raman", "Asia/Kolkata"),
        ("Wanjiru Kamau", "Europe/Riga"),
    ),
    "Platform": (
        ("Mara Silva", "America/New_York"),
        ("Yuki Tanaka", "Asia/Kolkata"),
        ("Oleg Hrytsenko", "Europe/Riga"),
        ("Sofia Rossi", "Europe/London"),
    ),
}
ADMINISTRATOR, STAKEHOLDER = "Sofia Rossi", "Cleo Marchand"
SERVICES = {
    "Checkout": ("Payments", "Basket to receipt. If this stops, so does the money."),
    "Ledger": ("Payments", "The books, double entry."),
    "Card gateway": ("Payments", "Talks to the acquirer."),
    "Refunds": ("Payments", "Money back, within the hour."),
    "Search": ("Storefront", "Find a thing to buy."),
    "Catalogue": ("Storefront", "What there is, and what it costs."),
    "Images": ("Storefront", "Resizes and serves pictures."),
    "Message queue": ("Platform", "Everything that happens later goes through here."),
    "Databases": ("Platform", "Three clusters, two regions."),
    "Sign-in": ("Platform", "Sessions and passkeys."),
}
PHONES = ("Pixel 9", "iPhone 16", "Galaxy S25", "Fairphone 5")


@dataclass(frozen=True)
class Cast:
    """The ids that history needs: of integrations by service, of people by team with the manager first."""

    integrations: dict[str, int]
    people: dict[str, tuple[int, ...]]

    @classmethod
    def make(cls, *, at: datetime, on_call_at: datetime, password_hash: str) -> "Cast":
        """Set everything up at `at`, as its administrator did, who signs in with the password of that hash and
        has the pager at `on_call_at`.
        """
        with transaction():
            db.session.add(Organisation(id=1, name=NAME, time_zone=ZONE, is_demo=True, created_at=at))
            people = {
                team: tuple(_person(name, zone, number, at=at) for number, (name, zone) in enumerate(members))
                for team, members in PEOPLE.items()
            }
            everybody = [person for members in people.values() for person in members]
            administrator = next(person for person in everybody if person.name == ADMINISTRATOR)
            administrator.password_hash = password_hash
            doors: dict[str, int] = {}
            for team, members in people.items():
                policy = _team(team, members, by=administrator, at=at, on_call_at=on_call_at)
                for name, (owner, about) in SERVICES.items():
                    if owner == team:
                        doors[name] = _service(name, about, policy, members, by=administrator, at=at)
            return cls(
                doors, {team: tuple(person.id for person in members) for team, members in people.items()}
            )


def email_of(name: str) -> str:
    """Nobody's address: `.example` belongs to no one."""
    return f"{name.split()[0].lower()}@nightbell.example"


def _person(name: str, zone: str, number: int, *, at: datetime) -> User:
    """Someone with a phone, and some with a laptop. Nobody listens at these addresses."""
    role = Role.MANAGER if number == 0 else Role.RESPONDER
    role = {ADMINISTRATOR: Role.ADMINISTRATOR}.get(name, role)
    email = email_of(name)
    person = create_user(email=email, name=name, role=role, time_zone=zone, at=at)
    for device in (PHONES[number % len(PHONES)], "Firefox on a laptop")[: 2 if number == 1 else 1]:
        made_up = hashlib.sha256(f"{email} {device}".encode()).hexdigest()
        db.session.add(
            PushSubscription(
                user_id=person.id, endpoint=f"https://push.nightbell.invalid/{made_up[:32]}", p256dh=made_up,
                auth=made_up[:22], device=device, created_at=at, last_seen_at=at + timedelta(days=80),
                verified_at=at + timedelta(minutes=9 + number),
                proof={"accepted": 0.4, "shown": 1.1, "tapped": 3.8},
            )
        )  # fmt: skip
    return person


def _team(
    name: str, members: tuple[User, ...], *, by: User, at: datetime, on_call_at: datetime
) -> EscalationPolicy:
    """A team, its weekly rotation with backups, its policy: on call, its manager too, everybody."""
    manager, *rest = members
    team = create_team(name, by=by, at=at, manager=manager)
    for person in members:
        role = TeamRole.MANAGER if person is manager else TeamRole.MEMBER
        add_member(team, person, by=by, at=at, role=role)
    turns = [[str(who.id), str(rest[(turn + 1) % len(rest)].id)] for turn, who in enumerate(rest)]
    begins = _first_handoff(at, on_call_at, turns=len(turns), turn=rest.index(by) if by in rest else 0)
    rotation = {"unit": "week", "length": 1, "start": f"{begins:%Y-%m-%dT%H:%M}", "participants": turns}
    layers = [{"name": "Every week", "priority": 1, "rotation": rotation, "restrictions": []}]
    schedule = schedules.create(
        name=f"{name} primary", team_id=team.id, time_zone=ZONE, layers=layers, by=by, at=at
    )
    on_call = {"kind": "schedule", "id": str(schedule.id)}
    everybody = [{"kind": "user", "id": str(person.id)} for person in members]
    steps = [  # each asks once: ninety days with reminders take half a minute to make
        {"wait_minutes": 5, "reminders": 0, "targets": [on_call]},
        {"wait_minutes": 5, "reminders": 0, "targets": [on_call, {"kind": "user", "id": str(manager.id)}]},
        {"wait_minutes": 10, "reminders": 0, "targets": everybody},
    ]
    return policies.create(
        name=f"{name} critical",
        team_id=team.id,
        steps=steps,
        repeat=1,
        last_resort_user_id=manager.id,
        by=by,
        at=at,
    )


def _first_handoff(before: datetime, then: datetime, *, turns: int, turn: int) -> datetime:
    """The Monday 09:00 on the wall, by `before`, from which weekly turns give `then` to this turn."""
    wall = wall_clock(then, named(ZONE))
    this_week = (wall - timedelta(days=wall.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    if this_week > wall:
        this_week -= timedelta(weeks=1)
    begins = this_week - timedelta(weeks=turn)
    while instant(begins, named(ZONE)) > before:
        begins -= timedelta(weeks=turns)
    return begins


def _service(
    name: str, about: str, policy: EscalationPolicy, members: tuple[User, ...], *, by: User, at: datetime
) -> int:
    """A service with one door, Prometheus; answers the door's id."""
    owner = members[len(name) % len(members)]
    service = Service(
        name=name, team_id=policy.team_id, escalation_policy_id=policy.id, owner_id=owner.id, description=about,
        created_at=at,
    )  # fmt: skip
    db.session.add(service)
    db.session.flush()
    record(Kind.CREATED, Subject.SERVICE, service.id, at=at, by=by, name=name)
    door, _key = integrations.create(service=service, name="Prometheus", kind=Source.ALERTMANAGER, by=by, at=at)
    return door.id
