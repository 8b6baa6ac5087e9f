"""`/metrics` in Prometheus's own eyes, and the rules for watching us."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app import clock as app_clock
from app.database import transaction
from app.engine import jobs
from app.paging import health
from app.people import tokens
from tests.support.cast import make_proof
from tests.support.clock import TestClock
from tests.support.world import World

RULES = Path(__file__).parents[2] / "docs" / "prometheus" / "nightbell.rules.yml"


@pytest.fixture
def world(app: APIFlask, clock: TestClock) -> World:
    return World(clock)


def promtool(*words: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run it. Skips, or fails in CI, where Debian's package is not installed."""
    program = shutil.which("promtool")
    if program is None:
        missing = "promtool is not installed (Debian: apt install prometheus)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return subprocess.run(
        [program, *words], input=said, capture_output=True, text=True, check=False, timeout=60
    )


def value(text: str, name: str) -> float:
    found = re.search(rf"^nightbell_{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found is not None, name
    return float(found[1])


def test_what_is_due_open_and_proven_is_counted(client: FlaskClient, world: World) -> None:
    empty = client.get("/metrics").text
    assert value(empty, "engine_seen_timestamp_seconds") == 0
    world.fire()
    world.clock.advance(seconds=7)
    assert value(client.get("/metrics").text, "escalation_lateness_seconds") == 7
    world.tick()
    health.note_round(world.now)
    make_proof(world.now)
    jobs.audit()
    text = client.get("/metrics").text
    assert value(text, 'open_alerts{status="triggered"}') == 1
    assert value(text, "escalation_due") == 0
    assert value(text, "delivery_due") == 1
    assert value(text, 'deliveries_last_hour{result="waiting"}') == 1
    assert value(text, "path_proven_timestamp_seconds") == world.now.timestamp()
    assert value(text, "audited_timestamp_seconds") == world.now.timestamp()
    assert value(text, "schema_is_current") == 1


def test_every_metric_of_the_rules_is_there_and_promtool_takes_both(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    named = set(re.findall(r"\bnightbell_[a-z_]+", RULES.read_text()))
    assert named <= set(re.findall(r"^(nightbell_[a-z_]+)", answer.text, re.MULTILINE))
    read = promtool("check", "metrics", said=answer.text)
    assert (read.returncode, read.stderr) == (0, "")
    ruled = promtool("check", "rules", str(RULES))
    assert ruled.returncode == 0, ruled.stdout + ruled.stderr


def test_the_rules_fire_when_the_engine_falls_silent_and_not_before(tmp_path: Path) -> None:
    story = tmp_path / "story.yml"
    story.write_text(STORY.format(rules=RULES))
    told = promtool("test", "rules", str(story))
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_stranger_reads_no_metrics_and_a_token_that_reads_does(client: FlaskClient, world: World) -> None:
    away = {"REMOTE_ADDR": "203.0.113.9"}
    with transaction():
        _, token = tokens.create(world.cast.root, name="prometheus", scopes=["read"], at=app_clock.now())
    assert client.get("/metrics", environ_overrides=away).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
    assert (
        client.get("/metrics", headers={"Authorization": "Bearer nb_x"}, environ_overrides=away).status_code
        == 401
    )
    allowed = {"Authorization": f"Bearer {token}"}
    assert client.get("/metrics", headers=allowed, environ_overrides=away).status_code == 200


STORY = """
rule_files: ["{rules}"]
evaluation_interval: 30s
tests:
  - interval: 30s
    input_series:
      - series: 'up{{job="nightbell"}}'
        values: '1x20'
      - series: nightbell_engine_seen_timestamp_seconds
        values: '0 30 60 60 60 60 60 60 60 60 60'
    alert_rule_test:
      - eval_time: 2m
        alertname: NightbellEngineNotSeen
      - eval_time: 3m30s
        alertname: NightbellEngineNotSeen
        exp_alerts:
          - exp_labels: {{severity: critical}}
            exp_annotations:
              summary: No engine has worked for a minute
              description: Nobody is paged and nothing escalates until one runs.
"""
