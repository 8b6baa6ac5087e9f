"""F-29: take each guard out of a copy of the product, and show that its tests go red.

    python -m tests.fault.without_guards [NAME …]

A name is a guard's, or how it begins: R26 for all of that rule.

A test that stays green without its guard is decoration. Prints a line for each guard, and ends with 1 when one
of them was not missed. Slow: a few minutes in all.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINKED = ("static/lib", "node_modules")  # not in the repository, and wanted by some tests


@dataclass(frozen=True)
class Guard:
    """In `file` all of `old` becomes `new`, which `tests` (words for pytest) must notice."""

    name: str
    file: str
    old: str
    new: str
    tests: str


GUARDS = (
    Guard(
        "SKIP LOCKED on deliveries", "app/paging/deliver.py",
        "        .with_for_update(skip_locked=True, of=Delivery)\n", "",
        "tests/paging/test_deliver.py -k F14",
    ),
    Guard(
        "the lease's token is compared", "app/paging/deliver.py",
        '.where(Delivery.id == sa.bindparam("id"), Delivery.lease_token == sa.bindparam("token"))',
        '.where(Delivery.id == sa.bindparam("id"))',
        "tests/paging/test_deliver.py -k F15",
    ),
    Guard(
        "nothing is sent after the lease", "app/paging/deliver.py",
        "if ready is None or lease.is_over(claim.since, LEASE):", "if ready is None:",
        "tests/paging/test_deliver.py -k F18",
    ),
    Guard(
        "the state is read again before sending", "app/paging/deliver.py",
        "    if page.status not in WANTED or delivery.next_attempt_at is None:", "    if False:",
        "tests/paging/test_deliver.py -k INV8",
    ),
    Guard(
        "waiting pages are cancelled by the acknowledgement", "app/alerts/acknowledge.py",
        "    cancel_waiting(Subject.ALERT, alert.id)\n", "",
        "tests/fault/test_F19_race.py",
    ),
    Guard(
        "acknowledgement and step lock the same row", "app/alerts/queries.py",
        "    .order_by(Escalation.alert_id)\n    .with_for_update()\n", "    .order_by(Escalation.alert_id)\n",
        "tests/fault/test_F19_race.py -k queue",
    ),
    Guard(
        "a batch of steps locks what an acknowledgement does", "app/alerts/escalate.py",
        "_IS_DUE)\n    .with_for_update(skip_locked=True)\n", "_IS_DUE)\n",
        "tests/fault/test_F19_race.py -k queue",
    ),
    Guard(
        "a step looks again whether it is due", "app/alerts/escalate.py",
        "    if escalation.next_due_at is None or escalation.next_due_at > at:\n        return\n", "",
        "tests/alerts/test_escalate.py -k another_engine",
    ),
    Guard(
        "a run keeps the policy that it found", "app/alerts/escalate.py",
        "    if escalation.policy is None:\n        taken =", "    if True:\n        taken =",
        "tests/fault/test_F22_model.py",
    ),
    Guard(
        "what comes and goes is held", "app/alerts/escalate.py", "if flaps.holds(", "if False and flaps.holds(",
        "tests/fault/test_F13_flapping.py",
    ),
    Guard(
        "one open alert for a key", "app/migrations/versions/0002_alerts_and_incidents.py",
        "            unique=True,\n", "            unique=False,\n",
        "tests/fault/test_F3_intake.py -k F21",
    ),
    Guard(
        "one page for a place", "app/migrations/versions/0001_people_and_pages.py",
        '        sa.UniqueConstraint("page_key", name=op.f("page_page_key_unique")),\n', "",
        "tests/alerts/test_invariants.py -k INV4_the_database",
    ),
    Guard(
        "what is tried in vain for long is not waited for", "app/paging/deliver.py",
        "        delivery.silent_since = delivery.silent_since or at\n", "        pass\n",
        "tests/fault/test_F8_push_service.py -k F8",
    ),
    Guard(
        "half the threads at most for one host", "app/engine/senders.py", "PER_HOST = 12", "PER_HOST = 24",
        "tests/fault/test_F8_push_service.py -k F9",
    ),
    Guard(
        "an unknown outcome is tried again", "app/domain/retry.py",
        "    return now + wait if now + wait < deadline else None", "    return None",
        "tests/fault/test_F8_push_service.py -k F10",
    ),
    Guard(
        "a device that is gone is removed", "app/paging/deliver.py",
        "                delivery.subscription.removed_at = at\n", "",
        "tests/fault/test_F8_push_service.py -k F11",
    ),
    Guard(
        "a page whose time is over is not sent", "app/paging/deliver.py",
        "    if page.deadline_at <= at:", "    if False:",
        "tests/paging/test_deliver.py -k F17",
    ),
    Guard(
        "an engine outlives its connections", "app/engine/alarm.py",
        "        except psycopg.Error:\n            self._selector.unregister",
        "        except ZeroDivisionError:\n            self._selector.unregister",
        "tests/fault/test_F4_database.py -k F5",
    ),
    Guard(
        "an engine outlives its database", "app/engine/run.py",
        "                except SQLAlchemyError:\n                    log.exception(",
        "                except ZeroDivisionError:\n                    log.exception(",
        "tests/fault/test_F4_database.py -k F4",
    ),
    Guard(
        "an engine stands aside at a newer schema", "app/engine/run.py",
        "        return not self._stands_aside\n", "        return True\n",
        "tests/engine/test_engine.py -k INV25",
    ),
    Guard(
        "what cannot be stored is not accepted", "app/web/intake.py",
        'return refuse(Refused(503, "nothing of this could be stored; send it again"))',
        "return Response(status=202)",
        "tests/fault/test_F3_intake.py -k F6",
    ),
    Guard(
        "a write-ahead log, so that readers hold up no writer", "app/database.py", "journal_mode=WAL",
        "journal_mode=DELETE",
        "tests/fault/test_F3_intake.py -k F7",
    ),
    Guard(
        "what was due long ago is held after a restore", "app/cli/backup.py",
        "            held = restored.hold_overdue(at=clock.now())", "            held = 0",
        "tests/cli/test_database.py -k INV26_restore",
    ),
    Guard(
        "the auditor asks for timers", "app/engine/auditor.py", "    without_timer, overdue,", "    overdue,",
        "tests/engine/test_auditor.py -k F27",
    ),
    Guard(
        "one engine on a SQLite file", "app/engine/run.py", "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH",
        "tests/engine/test_engine.py -k INV19",
    ),
    Guard(
        "R5: an alert that meets a gap goes to the last resort", "app/alerts/escalate.py",
        "                last_resort.page(alert, escalation, turn, at=at)\n", "",
        "tests/alerts/test_escalate.py -k R5_an_alert_that_meets_a_gap",
    ),
    Guard(
        "R5: whoever manages the schedule is told of the gap", "app/alerts/escalate.py",
        "            gap_met.tell(facts[\"targets\"], alert.title, at=at)\n", "            pass\n",
        "tests/alerts/test_escalate.py -k R5_an_alert_that_meets_a_gap",
    ),
    Guard(
        "R26: a swap follows its shift", "app/oncall/swap_edits.py",
        "each.touched.moved if fate is Fate.MOVE else span(swap)", "span(swap)",
        "tests/oncall/test_swap_edits.py -k R26_by_default",
    ),
    Guard(
        "R26: a swap whose shift is gone ends, and both are told", "app/oncall/swap_edits.py",
        "            verbs.cancel(swap, by=by, at=at, because=", "            str(object=",
        "tests/oncall/test_swap_edits.py -k R26_cancelled_with_notice",
    ),
    Guard(
        "R26: who cannot have the moved hours is asked again", "app/oncall/swap_edits.py",
        "if was_effective and swap_answer.stands_against(", "if False and swap_answer.stands_against(",
        "tests/oncall/test_swap_edits.py -k R26_a_taker_who_cannot",
    ),
    Guard(
        "R28: the taker is paged at the next step", "app/alerts/whom.py", "        asked += cover.successors(",
        "        cover.successors(", "tests/alerts/test_cover.py -k R28_what_nobody",
    ),
    Guard(
        "R28: a snooze wakes for whoever has the hours", "app/alerts/snooze.py",
        "    return cover.whoever_covers(", "    return None and cover.whoever_covers(",
        "tests/alerts/test_cover.py -k R28_a_snooze_that_wakes_in_covered",
    ),
)  # fmt: skip


def without(guard: Guard) -> str:
    """What its tests say in a copy that lacks it: their last line."""
    with tempfile.TemporaryDirectory(prefix="nightbell-without-") as place:
        copy = Path(place)
        _copy_to(copy)
        file = copy / guard.file
        text = file.read_text()
        if guard.old not in text:
            return f"NOT THERE: {guard.file} has changed"
        file.write_text(text.replace(guard.old, guard.new))
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *_words(guard.tests)]
        ran = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        lines = ran.stdout.strip().splitlines() or ["it said nothing"]
        why = next((line[1:].strip() for line in lines if line.startswith("E  ")), lines[-1])
        return ("red" if ran.returncode == 1 else f"NOT RED ({ran.returncode})") + f": {why}"


def _copy_to(copy: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    for name in LINKED:
        if (ROOT / name).exists():
            (copy / name).symlink_to((ROOT / name).resolve())


def _words(tests: str) -> list[str]:
    """As a shell would take them apart, where `-k` has the rest."""
    found = re.fullmatch(r"(\S+)(?: -k (.+))?", tests)
    assert found is not None
    return [found[1]] if found[2] is None else [found[1], "-k", found[2]]


def main(wanted: list[str]) -> int:
    missed = 0
    for guard in GUARDS:
        if wanted and not guard.name.startswith(tuple(wanted)):
            continue
        outcome = without(guard)
        missed += not outcome.startswith("red")
        sys.stdout.write(f"{guard.name}\n    {guard.tests}\n    {outcome}\n")
        sys.stdout.flush()
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
