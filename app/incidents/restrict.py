"""A security breach is an incident too (S-82), read by those in it alone; and what was never one is removed."""

from datetime import datetime

import sqlalchemy as sa

from app.database import db
from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind, Subject
from app.incidents import access, assemble
from app.incidents.models import Incident
from app.notices.models import Notice
from app.people.models import User
from app.people.rights import Act, NotAllowed, may, require
from app.timeline.record import record


def restrict(incident: Incident, *, by: User, at: datetime) -> None:
    """From now on only who is in it sees it, and administrators. Whoever says so is in it.

    Notices about it that lie in the lists of others go; mail that was sent cannot be taken back.
    """
    if incident.is_restricted:
        return
    assemble.put_in(incident, by, at=at)
    incident.is_restricted, incident.updated_at = True, at
    record(Kind.RESTRICTED, Subject.INCIDENT, incident.id, at=at, by=by)
    _forget_notices(incident)


def open_to_all(incident: Incident, *, by: User, at: datetime) -> None:
    """Anybody in the organisation sees it again: the commander's word, or an administrator's."""
    if not incident.is_restricted:
        return
    if incident.commander_id != by.id and not may(by, Act.MANAGE_ORGANISATION):
        raise NotAllowed("The commander or an administrator opens it to everybody.")
    incident.is_restricted, incident.updated_at = False, at
    record(Kind.OPENED_TO_ALL, Subject.INCIDENT, incident.id, at=at, by=by)


def remove(incident: Incident, *, because: str, by: User, at: datetime) -> None:
    """It was never an incident: nobody sees it any more (L-INC-09). Its row and its log stay, with who and why.

    Its alerts are of no incident then. Raises NotAllowed for whoever is no administrator.
    """
    require(by, Act.DELETE_INCIDENTS)
    if not because.strip():
        raise InvalidTransition("Say in a word or two why it is deleted.")
    incident.removed_at = incident.updated_at = at
    incident.next_update_at = None
    incident.alerts.clear()
    record(
        Kind.DELETED, Subject.INCIDENT, incident.id, at=at, by=by, title=incident.title,
        because=because.strip(),
    )  # fmt: skip
    _forget_notices(incident)


def _forget_notices(incident: Incident) -> None:
    """Those of people who do not see it now."""
    db.session.flush()
    page = f"/incidents/{incident.number}"
    about = sa.or_(Notice.link == page, Notice.link.startswith(f"{page}/"))
    mine = db.session.scalars(sa.select(Notice).where(about)).all()
    seers = {user.id for user in access.who_sees(incident, {notice.user for notice in mine})}
    for notice in mine:
        if notice.user_id not in seers:
            db.session.delete(notice)
