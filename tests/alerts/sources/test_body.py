"""From the bytes of a request to a document."""

import gzip
import json
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.sources.body import (
    DEEPEST,
    MOST_NAMES,
    BodyTooLarge,
    UnknownFormat,
    UnreadableBody,
    inflate,
    read,
)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
DOCUMENT = {"title": "Disk full", "count": 0}


@pytest.mark.parametrize(
    "content_type",
    [
        JSON,
        f"{JSON}; charset=utf-8",
        "text/plain",
        FORM,
        "",
        "application/vnd.x+json",
        "x",
        ";;=",
        "multipart/form-data; boundary=x",
        "text/plain; charset=nonsense",
    ],
)
def test_json_is_read_whatever_the_content_type_says(content_type: str) -> None:
    assert read(json.dumps(DOCUMENT).encode(), content_type) == DOCUMENT


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n  ", b"\xef\xbb\xbf \r\n"])
def test_a_byte_order_mark_and_blank_space_in_front_do_no_harm(before: bytes) -> None:
    assert read(before + json.dumps(DOCUMENT).encode() + b"\n", JSON) == DOCUMENT


def test_a_declared_charset_is_believed_and_a_wrong_byte_does_not_cost_the_page() -> None:
    body = '{"title": "Zahlungsfehler «ü»"}'
    assert read(body.encode("latin-1"), f"{JSON}; charset=iso-8859-1") == json.loads(body)
    assert read(body.encode("latin-1"), JSON) == {"title": "Zahlungsfehler \ufffd\ufffd\ufffd"}


def test_a_list_is_a_batch() -> None:
    assert read(b"[{}, {}]", JSON) == [{}, {}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"\xef\xbb\xbf",
        b'{"title": "cut',
        b'{"a": 1} trailing',
        b"[1, 2",
        b"null",
        b"42",
        b'"words"',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b"{'a': 1}",
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_document_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(UnreadableBody, match=r".{15,}"):
        read(body, JSON)


@pytest.mark.parametrize("body", [b"null", b"42", b'"words"', b"true"])
def test_a_scalar_is_no_form_either(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        read(body, FORM)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<xml/>", "text/xml"),
        (b"plain words", "text/plain"),
        (b"a=b", "text/xml"),
        (b"\x00\x01", "image/png"),
        (b"x", ""),
    ],
)
def test_neither_json_nor_a_form_is_an_unknown_format(body: bytes, content_type: str) -> None:
    with pytest.raises(UnknownFormat):
        read(body, content_type)


def test_SEC24_deep_nesting_is_refused_before_it_costs_anything() -> None:
    for depth in (DEEPEST + 1, 5_000, 500_000):
        with pytest.raises(UnreadableBody, match="nested"):
            read(b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1), JSON)
        with pytest.raises(UnreadableBody, match="nested"):
            read(b"[" * depth + b"]" * depth, JSON)
    assert read(b"[" * DEEPEST + b"]" * DEEPEST, JSON)


def test_SEC24_an_object_has_at_most_a_thousand_names_and_a_list_as_many_objects_as_fit() -> None:
    assert read(json.dumps({str(n): n for n in range(MOST_NAMES)}).encode(), JSON)
    with pytest.raises(UnreadableBody, match="names"):
        read(json.dumps({"a": {str(n): n for n in range(MOST_NAMES + 1)}}).encode(), JSON)
    assert len(read(json.dumps([{"title": "x", "b": 1}] * 3_000).encode(), JSON)) == 3_000
    with pytest.raises(UnreadableBody, match="fields"):
        read("&".join(f"a{n}=1" for n in range(MOST_NAMES + 1)).encode(), FORM)


def test_a_form_is_an_object_of_its_fields() -> None:
    body = "title=Disk+full+%F0%9F%94%A5&service=disk /var&empty=&odd=%FC%zz"
    assert read(body.encode(), FORM) == {
        "title": "Disk full 🔥",
        "service": "disk /var",
        "empty": "",
        "odd": "\ufffd%zz",
    }
    assert read(b"title=x", "") == {"title": "x"}


@pytest.mark.parametrize("field", ["payload", "data"])
def test_json_in_a_field_of_a_form_is_the_document(field: str) -> None:
    part = f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{json.dumps(DOCUMENT)}\r\n--b--\r\n'
    assert read(part.encode(), "multipart/form-data; boundary=b") == DOCUMENT
    assert read(f"{field}=%7B%22title%22%3A%22Disk+full%22%7D".encode(), FORM) == {"title": "Disk full"}
    uploaded = part.replace('"\r\n\r\n', '"; filename="a.json"\r\nContent-Type: application/json\r\n\r\n')
    assert read(uploaded.encode(), "multipart/form-data; boundary=b") == DOCUMENT


def test_a_multipart_form_without_json_is_an_object_of_its_fields() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nDisk full\r\n--b--\r\n'
    assert read(part, "multipart/form-data; boundary=b") == {"title": "Disk full"}
    for broken in (b"--b--", b"nothing", part[:60]):
        with pytest.raises(UnreadableBody):
            read(broken, "multipart/form-data; boundary=b")
    with pytest.raises(UnreadableBody):
        read(part, "multipart/form-data")


def test_gzip_is_undone() -> None:
    packed = gzip.compress(b"{}") + gzip.compress(b"  ")
    assert inflate(packed, "gzip", limit=4) == b"{}  "
    assert inflate(packed, " X-GZIP ", limit=4) == b"{}  "
    assert inflate(b"{}", "", limit=2) == b"{}"
    assert inflate(b"{}", "identity", limit=2) == b"{}"


def test_a_broken_gzip_or_another_encoding_is_refused() -> None:
    for broken in (gzip.compress(b"{}")[:-4], b"{}", gzip.compress(b"{}") + b"more"):
        with pytest.raises(UnreadableBody, match="gzip"):
            inflate(broken, "gzip", limit=1000)
    with pytest.raises(UnknownFormat, match="br"):
        inflate(b"{}", "br", limit=1000)


def test_the_limit_counts_after_inflating() -> None:
    assert len(inflate(gzip.compress(b" " * 1000), "gzip", limit=1000)) == 1000
    for packed in (gzip.compress(b" " * 1001), gzip.compress(b" " * 600) * 2):
        with pytest.raises(BodyTooLarge, match="1,000"):
            inflate(packed, "gzip", limit=1000)
    with pytest.raises(BodyTooLarge):
        inflate(b" " * 1001, "", limit=1000)


def test_SEC24_a_bomb_is_never_inflated_whole() -> None:
    bomb = gzip.compress(bytes(100 * 1024 * 1024))
    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        inflate(bomb, "gzip", limit=1024 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@given(
    st.binary(max_size=400), st.sampled_from([JSON, FORM, "", "multipart/form-data; boundary=b", "text/plain"])
)
def test_F23_any_bytes_are_read_or_refused(body: bytes, content_type: str) -> None:
    with suppress(UnreadableBody, UnknownFormat):
        assert isinstance(read(body, content_type), dict | list)
