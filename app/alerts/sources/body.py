"""From the bytes of a request to a document, within bounds.

`Content-Type` is a hint: real senders post JSON as text/plain, as a form, and with none. So the body decides:
what begins with `{` or `[` is JSON, else it is a form, else it is refused.
"""

import json
import math
import zlib
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qsl

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from app.alerts.sources.document import Json

DEEPEST = 100
MOST_NAMES = 1_000  # in one object or one form

_SPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Where tools that can only post forms put the JSON.
_JSON_FIELDS = ("payload", "data")


class UnreadableBody(Exception):
    """The body is no document; the sentence says why. Answered 400."""


class BodyTooLarge(Exception):
    """The body is over its limit, as sent or once inflated. Answered 413."""


class UnknownFormat(Exception):
    """Neither JSON nor a form, or an encoding we do not undo. Answered 415."""


def inflate(body: bytes, encoding: str, *, limit: int) -> bytes:
    """The body with its `Content-Encoding` undone, never holding more than `limit` bytes of it.

    Raises `BodyTooLarge` as soon as the limit is passed, so a small bomb costs no more than a large body.
    """
    match encoding.strip().lower():
        case "" | "identity":
            plain = body
        case "gzip" | "x-gzip":
            plain = _gunzip(body, limit)
        case other:
            raise UnknownFormat(f"Content-Encoding {other[:40]!r} is not accepted; send gzip or none")
    if len(plain) > limit:
        raise BodyTooLarge(_over(limit))
    return plain


def read(body: bytes, content_type: str) -> dict[str, Json] | list[Json]:
    """The document in a body: an object, a list of them, or the fields of a form.

    Raises `UnreadableBody` or `UnknownFormat`, each with a sentence for the sender.
    """
    text = body.removeprefix(_BYTE_ORDER_MARK).strip(_SPACE)
    if not text:
        raise UnreadableBody("the body is empty")
    media_type, options = parse_options_header(content_type)
    if text[:1] in b"{[":
        return _json(text, options.get("charset", "utf-8"))
    if media_type == "multipart/form-data":
        return _of_fields(_multipart(body, media_type, options))
    if media_type.endswith(("/json", "+json")):
        raise UnreadableBody("the body must be a JSON object or a list of them")
    if b"=" in text and media_type in {"", "application/x-www-form-urlencoded", "text/plain"}:
        return _of_fields(_form(text, options.get("charset", "utf-8")))
    if _is_scalar(text):
        raise UnreadableBody("the body must be a JSON object or a list of them")
    raise UnknownFormat("the body must be JSON or a form")


def _gunzip(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    room = limit + 1
    rest = body
    try:
        while rest:  # a gzip file may have several members
            inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            parts.append(inflater.decompress(rest, room))
            room -= len(parts[-1])
            if room <= 0:
                raise BodyTooLarge(_over(limit))
            if not inflater.eof:
                raise UnreadableBody("the gzip body is cut off")
            rest = inflater.unused_data
    except zlib.error as error:
        raise UnreadableBody("the body is not gzip, though Content-Encoding says so") from error
    return b"".join(parts)


def _over(limit: int) -> str:
    return f"the body is over {limit:,} bytes"


def _decode(text: bytes, charset: str) -> str:
    """The text in its charset. A wrong byte becomes U+FFFD: better a page with one odd letter than no page."""
    try:
        return text.decode(charset, errors="replace")
    except (LookupError, UnicodeError, ValueError):
        return text.decode(errors="replace")


def _json(text: bytes, charset: str = "utf-8") -> dict[str, Json] | list[Json]:
    try:
        document = json.loads(_decode(text, charset), parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise UnreadableBody(f"the JSON is nested deeper than {DEEPEST}") from error
    except json.JSONDecodeError as error:
        raise UnreadableBody(f"the JSON is broken at character {error.pos + 1}: {error.msg}") from error
    except ValueError as error:
        raise UnreadableBody(f"the JSON cannot be read: {error}") from error
    if not isinstance(document, dict | list):
        raise UnreadableBody("the body must be a JSON object or a list of them")
    _check_bounds(text, document)
    return document


def _refuse(constant: str) -> float:
    raise UnreadableBody(f"{constant} is not JSON")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise UnreadableBody(f"the number {number[:40]} is out of range")
    return value


def _check_bounds(text: bytes, document: dict[str, Json] | list[Json]) -> None:
    # Nearly every body has fewer brackets and colons than the bounds, and then nothing needs to be walked.
    if text.count(b"{") + text.count(b"[") <= DEEPEST and text.count(b":") <= MOST_NAMES:
        return
    level: list[Json] = [document]
    for _ in range(DEEPEST):
        if any(isinstance(value, dict) and len(value) > MOST_NAMES for value in level):
            raise UnreadableBody(f"an object has more than {MOST_NAMES:,} names")
        level = list(_inside(level))
        if not level:
            return
    raise UnreadableBody(f"the JSON is nested deeper than {DEEPEST}")


def _inside(level: list[Json]) -> Iterator[Json]:
    """The containers held by these containers."""
    for value in level:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        yield from (item for item in inner if isinstance(item, dict | list))


def _form(text: bytes, charset: str) -> dict[str, str]:
    try:
        fields = parse_qsl(
            _decode(text, charset), keep_blank_values=True, errors="replace", max_num_fields=MOST_NAMES
        )
    except ValueError as error:
        raise UnreadableBody(f"the form has more than {MOST_NAMES:,} fields") from error
    return dict(fields)


def _multipart(body: bytes, media_type: str, options: dict[str, str]) -> dict[str, str]:
    parser = FormDataParser(
        lambda *_, **__: BytesIO(),  # the body is in memory and bounded: no temporary files
        max_form_memory_size=len(body) + 1,
        max_form_parts=MOST_NAMES,
    )
    _, fields, files = parser.parse(BytesIO(body), media_type, len(body), options)
    found = {name: value for name, value in fields.items() if isinstance(value, str)}
    for name in _JSON_FIELDS:
        if name in files and name not in found:
            found[name] = files[name].read().decode(errors="replace")
    if not found:
        raise UnreadableBody("the multipart form has no fields")
    return found


def _of_fields(fields: dict[str, str]) -> dict[str, Json] | list[Json]:
    """The JSON in a form's `payload` or `data` field, else the fields themselves."""
    for name in _JSON_FIELDS:
        value = fields.get(name, "").lstrip()
        if value[:1] in {"{", "["}:
            return _json(value.encode(errors="replace"))
    return dict(fields)


def _is_scalar(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
