"""How many examples a property is tried on: 300 in the check, 5,000 in bin/fault."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = 5000 if os.environ.get("NIGHTBELL_FAULT_LANE") == "full" else 300
patiently = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
