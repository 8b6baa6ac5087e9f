"""G1 to G8 and G10 as a person reads them: our figure, theirs, the floor and the goal."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.measures import Figures

Row = tuple[str, str, str, str]
WEBHOOKS_OF_ONCALL = 20  # alert groups a second that grafana/oncall made on two such cores, recorded 2026-11-23


@dataclass(frozen=True)
class Aim:
    """Below `floor` it is a failure, `goal` is where it is to go."""

    floor: float
    goal: float

    def held(self, found: float, *, less: bool = False) -> str:
        sign = -1 if less else 1
        if sign * found >= sign * self.goal:
            return "yes"
        return "floor" if sign * found >= sign * self.floor else "not yet"


NEW = {
    "postgresql": ("G1", Aim(4, 8), 2.5),
    "sqlite": ("G2", Aim(8, 18), 1.0),
}  # and the goal in ms of processor
DUPLICATES = {"postgresql": Aim(6, 10), "sqlite": Aim(12, 22)}
BATCHES = Aim(3, 5)
P99 = {"postgresql": Aim(80, 45), "sqlite": Aim(50, 20)}
P99_PACED = Aim(15, 8)
ACKNOWLEDGED, GROWTH = Aim(25, 60), Aim(1.5, 1.1)
LISTED, LISTED_P99 = Aim(20, 50), Aim(40, 15)
WEBHOOKS = Aim(15, 40)
FIRST_PAGE = Aim(2000, 250)


def rows(database: str, found: Figures) -> Iterable[Row]:
    """(what, figure, floor and goal, held)"""
    if "why" in found:
        yield (f"beside alerta-server, {database}", found["why"], "", "")
        return
    new, dup, paced, batches = (found[name] for name in ("new", "duplicates", "paced", "batches"))
    name, aim, most = NEW[database]
    yield _ratio(f"{name}: new alerts, 16 senders, {database}", new, aim)
    cpu = new["ours"]["cpu_ms"]
    yield (f"  {name}: processor time of one", f"{cpu:.2f} ms", f"goal {most:g} ms", _met(cpu <= most))
    yield _ratio(f"G3: duplicates of 1,000 keys, {database}", dup, DUPLICATES[database])
    yield (
        f"G4: alerts/s, ten to a POST over one, {database}",
        f"{batches['alerts_per_second']:,.0f} over {batches['one_per_second']:,.0f}: {batches['ratio']:.1f} x",
        *_times(BATCHES, batches["ratio"]),
    )
    yield _ms(f"G5: new alerts, 16 senders, p99, {database}", new["ours"]["p99_ms"], P99[database])
    yield _ms(f"G5: the same at 100/s, p99, {database}", paced["p99_ms"], P99_PACED)
    stored = f"{found['stored']:,} open"
    yield _ratio(f"G6: acknowledge one of {stored}, {database}", found["acknowledged"], ACKNOWLEDGED)
    growth = found["acknowledged_growth"]
    yield (
        f"  G6: its p50 over that at 1,000 open, {found['acknowledged_few_p50_ms']:.1f} ms",
        f"{growth:.2f} x", f"floor {GROWTH.floor:g}, goal {GROWTH.goal:g}", GROWTH.held(growth, less=True),
    )  # fmt: skip
    yield _ratio(f"G7: first 50 of {stored}, 4 at once, {database}", found["listed"], LISTED)
    yield _ms(f"  G7: the same, p99, {database}", found["listed"]["ours"]["p99_ms"], LISTED_P99)
    webhooks = found["webhooks"]
    times = webhooks["per_second"] / WEBHOOKS_OF_ONCALL
    yield (
        f"G8: Alertmanager’s webhook → alert on disk, engine paging, {database}",
        f"{webhooks['per_second']:,.0f}/s beside {WEBHOOKS_OF_ONCALL}/s recorded: {times:.1f} x",
        *_times(WEBHOOKS, times),
    )
    failed = sum(found[each]["ours"]["failed"] for each in ("new", "duplicates", "acknowledged", "listed"))
    failed += paced["failed"] + batches["failed"] + webhooks["failed"]
    yield ("  requests of ours that were not answered 2xx", f"{failed:,.0f}", "0", _met(failed == 0))


def burst(database: str, found: Figures) -> Iterable[Row]:
    n = f"n = {found['neighbours_arrived']} of {found['neighbours']}"
    words = f"G10: 2,000 alerts in 10 s, first page of another service’s, p99, {n}, {database}"
    yield _ms(words, found["neighbours_p99_ms"], FIRST_PAGE)
    lost = found["lost"] + found["left"] + found["other"]
    yield (f"  lost of {found['accepted']:,} accepted", str(lost), "0", "NO" if lost else "yes")
    if killed := found.get("killed"):
        lost = killed["lost"] + killed["left"] + killed["unsent"]
        words = f"  the engine killed meanwhile (-9), lost of {killed['accepted']:,}"
        yield (words, str(lost), "0", "NO" if lost else "yes")


def _ratio(what: str, pair: Figures, aim: Aim) -> Row:
    ours, theirs = pair["ours"], pair["theirs"]
    said = (
        f"{ours['per_second']:,.0f}/s ({ours['cpu_ms']:.2f} ms cpu), Alerta {theirs['per_second']:,.0f}/s"
        f" ({theirs['cpu_ms']:.1f} ms): {pair['ratio']:.1f} x"
        f" ({pair['ratio_from']:.1f} to {pair['ratio_to']:.1f})"
    )
    return (what, said, *_times(aim, pair["ratio"]))


def _times(aim: Aim, found: float) -> tuple[str, str]:
    return (f"floor {aim.floor:g} x, goal {aim.goal:g} x", aim.held(found))


def _ms(what: str, found: float, aim: Aim) -> Row:
    return (what, f"{found:.1f} ms", f"floor {aim.floor:g}, goal {aim.goal:g} ms", aim.held(found, less=True))


def _met(holds: bool) -> str:
    return "yes" if holds else "not yet"
