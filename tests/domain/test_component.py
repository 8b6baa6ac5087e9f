"""What a status page says of a component."""

import pytest

from app.domain.component import ComponentState, names_in, state_of
from app.domain.words import IncidentSeverity as S
from app.domain.words import IncidentStatus as I

C = ComponentState


@pytest.mark.parametrize(
    ("incidents", "state"),
    [
        ([], C.WORKING),
        ([(S.SEV1, I.OPEN)], C.OUT),
        ([(S.SEV2, I.IN_PROGRESS)], C.PARTLY_OUT),
        ([(S.SEV4, I.OPEN), (S.SEV3, I.OPEN)], C.AFFECTED),
        ([(S.SEV5, I.OPEN)], C.WORKING),
        ([(S.SEV1, I.MITIGATED)], C.WATCHED),
        ([(S.SEV5, I.MITIGATED)], C.WORKING),
        ([(S.SEV1, I.RESOLVED), (S.SEV1, I.CLOSED)], C.WORKING),
        ([(S.SEV1, I.MITIGATED), (S.SEV3, I.OPEN)], C.AFFECTED),
    ],
)
def test_a_component_is_as_its_worst_open_incident_makes_it(
    incidents: list[tuple[S, I]], state: ComponentState
) -> None:
    assert state_of(incidents) is state


def test_people_and_addresses_are_found_in_a_text_by_whole_words() -> None:
    people = ["Ada", "Ben Okri", ""]
    assert names_in("Ask Ada, or ben@shop.example.", people) == ["Ada", "ben@shop.example"]
    assert names_in("Ben Okri's Adapter is out.", people) == ["Ben Okri"]
    assert names_in("The adapter is out at 14 % @ 03:10.", people) == []
