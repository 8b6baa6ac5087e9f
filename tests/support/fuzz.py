"""Bodies and parameters made from the API's own document: nearly right, or not at all."""

from typing import Any

from hypothesis import strategies as st

# What programs get wrong, and what databases and parsers trip over.
AWKWARD = st.sampled_from(
    ["", "0", "-1", "999", "1e9", "\0", "\u202e", "é" * 300, "9" * 40, "2026-11-12T03:10:00", "Z", "null", "[]",
     "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "24:00", "9999-99-99T99:99",
     "%", "'; DROP TABLE alert; --", "../..", "\ud83d\ude00"]
)  # fmt: skip
IDS = st.sampled_from(["1", "2", "3", "4", "999", "x", str(2**31), str(2**63)])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | AWKWARD | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def body(schema: dict[str, Any], shapes: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a program may send where `schema` is expected: mostly of the right kind, sometimes anything."""
    return st.one_of(_fitting(schema, shapes), _fitting(schema, shapes), _fitting(schema, shapes), ANYTHING)


def parameter() -> st.SearchStrategy[str]:
    """What may stand in an address after a parameter's name."""
    return AWKWARD | IDS | st.text(max_size=20)


def _fitting(schema: dict[str, Any], shapes: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _fitting(shapes[schema["$ref"].rpartition("/")[2]], shapes)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*(_fitting(each, shapes) for each in schema["anyOf"]))
    match schema.get("type"):
        case "object" if "properties" in schema:
            return _object(schema, shapes)
        case "object":
            return st.dictionaries(st.text(max_size=8), ANYTHING, max_size=3)
        case "array":
            return st.lists(body(schema["items"], shapes), max_size=3)
        case "integer":
            return st.integers(-2, 100) | st.integers()
        case "number":
            return st.floats(allow_nan=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case _ if schema.get("format") == "date-time":
            return st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()) | AWKWARD
        case _:
            return IDS | AWKWARD | st.text(max_size=20)


def _object(schema: dict[str, Any], shapes: dict[str, Any]) -> st.SearchStrategy[Any]:
    required = set(schema.get("required", ()))
    fields = {name: body(each, shapes) for name, each in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: held for name, held in fields.items() if name in required},
        optional={name: held for name, held in fields.items() if name not in required},
    )
