"""/api/v1/oncall and /api/v1/explain: who has it at a moment, what an alert would lead to, and why."""

import sqlalchemy as sa
from flask import Response

from app import clock
from app.alerts.models import Service
from app.database import db
from app.incidents import access
from app.oncall import queries
from app.people.rights import Act
from app.web import serialize, serialize_explain
from app.web.access import asked_at
from app.web.api import oncall_kept
from app.web.api.auth import me, need
from app.web.api.find import by_id_or_name
from app.web.api.noun import noun
from app.web.api.problems import unprocessable
from app.web.api.shapes import oncall as shapes

oncall = noun("oncall", "Who is on call.")
explanations = noun("explain", "What an alert would lead to.")


@oncall.get("")
@oncall.input(shapes.OnCallQuery, location="query", arg_name="query")
@oncall.output(shapes.OnCall)
def show_on_call(query: shapes.OnCallQuery) -> shapes.OnCall | Response:
    """Who is on call at a moment, with the whole chain of reasons."""
    need(Act.SEE_ON_CALL)
    wanted = set(query.schedule)
    if query.at is None:
        now = asked_at()
        rows = ",".join(said for id_, name, said in oncall_kept.now(now) if not wanted or {id_, name} & wanted)
        at = now.isoformat().replace("+00:00", "Z")
        body = f'{{"at":"{at}","items":[{rows}],"next_cursor":null}}\n'
        return Response(body, mimetype="application/json")
    board = [
        row
        for row in queries.on_call_board(query.at)
        if not wanted or {str(row.schedule.id), row.schedule.name} & wanted
    ]
    return shapes.OnCall(at=query.at, items=serialize.board(board, query.at), next_cursor=None)


@explanations.get("")
@explanations.input(shapes.ExplainQuery, location="query", arg_name="query")
@explanations.output(shapes.Explanation)
def show_explanation(query: shapes.ExplainQuery) -> shapes.Explanation:
    """Who would be paged when, if an alert came and nobody ever acknowledged it."""
    need(Act.SEE_OPERATIONS)
    named = sa.select(Service).where(by_id_or_name(Service, [query.service]), access.services_seen_by(me()))
    found = db.session.scalars(named).all()
    if not found:
        raise unprocessable("?service", "There is no service with this id or name.")
    service = min(found, key=lambda each: str(each.id) != query.service)  # an id counts before a name
    return serialize_explain.explanation(
        service, query.urgency, at=query.at or clock.now(), severity=query.severity
    )
