"""Lost updates: what was read carries an ETag, and a change that names an older one is refused."""

from flask import after_this_request
from flask.wrappers import Response
from werkzeug.http import parse_etags

from app.domain.invalid import StaleVersion
from app.incidents.models import Incident, IncidentTask
from app.learning.models import ReviewMeeting
from app.oncall.models import EscalationPolicy, Schedule, Swap


def send_etag(row: Schedule | EscalationPolicy | Swap) -> None:
    """Let the answer of this request carry the row's version."""
    _send(str(row.version))


def send_edition(row: Incident | IncidentTask | ReviewMeeting) -> None:
    """Let the answer of this request carry the row's edition."""
    _send(row.edition)


def expected_version(row: Schedule | EscalationPolicy | Swap, if_match: str | None) -> int:
    """The version that a change is meant for, the present one. Raises StaleVersion when `If-Match` says no."""
    if if_match is not None and not parse_etags(if_match).contains(str(row.version)):
        raise StaleVersion(row.version)
    return row.version


def expect_edition(row: Incident | IncidentTask | ReviewMeeting, if_match: str | None) -> None:
    """Raises StaleVersion when `If-Match` names another edition than the row has."""
    if if_match is not None and not parse_etags(if_match).contains(row.edition):
        raise StaleVersion(row.edition)


def _send(etag: str) -> None:
    @after_this_request
    def add_etag(response: Response) -> Response:
        response.set_etag(etag)
        return response
