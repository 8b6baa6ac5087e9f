"""Text that strangers sent, made safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Disk 97% on db-1", "Disk 97% on db-1"),
        ("two\nlines\r\nor three", "two lines or three"),
        ("  tab\there ", "tab here"),
        ("nul\x00 and \ud800 surrogate", "nul  and \ufffd surrogate"),
        ("a\u2028b\u0085c", "a b c"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("خطای پرداخت 🔥", "خطای پرداخت 🔥"),
        ("می\u200cخواهم 👩\u200d🚒", "می\u200cخواهم 👩\u200d🚒"),
        ("{{ not a template }} <script>", "{{ not a template }} <script>"),
        ("\u200b\u2060", ""),
        ("x" * 2000, "x" * 1024),
        ("ü" * 2000, "ü" * 1024),
    ],
)
def test_SEC20_a_title_is_one_safe_line(sent: str, kept: str) -> None:
    assert text.one_line(sent) == kept


def test_prose_keeps_its_lines() -> None:
    assert text.prose("one\r\n\ttwo\x07\x00\rthree\n") == "one\n\ttwo \nthree"


@pytest.mark.parametrize("nothing", [None, "", "  ", "None", "null", "undefined", "\u200b"])
def test_a_title_is_never_empty_nor_the_word_for_nothing(nothing: str | None) -> None:
    assert text.title(nothing, otherwise="Alert from Nagios") == "Alert from Nagios"
    assert text.title(nothing, "second", otherwise="third") == "second"
    assert text.title(nothing, otherwise="") == "Alert without a title"


def test_the_first_line_that_says_something() -> None:
    assert text.first_line("\n  \n Something terrible. \nMore") == "Something terrible."
    assert text.first_line("\n") == ""


def test_a_key_is_kept_as_it_is_and_a_blank_one_is_none() -> None:
    assert text.key("کلید-۱") == "کلید-۱"
    assert text.key("0") == "0"
    assert text.key(" \t") is None
    assert text.key("a\x00b") == "a\ufffdb"


def test_two_long_keys_with_one_beginning_stay_two_keys() -> None:
    first, second = text.key("x" * 400 + "1"), text.key("x" * 400 + "2")
    assert first != second
    assert {len(first or ""), len(second or "")} == {255}
    assert text.key("x" * 400 + "1") == first


@given(st.text(alphabet=st.characters(codec=None)))
def test_SEC20_whatever_is_sent_can_be_stored_and_drawn(sent: str) -> None:
    for kept in (text.one_line(sent), text.prose(sent), text.key(sent) or "", text.title(sent, otherwise="?")):
        assert "\x00" not in kept
        kept.encode()
    assert len(text.one_line(sent).splitlines()) <= 1
