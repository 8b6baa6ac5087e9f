"""Two teams that look alike: what is ours belongs to Payments and Ada, what is theirs to Search and Dan.

Every alert, page, service and integration says in its name whose it is, so that a screen that shows it is told.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.alerts import escalate, queries
from app.alerts.models import Alert, Integration, IntegrationKey, Service
from app.alerts.receive import receive
from app.database import db
from app.domain.alert import IncomingAlert
from app.domain.timeline import Subject
from app.domain.words import (
    ActionKind,
    ChannelKind,
    FixKind,
    PostmortemPart,
    PostmortemState,
    RingState,
    Risk,
    Role,
)
from app.incidents import decide, playbooks, response_rules, tasks
from app.incidents.models import FixOption, Incident, IncidentTask, Playbook, ResponseRule
from app.incidents.promote import promote
from app.learning import actions
from app.learning.models import ActionItem, Postmortem, PostmortemEntry, PostmortemText
from app.notices.models import Notice
from app.oncall import feeds
from app.oncall.models import (
    CalendarFeed,
    EscalationPolicy,
    Handoff,
    Override,
    Schedule,
    Shadow,
    Swap,
    SwapOffer,
    TimeOff,
)
from app.oncall.ring_models import Ring
from app.paging.destinations.models import Destination
from app.paging.models import NotificationRule, Page, PushSubscription
from app.people import invitations, sessions, tokens
from app.people.models import ApiToken, ContactMethod, Session, Team, User
from app.people.ways_in import Invitation, Passkey, ProviderAccount
from app.timeline.models import Event
from tests.support.api_house import House
from tests.support.cast import make, make_integration, make_policy, make_service, make_swap

OURS, THEIRS = "our-alert", "their-alert"
OUR_SERVICE, THEIR_SERVICE = "our-service", "their-service"
Objects = dict[str, int]  # the word before an id in an address -> that id


class TwoHouses(House):
    """The house of Payments, and its neighbour."""

    def __init__(self) -> None:
        super().__init__()
        now = clock.now()
        service = make_service("index", self.search, make_policy(self.search, (5, [self.dan])))
        schedule = make(
            Schedule, name="Days", team_id=self.search.id, time_zone="UTC", layers=[], created_at=now,
            updated_at=now,
        )  # fmt: skip
        span = {"start": now, "end": now + timedelta(days=300), "created_at": now}
        make(Override, schedule_id=schedule.id, user_id=self.dan.id, **span)
        make_swap(schedule, self.dan, offered_by=self.mara)
        make(TimeOff, user_id=self.dan.id, **span | {"start": now + timedelta(days=200)})
        door = make_integration(service)
        for key in ("a", "b"):
            receive(IncomingAlert(key, key), door, at=now)
        theirs = db.session.scalars(
            sa.select(Alert).where(Alert.team_id == self.search.id).order_by(Alert.id)
        ).all()
        escalate.advance(theirs[0].id, at=now)
        locked = queries.locked(theirs[0].id)
        assert locked is not None
        promote(locked, by=self.dan, at=now)
        response_rules.plant_default(at=now)
        for incident in db.session.scalars(sa.select(Incident).order_by(Incident.id)):
            wanted = decide.Proposal("Roll back", Risk.LOW, "It began then", FixKind.MITIGATION)
            decide.propose(incident, wanted, by=incident.commander or self.mara, at=now)
            tasks.add(incident, "Look", by=incident.commander or self.mara, at=now)
            self._postmortem(incident)
        for user in (self.ada, self.dan):
            sessions.start(user, device="Firefox", at=now)
            address = f"{user.name.lower()}-2@nightbell.example"
            invitations.invite([address], role=Role.RESPONDER, by=user, at=now)
            made = {
                "category": "teams",
                "event": "added",
                "title": "Hello",
                "body": "",
                "created_at": now,
                "is_listed": True,
            }
            feeds.create(user, None, at=now)
            tokens.create(user, name="script", scopes=["read"], at=now)
            make(
                ContactMethod, user_id=user.id, kind="email", address=f"{user.id}@home.example", created_at=now
            )
            make(
                NotificationRule,
                user_id=user.id,
                urgency="high",
                channel="push",
                after_seconds=0,
                created_at=now,
            )
            key = {"public_key": "", "user_handle": "", "sign_count": 0, "name": "Phone", "created_at": now}
            for n in (1, 2):  # the only way in cannot be removed
                make(Passkey, user_id=user.id, credential_id=f"{user.name} {n}", **key)
            account = {"issuer": "https://id.example", "email": user.email, "created_at": now}
            make(ProviderAccount, user_id=user.id, subject=user.name, **account)
            make(Notice, user_id=user.id, **made)
            team = self.payments if user is self.ada else self.search
            for kind in (ChannelKind.SLACK, ChannelKind.SIGNED_WEBHOOK):
                make(
                    Destination, kind=kind, name=f"{team.name} {kind}", team_id=team.id, address="",
                    host="chat.example", events=[], created_at=now,
                )  # fmt: skip
            newest = sa.select(sa.func.max(Schedule.id)).where(Schedule.team_id == team.id)
            make(
                Handoff, schedule_id=db.session.scalars(newest).one(), at=now + timedelta(hours=1),
                incoming_id=user.id, outgoing_id=user.id, stay_asked_at=now, created_at=now,
            )  # fmt: skip
            own = db.session.scalars(sa.select(sa.func.max(Swap.id)).where(Swap.owner_id == user.id)).one()
            leg = {"swap_id": own, "version": 1, "giver_id": user.id, "taker_id": user.id}
            make(
                Ring, schedule_id=db.session.scalars(newest).one(), state=RingState.OPEN, legs=[leg], agreed=[],
                because="", proposed_by_id=user.id, created_at=now, updated_at=now,
            )  # fmt: skip
            make(
                Shadow, schedule_id=db.session.scalars(newest).one(), user_id=user.id, start=now, created_at=now
            )
        for owned in db.session.scalars(sa.select(Service).order_by(Service.id)).all():
            playbooks.create(
                name=f"Steps {owned.team_id}", body="- [ ] Look", severities=[], services=[owned], rules=[],
                by=self.ada, at=now,
            )  # fmt: skip
        self._name_them()
        db.session.flush()
        self.ours = self._objects(self.payments, self.ada)
        self.theirs = self._objects(self.search, self.dan)

    def _postmortem(self, incident: Incident) -> None:
        now = clock.now()
        drawn = {"light": {}, "dark": {}}
        counted = {"as_of": now.isoformat(), "columns": [], "rows": [], "figures": drawn}
        for name in ("answer", "sentence", "about", "footer", "how_we_know"):
            counted[name] = ""
        make(
            Postmortem, id=incident.id, state=PostmortemState.DRAFT, owner_id=incident.commander_id,
            opened_at=now, updated_at=now, figures=counted,
        )  # fmt: skip
        for part in PostmortemPart:
            make(PostmortemText, postmortem_id=incident.id, part=part, number=1, text="Seen.", at=now)
        make(PostmortemEntry, postmortem_id=incident.id, at=now, words="It began.")
        wanted = actions.Promise("Test it", ActionKind.PREVENT)
        actions.promise(incident, wanted, by=incident.commander or self.mara, at=now)

    def _name_them(self) -> None:
        for row in db.session.scalars(sa.select(Alert)):
            row.title = f"{OURS if row.team_id == self.payments.id else THEIRS} {row.id}"
        for service in db.session.scalars(sa.select(Service)):
            service.name = (
                f"{OUR_SERVICE if service.team_id == self.payments.id else THEIR_SERVICE} {service.id}"
            )
        for door in db.session.scalars(sa.select(Integration)):
            door.name = f"{door.service.name} door"
        for page in db.session.scalars(sa.select(Page)):
            about = db.session.get(Alert, page.subject_id)
            page.title = page.service_name = about.title if about is not None else ""
        for number, incident in enumerate(db.session.scalars(sa.select(Incident).order_by(Incident.id))):
            incident.title = f"Incident {number}"

    def _objects(self, team: Team, person: User) -> Objects:
        """One of everything that belongs to the team, or to the person who is in it."""

        def last(model: Any, *conditions: Any) -> int:
            return db.session.scalars(sa.select(sa.func.max(model.id)).where(*conditions)).one()

        service = last(Service, Service.team_id == team.id)
        door = last(Integration, Integration.service_id == service)
        schedule = last(Schedule, Schedule.team_id == team.id)
        return {
            "teams": team.id,
            "users": person.id,
            "people": person.id,
            "members": person.id,
            "services": service,
            "keys": last(IntegrationKey, IntegrationKey.integration_id == door),
            "integrations": door,
            "escalation-policies": last(EscalationPolicy, EscalationPolicy.team_id == team.id),
            "schedules": schedule,
            "shifts": schedule,
            "overrides": last(Override, Override.schedule_id == schedule),
            "time-off": last(TimeOff, TimeOff.user_id == person.id),
            "swaps": (swap := last(Swap, Swap.schedule_id == schedule)),
            "offer": last(SwapOffer, SwapOffer.swap_id == swap),
            "alerts": last(Alert, Alert.team_id == team.id),  # of no incident, and nobody was paged for it
            "incidents": (incident := last(Incident, Incident.team_id == team.id)),
            "response-rules": last(ResponseRule),
            "postmortems": incident,
            "lines": last(PostmortemEntry, PostmortemEntry.postmortem_id == incident),
            "action-items": last(ActionItem, ActionItem.incident_id == incident),
            "playbooks": last(Playbook, Playbook.name == f"Steps {team.id}"),
            "timeline": last(Event, Event.subject_kind == str(Subject.INCIDENT), Event.subject_id == incident),
            "options": last(FixOption, FixOption.incident_id == incident),
            "tasks": last(IncidentTask, IncidentTask.incident_id == incident),
            "pages": last(Page, Page.title.startswith(OURS if team is self.payments else THEIRS)),
            "push-subscriptions": last(PushSubscription, PushSubscription.user_id == person.id),
            "sessions": last(Session, Session.user_id == person.id),
            "calendars": last(CalendarFeed, CalendarFeed.user_id == person.id),
            "paging": last(NotificationRule, NotificationRule.user_id == person.id),
            "contacts": last(ContactMethod, ContactMethod.user_id == person.id),
            "tokens": last(ApiToken, ApiToken.user_id == person.id),
            "notices": last(Notice, Notice.user_id == person.id),
            "passkeys": last(Passkey, Passkey.user_id == person.id),
            "provider": last(ProviderAccount, ProviderAccount.user_id == person.id),
            "rings": last(Ring, Ring.schedule_id == schedule),
            "shadows": last(Shadow, Shadow.user_id == person.id),
            "handoff": (handoff := last(Handoff, Handoff.incoming_id == person.id)),
            "handoffs": handoff,
            "destinations": last(
                Destination, Destination.team_id == team.id, Destination.kind == ChannelKind.SLACK
            ),
            "webhooks": last(Destination, Destination.team_id == team.id),
            "invitations": last(Invitation, Invitation.invited_by_id == person.id),
        }
