"""Where people meet: patterns of addresses, and what is refused."""

import pytest

from app.domain.invalid import InvalidField
from app.domain.war_room import Pattern, address, channel_name, parse, to_json
from app.domain.words import RoomProvider, RoomUse


def test_an_address_is_filled_from_the_incident() -> None:
    pattern = Pattern(RoomProvider.JITSI, "https://meet.jit.si/inc-{number}-{title}-{severity}-{secret}")
    filled = address(pattern, number=7, severity="sev1", title="Checkout: Größe & <b>", secret="f00d")
    assert filled == "https://meet.jit.si/inc-7-checkout-gr-e-b-sev1-f00d"


def test_a_channels_name_is_one_that_slack_takes() -> None:
    assert channel_name(12, "Checkout errors at 14 %") == "inc-12-checkout-errors-at-14"
    assert channel_name(12, "💥") == "inc-12-incident"
    assert len(channel_name(12, "x" * 300)) <= 80


def test_a_template_reads_back_as_it_was_written() -> None:
    said = {"chat_provider": "slack", "chat_address": "", "call_provider": "zoom",
            "call_address": "https://zoom.us/j/1", "fallback": "+44 20 7946 0000"}  # fmt: skip
    assert to_json(parse(said)) == said
    assert parse({}).is_empty


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"chat_provider": "zoom"}, "/chat_provider"),
        ({"chat_provider": "teams"}, "/chat_address"),
        ({"call_provider": "meet", "call_address": "http://meet.google.com/x"}, "/call_address"),
        ({"call_provider": "meet", "call_address": "javascript:alert(1)"}, "/call_address"),
        ({"call_provider": "meet", "call_address": "https://u:p@meet.google.com/x"}, "/call_address"),
        ({"call_provider": "meet", "call_address": "https://meet.google.com/{token}"}, "/call_address"),
        ({"call_provider": "meet", "call_address": "https://x.example/" + "x" * 1000}, "/call_address"),
    ],
)
def test_what_leads_nowhere_or_elsewhere_is_refused(wrong: dict[str, str], pointer: str) -> None:
    with pytest.raises(InvalidField) as refused:
        parse(wrong)
    assert [where for where, _ in refused.value.errors] == [pointer]
    assert RoomUse(pointer[1:5]) in RoomUse
