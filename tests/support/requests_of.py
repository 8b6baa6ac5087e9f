"""A request that every route of the app understands: its address with real ids, its body with what it needs."""

import re
from dataclasses import dataclass, field
from typing import Any

from werkzeug.routing import Rule

from app.domain.playbook import items
from tests.support.two_houses import Objects

SPAN = {"start": "2026-12-13T03:00:00Z", "end": "2026-12-13T05:00:00Z"}
TOKEN = "x" * 43  # for doors whose key decides: nobody's
DEVICE = {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "x", "auth": "y"}}  # 422 is let in
LOOK = items("- [ ] Look")[0].key  # of the houses' playbooks
# variables of addresses that are no id of a row, by the word before them
WORDS = {
    "trends": "response",
    "parts": "cause",
    "questions": "speed",
    "setup": "service",
    "static": "css/tokens.css", "r": TOKEN, "intake": TOKEN, "welcome": TOKEN, "join": TOKEN, "calendar": TOKEN,
    "forgotten": TOKEN, "canary": TOKEN, "voice": TOKEN, "status": TOKEN, "subscribers": TOKEN,
    "letters": TOKEN, "ping": TOKEN,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    sent: dict[str, Any] = field(default_factory=dict)


def asked(method: str, rule: Rule, objects: Objects) -> Asked:
    """The request of `method` to `rule` about `objects`. A variable not known here raises KeyError: add it."""
    path, word = "", ""
    for part in rule.rule.split("/")[1:]:
        if part.startswith("<"):
            value = WORDS[word] if word in WORDS else str(objects[word])
            part = re.sub(r"<.*>", value, part)
        else:
            word = part
            part = part.replace("file.<kind>", "file.md")
        path += f"/{part}"
    endpoint = rule.endpoint.rpartition(".")[2]
    if endpoint in QUERIES:
        return Asked(method, path, {"query_string": _filled(QUERIES[endpoint], objects)})
    if method in ("GET", "DELETE") and endpoint not in BODIES:
        return Asked(method, path)
    if rule.rule.startswith("/api/v1/"):
        return Asked(method, path, {"json": _filled(BODIES.get(endpoint, {}), objects)})
    if re.match(r"/(v2|intake|r|push-subscriptions)\b", rule.rule):
        return Asked(method, path, {"json": {}})
    return Asked(method, path, {"data": _form(endpoint, objects)})


def _form(endpoint: str, objects: Objects) -> dict[str, Any]:
    """Every field that a form of ours has; each takes those it knows."""
    everything = {
        "promote": "yes",
        "name": "Other", "team_id": objects["teams"], "user_id": objects["users"], "role": "member",
        "body": "Look.",
        "severity": "sev3", "text": "Seen.", "reason": "Done.", "until": "60", "kind": "generic",
        "integration_name": "Another door", "alert": objects["alerts"], "emails": "zoe@nightbell.example",
        "time_zone": "UTC", "scope": "read", "lasts": "30", "description": "Other.", "resolution": "Over.",
    }  # fmt: skip
    return everything | FORMS.get(endpoint, {})


FORMS: dict[str, dict[str, Any]] = {
    "promise": {"kind": "prevent"},
    "rewrite": {"kind": "prevent"},
    "carry_out": {"changed": "A test."},
    "add_way": {"urgency": "high", "address": "push", "after": "1"},
    "change_role": {"role": "manager"},
    "invite": {"role": "stakeholder"},
    "answer": {"answer": "join", "verdict": "yes"},
    "give": {"people": "yes", "alerts": "no"},
    "send": {"issue": "x", "audience": "responders"},
    "propose": {"what": "x", "risk": "low", "rationale": "x", "kind": "permanent"},
    "begin": {"bypass": "x"},
    "finish": {"outcome": "worked"},
    "pin": {"pin": "yes"},
    "tick": {"item": LOOK},
    "change_plan": {"response_plan": "Call Cleo."},
    "correct_time": {"happened_at": "2026-11-12T02:00Z", "because": "x"},
    "correct_detection": {"detected_at": "2026-11-12T02:00Z", "because": "The graph says so."},
    "give_role": {"role": "scribe"},
    "add": {"when": "2026-11-12T02:00Z", "words": "x"},
    "choose": {"shown": "1"},
    "reword": {"words": "x", "seen": "It began."},
    "change_shift_leads": {"lead": "60"},
    "change": {"kind": "technical"},
    "change_swap_rules": {"rest_hours": "8"},
    "offer": SPAN,
    "put_on": SPAN,
    "add_mine": SPAN,
    "add_for_person": SPAN,
    "change_rules": {"day": "1", "evening": "1", "night": "3", "weekend": "2", "holiday": "3"},
}
QUERIES: dict[str, dict[str, Any]] = {
    "find": {"q": "nothing"},
    "list_conflicts": SPAN,
    "list_candidates": {"schedule_id": "@schedules", **SPAN},
    "show_explanation": {"service": "@services"},
    "behind": {"as_of": "2026-11-12T03:00:00Z"},
    "drawn": {"as_of": "2026-11-12T03:00:00Z", "theme": "dark"},
    "figures": {"as_of": "2026-11-12T03:00:00Z", "theme": "dark"},
}
SCHEDULE = {"name": "Other", "team_id": "@teams", "time_zone": "UTC"}
POLICY = {"name": "Other", "team_id": "@teams", "steps": []}
# "@teams" is the id of the team that is asked about
BODIES: dict[str, dict[str, Any]] = {
    "replace_notification_rules": {"items": [{"urgency": "high", "channel": "push"}]},
    "create_team": {"name": "Other"},
    "change_a_team": {"name": "Other"},
    "create_user": {"email": "gus@nightbell.example", "name": "Gus", "role": "responder"},
    "change_a_user": {"role": "stakeholder"},
    "create_service": {"name": "other", "team_id": "@teams"},
    "change_service": {"description": "Other."},
    "page_by_hand": {"title": "x", "key": "x", "user_id": "@users"},
    "create_destination": {
        "name": "Other",
        "kind": "slack",
        "team_id": "@teams",
        "address": "https://hooks.slack.com/services/x",
    },
    "change_destination": {"name": "Other"},
    "create_webhook": {"name": "Other", "team_id": "@teams", "address": "https://hooks.example.com/x"},
    "change_webhook": {"name": "Other"},
    "create_integration": {"name": "Other", "kind": "alertmanager", "service_id": "@services"},
    "change_an_integration": {"name": "Other"},
    "create_push_subscription": DEVICE,
    "change_push_subscription": {"device": "Other"},
    "create_schedule": SCHEDULE,
    "replace_schedule": SCHEDULE,
    "check_schedule": SCHEDULE,
    "preview_schedule": SCHEDULE,
    "check_new_schedule": SCHEDULE,
    "replace_fairness_rules": {"weights": {"night": 3}},
    "replace_fairness_weights": {"night": 3},
    "create_override": {"schedule_id": "@schedules", "user_id": "@users", **SPAN},
    "create_shadow": {"schedule_id": "@schedules", "user_id": "@users"},
    "create_time_off": {"user_id": "@users", **SPAN},
    "create_swap": {"schedule_id": "@schedules", "mode": "all", **SPAN},
    "change_swap": SPAN,
    "offer_part": SPAN,
    "exempt_from_checks": {"user_id": "@users", "reason": "Knows it."},
    "create_escalation_policy": POLICY,
    "replace_escalation_policy": POLICY,
    "snooze_alert": {"minutes": 5},
    "assign_alert": {"user_id": "@users"},
    "note_on_alert": {"text": "x"},
    "change_incident": {"severity": "sev3"},
    "note_on_incident": {"text": "x"},
    "create_playbook": {"name": "x", "body": "x"},
    "replace_playbook": {"name": "x", "body": "x"},
    "tick_step": {"item": LOOK},
    "correct_entry_time": {"happened_at": "2026-11-12T02:00Z", "because": "x"},
    "create_action_item": {"incident_id": "@incidents", "text": "x", "kind": "prevent"},
    "change_action_item": {"text": "Written."},
    "carry_out_action_item": {"changed": "A test."},
    "create_postmortem": {"incident_id": "@incidents"},
    "change_postmortem": {"owner_id": "@users"},
    "write_postmortem_part": {"text": "Written."},
    "comment_on_postmortem": {"text": "x"},
    "plan_review_meeting": {"start": "2026-12-01T10:00:00Z"},
    "keep_review_minutes": {"notes": "x"},
    "answer_review_question": {"verdict": "yes"},
    "declare_incident": {"severity": "sev3", "service_id": "@services"},
    "create_response_rule": {"name": "x", "conditions": [], "actions": [{"act": "promote"}]},
    "replace_response_rule": {"name": "x", "conditions": [], "actions": [{"act": "promote"}]},
    "change_response_rule": {"is_on": False},
    "add_symptom": {"text": "x"},
    "propose_option": {"what": "x", "risk": "low", "rationale": "x", "kind": "permanent"},
    "start_option": {"bypass_reason": "x"},
    "finish_option": {"outcome": "worked"},
    "hand_incident_over": {"user_id": "@users"},
    "ask_into_incident": {"user_id": "@users"},
    "give_incident_role": {"role": "scribe"},
    "add_supporting_team": {"team_id": "@teams"},
    "answer_incident": {"answer": "joined"},
    "note_on_handoff": {"text": "x"},
    "depart": {"hand_over": {}},
    "invite": {"emails": ["zoe@nightbell.example"], "role": "stakeholder"},
}


def _filled(body: dict[str, Any], objects: Objects) -> dict[str, Any]:
    return {
        name: str(objects[value[1:]]) if isinstance(value, str) and value.startswith("@") else value
        for name, value in body.items()
    }
