"""What `nightbell web` carries at its start: large libraries come with the first request that needs them."""

import subprocess
import sys

RARELY = (
    "pandas", "numpy", "plotly", "scipy", "statsmodels", "duckdb", "pyarrow",  # Trends
    "pydantic", "apiflask", "marshmallow", "app.web.api.nouns", "app.web.serialize",  # programs
    "webauthn", "OpenSSL", "authlib", "joserfc", "segno",  # ways in
    "icalendar", "recurring_ical_events",  # calendars
    "requests", "urllib3", "aiohttp", "pywebpush",  # whatever goes out; the engine sends
    "alembic", "nbclient", "papermill", "ibis", "procrastinate",
)  # fmt: skip


def test_the_web_process_starts_without_what_few_requests_need():
    asked = (
        "import sys, app.cli.serve, app.cli.server, app.web;"
        f" print(*sorted(set({RARELY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
