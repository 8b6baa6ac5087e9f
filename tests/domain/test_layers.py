"""Layers from JSON and back, and what is said about JSON that is none."""

import copy
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.hours import Restriction
from app.domain.invalid import InvalidField
from app.domain.layer import Layer
from app.domain.layers import layers_to_json, parse_layers, people_in
from app.domain.rotation import Rotation, Unit
from tests.support.oncall import wall

NIGHTS: dict[str, Any] = {
    "name": "Nights",
    "priority": 2,
    "rotation": {
        "unit": "week", "length": 1, "start": "2026-03-02T09:00", "participants": [["7", "9"], ["9", "7"]],
    },
    "restrictions": [{"weekdays": ["mon", "sun"], "start": "18:00", "end": "09:00"}],
}  # fmt: skip


def test_a_layer_is_read_and_written_back() -> None:
    [layer] = parse_layers([NIGHTS])
    assert layer == Layer(
        "Nights",
        2,
        Rotation(Unit.WEEK, 1, wall("2026-03-02 09:00"), ((7, 9), (9, 7))),
        (Restriction(frozenset({0, 6}), time(18), time(9)),),
    )
    assert layers_to_json([layer]) == [NIGHTS]


def test_what_is_left_out_has_a_plain_meaning_and_ids_may_be_numbers() -> None:
    [layer] = parse_layers([{"rotation": {"unit": "day", "start": "2026-03-02T09:00", "participants": [[7]]}}])
    assert (layer.name, layer.priority, layer.rotation.length, layer.restrictions) == ("Layer 1", 0, 1, ())
    assert layer.rotation.participants == ((7,),)
    assert parse_layers([]) == ()


def test_feature_92_business_days_name_their_holidays_and_nothing_else_does() -> None:
    turns = NIGHTS["rotation"] | {"unit": "business_day", "holidays": ["2026-12-25", "2026-12-28"]}
    [layer] = parse_layers([NIGHTS | {"rotation": turns}])
    assert layer.rotation.holidays == {date(2026, 12, 25), date(2026, 12, 28)}
    assert layers_to_json([layer]) == [NIGHTS | {"rotation": turns}]
    for wrong, pointer in (({"unit": "week"}, "/holidays"), ({"holidays": ["25.12."]}, "/holidays/0")):
        with pytest.raises(InvalidField) as refused:
            parse_layers([NIGHTS | {"rotation": turns | wrong}])
        assert [place for place, _ in refused.value.errors] == [f"/layers/0/rotation{pointer}"]


def test_everyone_named_is_found_with_the_place() -> None:
    assert list(people_in(parse_layers([NIGHTS])))[1:3] == [
        ("/layers/0/rotation/participants/0/1", 9),
        ("/layers/0/rotation/participants/1/0", 9),
    ]


@pytest.mark.parametrize(
    ("path", "value", "pointer", "says"),
    [
        ("name", "", "/layers/0/name", "1 to 100 characters"),
        ("name", "x" * 101, "/layers/0/name", "1 to 100 characters"),
        ("name", "two\nlines", "/layers/0/name", "on one line"),
        ("name", 5, "/layers/0/name", "text"),
        ("priority", "high", "/layers/0/priority", "whole number"),
        ("priority", 1.5, "/layers/0/priority", "whole number"),
        ("priority", True, "/layers/0/priority", "whole number"),
        ("colour", "red", "/layers/0/colour", "not known"),
        ("a/b~c", "red", "/layers/0/a~1b~0c", "not known"),
        ("rotation", None, "/layers/0/rotation", "object"),
        ("rotation/unit", "fortnight", "/layers/0/rotation/unit", "hour, day, week, month"),
        ("rotation/unit", ["week"], "/layers/0/rotation/unit", "hour, day, week, month"),
        ("rotation/length", 0, "/layers/0/rotation/length", "from 1"),
        ("rotation/length", 10**9, "/layers/0/rotation/length", "to 1000"),
        ("rotation/start", "2026-03-02T09:00Z", "/layers/0/rotation/start", "without Z or offset"),
        ("rotation/start", "2026-03-02T09:00+01:00", "/layers/0/rotation/start", "without Z or offset"),
        ("rotation/start", "2026-02-30T09:00", "/layers/0/rotation/start", "as 2026-03-02T09:00"),
        ("rotation/start", "2026-03-02T09:00:30", "/layers/0/rotation/start", "to the minute"),
        ("rotation/start", "2026-03-02", "/layers/0/rotation/start", "as 2026-03-02T09:00"),
        ("rotation/start", "9999-12-31T09:00", "/layers/0/rotation/start", "between the years"),
        ("rotation/start", 20260302, "/layers/0/rotation/start", "as 2026-03-02T09:00"),
        ("rotation/participants", [], "/layers/0/rotation/participants", "1 to 200 entries, has 0"),
        ("rotation/participants", [[]], "/layers/0/rotation/participants/0", "1 to 20 entries, has 0"),
        ("rotation/participants", ["7"], "/layers/0/rotation/participants/0", "list"),
        ("rotation/participants", [["ada"]], "/layers/0/rotation/participants/0/0", "id"),
        ("rotation/participants", [["9" * 30]], "/layers/0/rotation/participants/0/0", "id"),
        ("rotation/participants", [[-1]], "/layers/0/rotation/participants/0/0", "id"),
        ("rotation/participants", [["7", 7]], "/layers/0/rotation/participants/0/1", "already"),
        ("restrictions/0/weekdays", [], "/layers/0/restrictions/0/weekdays", "1 to 7"),
        ("restrictions/0/weekdays", ["monday"], "/layers/0/restrictions/0/weekdays/0", "mon, tue"),
        ("restrictions/0/start", "24:00", "/layers/0/restrictions/0/start", "00:00 to 23:59"),
        ("restrictions/0/end", "9:00", "/layers/0/restrictions/0/end", "00:00 to 23:59"),
        ("restrictions/0/end", 900, "/layers/0/restrictions/0/end", "00:00 to 23:59"),
    ],
)
def test_a_fault_is_named_with_its_place(path: str, value: object, pointer: str, says: str) -> None:
    row: Any = copy.deepcopy(NIGHTS)
    *way, last = [path] if "~" in path else path.split("/")
    held = row
    for step in way:
        held = held[int(step) if step.isdigit() else step]
    held[last] = value
    with pytest.raises(InvalidField) as refused:
        parse_layers([row])
    assert [place for place, _ in refused.value.errors] == [pointer]
    assert says in refused.value.errors[0][1]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(InvalidField) as refused:
        parse_layers([{"name": ""}, 5, NIGHTS])
    assert [place for place, _ in refused.value.errors] == [
        "/layers/0/name",
        "/layers/0/rotation",
        "/layers/1",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "priority", "rotation", "restrictions", "unit", "start"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused_in_words(json: object) -> None:
    try:
        layers = parse_layers(json)
    except InvalidField as refused:
        errors = refused.errors
    else:
        assert parse_layers(layers_to_json(layers)) == layers
        return
    assert errors
    assert all(place.startswith("/layers") and detail for place, detail in errors)
