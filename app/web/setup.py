"""The set-up walk: from an empty installation to a phone that rings. Each step can be skipped, each is resumed from
the rows there are; nothing else is remembered.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.alerts import integrations, readiness, services
from app.alerts.models import Alert, Integration, Service
from app.alerts.receive import receive
from app.alerts.sources.kinds import Kind
from app.database import db, transaction
from app.domain.alert import IncomingAlert
from app.domain.invalid import InvalidField
from app.domain.words import Severity, TeamRole
from app.oncall import policies, schedules
from app.oncall.models import EscalationPolicy, Schedule
from app.paging import vapid
from app.paging.models import Delivery, Page, PushSubscription
from app.paging.page import devices_of
from app.people import queries, teams
from app.people.models import Team
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, typed
from app.web.me import verdict_of
from app.web.new_key import show_key

blueprint = Blueprint("setup", __name__, url_prefix="/setup")

HANDOFF = "T09:00"
