"""Plans of shifts: whom an alert would page when."""

from app.domain.reason import OnCallRole
from app.domain.shift_plan import PlannedShift, paged
from tests.support.oncall import ANA, BO, utc


def test_R1_where_no_primary_is_left_the_backup_has_the_pager() -> None:
    """Bo is behind Ana all week, and she is away on Tuesday."""
    before, after = (
        PlannedShift(utc(start), utc(end), ANA, OnCallRole.PRIMARY)
        for start, end in (("2026-11-09 09:00", "2026-11-10 00:00"), ("2026-11-11 00:00", "2026-11-16 09:00"))
    )
    behind = PlannedShift(utc("2026-11-09 09:00"), utc("2026-11-16 09:00"), BO, OnCallRole.BACKUP)
    tuesday = PlannedShift(utc("2026-11-10 00:00"), utc("2026-11-11 00:00"), BO, OnCallRole.BACKUP)
    assert paged([behind, after, before]) == [before, tuesday, after]
    assert paged([behind]) == [behind]
    assert paged([]) == []
