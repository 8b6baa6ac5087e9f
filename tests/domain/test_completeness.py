"""The checklist of a team: done, or what is missing and what that means meanwhile."""

from dataclasses import replace

import pytest

from app.domain.completeness import Part, TeamFacts, checklist, missing

WHOLE = TeamFacts(
    has_manager=True, members=2, without_device=(), schedules=1, nobody_now=(), in_no_shift=(), policies=1,
    services=1, without_policy=(),
)  # fmt: skip


def test_a_team_that_has_everything_misses_nothing() -> None:
    items = checklist(WHOLE)
    assert [item.part for item in items] == list(Part)
    assert missing(items) == ()


@pytest.mark.parametrize(
    ("change", "part", "says"),
    [
        ({"has_manager": False}, Part.MANAGER, "all administrators are its last resort"),
        ({"members": 1}, Part.MEMBERS, "nobody is behind them"),
        ({"members": 0}, Part.MEMBERS, "Nobody belongs to it."),
        ({"without_device": ("Ada", "Ben")}, Part.DEVICES, "Ada and Ben have no device"),
        ({"schedules": 0}, Part.SCHEDULE, "nobody is on call for it"),
        ({"nobody_now": ("Nights",)}, Part.SCHEDULE, "Nobody is on call now on Nights."),
        ({"in_no_shift": ("Ben",)}, Part.IN_A_SHIFT, "Ben is in no shift."),
        ({"policies": 0}, Part.POLICY, "the last resort at once"),
        ({"services": 0}, Part.SERVICE, "no alert is its own"),
        ({"without_policy": ("api",)}, Part.SERVICE, "api has no policy"),
    ],
)
def test_each_missing_piece_says_what_happens_meanwhile(
    change: dict[str, object], part: Part, says: str
) -> None:
    (item,) = missing(checklist(replace(WHOLE, **change)))  # type: ignore[arg-type]
    assert item.part is part
    assert says in item.says


def test_nobody_is_missing_from_the_shifts_of_a_team_without_any() -> None:
    items = missing(checklist(replace(WHOLE, schedules=0, in_no_shift=("Ada",))))
    assert [item.part for item in items] == [Part.SCHEDULE]
