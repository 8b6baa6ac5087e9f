"""Every noun of the API, in the order the document tells of them."""

from apiflask import APIFlask

from app.web.api import (
    alert_actions,  # noqa: F401 - the routes below /api/v1/alerts/{id}
    docs,
    incident_live,  # noqa: F401 - routes below /api/v1/incidents/{id}
    incident_options,  # noqa: F401 - routes below /api/v1/incidents/{id}
    incident_people,  # noqa: F401 - routes below /api/v1/incidents/{id}
    incident_rooms,  # noqa: F401 - routes below /api/v1/incidents/{id}
    incident_tasks,  # noqa: F401 - routes below /api/v1/incidents/{id}
    incident_timeline,  # noqa: F401 - routes below /api/v1/incidents/{id}
    incident_updates,  # noqa: F401 - routes below /api/v1/incidents/{id}
    review_meetings,  # noqa: F401 - routes below /api/v1/postmortems/{id}
    swap_rules,  # noqa: F401 - a route below /api/v1/schedules/{id}
)
from app.web.api.action_items import action_items
from app.web.api.alerts import alerts
from app.web.api.audit_events import audit_events
from app.web.api.calendars import calendars
from app.web.api.destinations import destinations
from app.web.api.escalation_policies import policies
from app.web.api.fairness import fairness_weights  # and routes below /api/v1/schedules/{id}
from app.web.api.handoffs import handoffs
from app.web.api.incidents import incidents
from app.web.api.integrations import integrations
from app.web.api.invitations import invitations
from app.web.api.notification_rules import notification_rules
from app.web.api.oncall import explanations, oncall
from app.web.api.overrides import overrides
from app.web.api.pages import pages
from app.web.api.playbooks import playbooks
from app.web.api.postmortems import postmortems
from app.web.api.push_subscriptions import push_subscriptions
from app.web.api.response_rules import response_rules
from app.web.api.rings import rings
from app.web.api.schedules import schedules
from app.web.api.search import search
from app.web.api.services import services
from app.web.api.shadows import shadows
from app.web.api.status import status
from app.web.api.swaps import swaps
from app.web.api.teams import teams
from app.web.api.time_off import time_off
from app.web.api.users import users
from app.web.api.webhooks import webhooks
from app.web.lazy_rule import LazyRule

NOUNS = (
    teams, users, invitations, services, integrations, destinations, webhooks, push_subscriptions,
    schedules, overrides, swaps, rings, shadows, calendars, fairness_weights, time_off, handoffs, policies,
    notification_rules, response_rules, playbooks, alerts, pages, incidents, postmortems, action_items,
    oncall, explanations, status, search,
    audit_events,
)  # fmt: skip


def application() -> APIFlask:
    """The API by itself: its routes, and what its document is made from."""
    made = APIFlask(
        "app", title="Nightbell", version="v1", json_errors=False, spec_path=None, docs_path=None,
    )  # fmt: skip
    made.url_rule_class = LazyRule
    made.config.from_mapping(docs.SETTINGS)
    for blueprint in NOUNS:
        made.register_blueprint(blueprint)
    docs.pages.enable_openapi = False  # type: ignore[attr-defined]  # APIFlask asks every blueprint
    made.register_blueprint(docs.pages)
    return made
