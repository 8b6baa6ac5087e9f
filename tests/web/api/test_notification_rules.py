"""/api/v1/notification-rules: one's own, all at once."""

from tests.support.api import Api

MINE = [
    {"urgency": "high", "channel": "push", "contact_id": None, "after_minutes": 0},
    {"urgency": "high", "channel": "email", "contact_id": None, "after_minutes": 2.5},
]


def test_43_rules_are_replaced_as_a_whole_and_read_back(ada: Api) -> None:
    assert ada.put("/notification-rules", {"items": MINE}).json["items"] == MINE
    assert ada.get("/notification-rules").json["items"] == MINE
    assert ada.put("/notification-rules", {"items": []}).json["items"] == []


def test_a_fault_names_the_rule_and_changes_nothing(ada: Api) -> None:
    ada.put("/notification-rules", {"items": MINE})
    wrong = ada.put("/notification-rules", {"items": [MINE[0], MINE[1] | {"contact_id": "99"}]})
    assert wrong.status_code == 422
    assert wrong.json["errors"][0]["pointer"] == "#/items/1/contact_id"
    assert ada.get("/notification-rules").json["items"] == MINE


def test_a_room_is_no_way_to_a_person(ada: Api) -> None:
    wrong = ada.put("/notification-rules", {"items": [MINE[0] | {"channel": "slack"}]})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "#/items/0/channel")
