"""Which numbers a test runs with: the small ones of the check, or the plan's large ones (bin/fault)."""

import os

IS_FULL = os.environ.get("NIGHTBELL_FAULT_LANE") == "full"
