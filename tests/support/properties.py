"""How many examples a property is tried on: 300 in the check, always the same; 5,000 new ones in bin/fault."""

from hypothesis import HealthCheck, settings

from tests.support.lane import IS_FULL

EXAMPLES = 5000 if IS_FULL else 300
patiently = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not IS_FULL,
    suppress_health_check=[HealthCheck.too_slow],
)
