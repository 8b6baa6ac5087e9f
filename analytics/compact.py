"""Rows as compact columns: typed arrays, words by number, squeezed. Packed without pandas, unpacked into a
frame.

The engine packs what the database answers, the web process unpacks it: the same rows as `frames` would read,
sooner.
"""

import json
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics.schema import Kind

if TYPE_CHECKING:
    import pandas as pd

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NOTHING = -(2**63)  # an empty moment, as numpy has it
FORMAT = 1


def pack(rows: Sequence[Sequence[Any]], names: Sequence[str], kinds: Mapping[str, Kind]) -> bytes:
    """`rows` in the order of `names`; a column without a kind is kept as words."""
    head: list[dict[str, Any]] = []
    body = bytearray()
    for place, name in enumerate(names):
        kind = kinds.get(name, "text")
        values = [row[place] for row in rows]
        numbers, words = _numbers(values, kind)
        raw = numbers.tobytes()
        head.append({"name": name, "kind": kind, "type": numbers.typecode, "bytes": len(raw), "words": words})
        body += raw
    said = json.dumps({"format": FORMAT, "rows": len(rows), "columns": head}, ensure_ascii=False).encode()
    return zlib.compress(len(said).to_bytes(4, "little") + said + bytes(body), level=1)


def _numbers(values: Sequence[Any], kind: Kind) -> tuple["array[Any]", list[str]]:
    if kind == "moment":
        return array("q", [NOTHING if value is None else _microseconds(value) for value in values]), []
    if kind == "count":
        return array("q", [int(value or 0) for value in values]), []
    if kind == "share":
        return array("d", [float("nan") if value is None else float(value) for value in values]), []
    numbers: dict[str, int] = {}
    codes = array(
        "i", [-1 if value is None else numbers.setdefault(str(value), len(numbers)) for value in values]
    )
    return codes, list(numbers)


def _microseconds(value: Any) -> int:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int((moment - EPOCH) // MICROSECOND)


def unpack(parts: Iterable[bytes], kinds: Mapping[str, Kind]) -> "pd.DataFrame":
    """The parts as one frame, one after the other, with the columns of `kinds` first; tidy."""
    import numpy as np
    import pandas as pd

    from analytics import columns

    found: dict[str, list[Any]] = {}
    rows = 0
    for part in parts:
        raw = zlib.decompress(part)
        size = int.from_bytes(raw[:4], "little")
        head = json.loads(raw[4 : 4 + size])
        at = 4 + size
        rows += head["rows"]
        for column in head["columns"]:
            values = np.frombuffer(raw, dtype=array(column["type"]).typecode, count=head["rows"], offset=at)
            at += column["bytes"]
            if column["kind"] == "text":
                words = np.array([*column["words"], None], dtype=object)  # the last one: what -1 points to
                values = words[values]
            found.setdefault(column["name"], []).append(values)
    made: dict[str, Any] = {}
    for name in [*kinds, *(name for name in found if name not in kinds)]:
        kind = kinds.get(name, "text")
        if name not in found:
            continue
        values = np.concatenate(found[name])
        if kind == "moment":
            made[name] = pd.Series(values.view("datetime64[us]")).dt.tz_localize("UTC")
        elif kind == "text":
            made[name] = pd.Series(values, dtype="str")
        else:
            made[name] = pd.Series(values)
    if not made:
        return columns.empty(kinds)
    return _in_order(pd.DataFrame(made, index=pd.RangeIndex(rows)), kinds)


def _in_order(table: "pd.DataFrame", kinds: Mapping[str, Kind]) -> "pd.DataFrame":
    from analytics import columns

    lacking = [name for name in kinds if name not in table.columns]
    return columns.tidy(table, kinds) if lacking else table
