"""Figures as a person reads them: a table each, beside what we promise."""

from collections.abc import Iterable
from typing import Any

from bench import peer_table, search, storm
from bench.measures import LIMITS, SHARE_OF_BARE, Figures
from bench.peer_table import Row


def rows(measure: str, database: str, found: Figures) -> Iterable[Row]:
    """(what, figure, promised, held) for one measure on one database."""
    match measure:
        case "pages":
            yield _limit(f"accepted → push, p50, {database}", found["p50_ms"], LIMITS["pages_p50_ms"], "ms")
            yield _limit(f"accepted → push, p99, {database}", found["p99_ms"], LIMITS["pages_p99_ms"], "ms")
            yield (f"accepted → push, longest of {found['alerts']}", f"{found['longest_ms']:.1f} ms", "", "")
        case "search":
            words = f"search of {found['incidents']:,} incidents, {database}"
            yield (f"{words}, p50", f"{found['p50_ms']:.0f} ms", "", "")
            yield _limit(f"{words}, p95 of {found['looks']}", found["p95_ms"], search.LIMIT_MS, "ms")
            yield (f"{words}, longest", f"{found['longest_ms']:.0f} ms", "", "")
        case "intake":
            for name, words in _INTAKE.items():
                yield (f"{words}, {database}", _load(found[name]), "", "")
            aim = SHARE_OF_BARE[database]
            held = "yes" if found["share_of_bare"] >= aim else "not yet"  # what we aim for, not what we promise
            yield (
                f"intake beside the bare route, {database}",
                f"1/{1 / found['share_of_bare']:.1f}",
                f"aim 1/{1 / aim:.0f}",
                held,
            )
        case "engine":
            yield from _engine(database, found)
        case "oncall":
            for name, words, floor, goal in _ON_CALL_RATES:
                yield _rate(words, found[name], floor, goal)
            for name, words, most in _ON_CALL_TIMES:
                yield _limit(words, found[name], most, "ms")
            share = found["bare_per_second"] / found["per_second"]
            answers = f"{found['per_second']:,.0f}/s, bare route {found['bare_per_second']:,.0f}/s"
            yield (f"GET /api/v1/oncall, one connection, {database}", f"{answers}: 1/{share:.1f}", "", "")
            cost = f"{found['cpu_ms']:.2f} ms, bare route {found['bare_cpu_ms']:.2f} ms"
            share = found["cpu_ms"] / found["bare_cpu_ms"]
            yield (f"  processor time of one, {database}", f"{cost}: {share:.1f} times", "", "")
        case "start":
            yield _limit("nightbell web, start to first answer", found["seconds"], 1, "s")
            yield ("nightbell web, processor time of that", f"{found['cpu_seconds']:.2f} s", "", "")
            yield _limit("nightbell web, idle", found["idle_mb"], 120, "MB")
            yield ("nightbell web, after a look at Trends", f"{found['after_trends_mb']:.0f} MB", "", "")
        case "numbers":
            yield from _numbers(found)
        case "trends":
            yield from _trends(found)
        case "strangers":
            words = f"wrong password, somebody’s and nobody’s, n = {found['n']} each"
            times = f"{found['known_ms']:.0f} and {found['nobody_ms']:.0f} ms, p = {found['p']:.2f}"
            near = abs(found["ratio"] - 1) <= 0.1 and found["p"] > 0.01
            yield (words, times, "aim 10 %", "yes" if near else "not yet")
        case "screens":
            yield from _screens(database, found)
        case "first_paint":
            words = (
                f"incident with {found['entries']:,} entries, first paint, processor ÷ 4, n = {found['loads']}"
            )
            yield _limit(words, found["median_ms"], LIMITS["first_paint_ms"], "ms")
            yield (
                "  the slowest of them",
                f"{found['longest_ms']:.0f} ms, {found['shown']} entries shown",
                "",
                "",
            )
        case "peers":
            yield from peer_table.rows(database, found)
        case "burst":
            yield from peer_table.burst(database, found)
        case "storm":
            yield from _storm(database, found)
        case "doors":
            for name, words in _DOORS.items():
                here = found[name]
                answer = (
                    f"accepted in p50 {here['accepted_p50_ms']:.0f} ms, p99 {here['accepted_p99_ms']:.0f} ms"
                )
                yield (f"{words}, {database}", f"{answer}, n = {here['alerts']}", "", "")
                yield _limit("  then pushed, p99", here["p99_ms"], LIMITS["crowd_p99_ms"], "ms")
            crowd = f"{found['let_in']} let in, {found['told_to_wait']} told to wait, {found['other']} other"
            yield ("  those fifty meanwhile", crowd, "", "")
        case "memory":
            parts = f"web {found['web']:.0f} + engine {found['engine']:.0f}"
            words = f"{parts}, after {found['alerts']:,} alerts, {database}"
            yield _limit(words, found["together"], LIMITS["memory_mb"], "MB")
        case "sizes":
            yield _limit(
                f"JavaScript of Now, {found['js_files']} files, compressed",
                found["js_kb"],
                LIMITS["now_js_kb"],
                "KB",
            )
            yield (
                "HTML and CSS of Now, compressed",
                f"{found['html_kb']:.1f} KB, {found['css_kb']:.1f} KB",
                "",
                "",
            )
            yield (
                "plotly on Now",
                "yes" if found["plotly"] else "no",
                "no",
                "NO" if found["plotly"] else "yes",
            )


def _engine(database: str, found: Figures) -> Iterable[Row]:
    arrived = f"{found['paced_arrived']} of {found['paced']}"
    words = f"alert → push at 50/s, p50, {arrived}, {database}"
    if database == "sqlite":
        yield _aim(f"G9: {words}", found["paced_p50_ms"], 20, 6)
        yield _aim("G9: the same, p99", found["paced_p99_ms"], 80, 20)
    else:
        yield (words, f"{found['paced_p50_ms']:.1f} ms, p99 {found['paced_p99_ms']:.1f} ms", "", "")
    steps = f"G12: {found['timers']} steps due at once, {found['timers_cpu_ms']:.1f} ms cpu each, {database}"
    yield _rate(steps, found["timers_per_second"], *_TIMERS[database])
    words = f"P-7, G12: lateness of {found['due']:,} steps at 100 a second, p99, {database}"
    late = found["late_p99_s"]
    yield (words, f"{late:.2f} s, p50 {found['late_p50_s']:.2f} s", "≤ 3 s, aim 0.3 s",
           "NO" if late > 3 else "yes" if late <= 0.3 else "floor" if late <= 2 else "not yet")  # fmt: skip
    share = found["idle_share"]
    words = f"G12: an engine with {found['open']:,} alerts open and nothing due, {database}"
    yield (words, f"{share:.1%} of a core", "aim 0.3 %",
           "yes" if share <= 0.003 else "floor" if share <= 0.02 else "not yet")  # fmt: skip
    beside = (
        f"G11: sends of one process, {found['pywebpush_per_second']:,.0f}/s by pywebpush itself, {database}"
    )
    yield (
        beside, f"{found['sends_per_second']:,.0f}/s: {found['sends_ratio']:.1f} x", "aim 5 x",
        "yes" if found["sends_ratio"] >= 5 else "floor" if found["sends_ratio"] >= 2 else "not yet",
    )  # fmt: skip
    yield _rate(f"G11: to a push service that takes 50 ms, {database}", found["sends_at_50_ms"], 200, 1000)


def _aim(what: str, found: float, floor: float, goal: float) -> Row:
    """Milliseconds: smaller is better."""
    held = "yes" if found <= goal else "floor" if found <= floor else "not yet"
    return (what, f"{found:.1f} ms", f"aim {goal:g} ms", held)


def _storm(database: str, found: Figures) -> Iterable[Row]:
    sent = f"{found['accepted']:,} accepted, {found['told_to_wait']:,} told to wait, {found['other']} other"
    lost = found["lost"] + found["left"] + found["other"]
    yield (f"F-12: one key fires 10,000 alerts in 60 s, {database}", sent, "0 lost", "NO" if lost else "yes")
    yield ("  every page of it on its way, after the storm", f"{found['drained_in_s']:.0f} s", "", "")
    arrived = f"{found['neighbours_arrived']} of {found['neighbours']}"
    yield (f"  other teams, accepted → push, p50, {arrived}", f"{found['neighbours_p50_ms']:.0f} ms", "", "")
    yield _limit("  the same, p99", found["neighbours_p99_ms"], LIMITS["crowd_p99_ms"], "ms")
    most = found["messages_in_s"] / storm.GAP + 1.5  # the last may be on its way when the next begins
    apart = f"{found['messages']} messages in {found['messages_in_s']:.0f} s"
    yield ("  the phone that it rings", apart, "1 in 10 s", "yes" if found["messages"] <= most else "NO")
    yield _limit(f"  Now meanwhile, p95, n = {found['now_n']}", found["now_p95_ms"], 1000, "ms")
    yield _limit("  web and engine, most of both", found["together_mb"], 600, "MB")


def _screens(database: str, found: Figures) -> Iterable[Row]:
    words = f"a change on {found['screens']} open screens, p95 of {found['changes']} changes, {database}"
    yield _limit(words, found["p95_s"], LIMITS["screens_p95_s"], "s")
    arrived = f"{found['arrived']:,} of {found['screens'] * found['changes']:,}, p50 {found['p50_s']:.1f} s"
    held = "yes" if found["arrived"] == found["screens"] * found["changes"] and not found["failed"] else "NO"
    yield ("  those that showed it", arrived, "all", held)
    cost = (
        f"{found['looks_per_second']:.0f} looks/s, {found['fetches']:,} pages, web at {found['web_share']:.0%}"
    )
    yield ("  meanwhile", f"{cost} of a core, longest {found['longest_s']:.1f} s", "", "")


def _numbers(found: Figures) -> Iterable[Row]:
    for name, words, floor, goal in _BESIDE_DUCKDB:
        ours, theirs = found["duckdb"][name]["ours"], found["duckdb"][name]["duckdb"]
        share = ours / theirs
        held = "yes" if share <= goal else "floor" if share <= floor else "not yet"
        yield (words, f"{ours:,.0f} ms, DuckDB {theirs:,.0f} ms", f"aim {goal:.2g} of DuckDB’s", held)
    page = found["page"]
    held = "yes" if page["seconds"] <= 0.3 else "floor" if page["seconds"] <= 1.5 else "not yet"
    spent = (
        f"{page['seconds']:.1f} s, of the processor {page['cpu_seconds']:.1f} s, peak {page['peak_mb']:,.0f} MB"
    )
    yield ("G16: Response of 1 M incidents, rows at hand", spent, "aim 0.3 s", held)
    many, lifelines = found["many"], found["lifelines"]
    yield _limit("weekly quantiles of 10 M rows of Parquet, peak", many["peak_mb"], 1000, "MB")
    yield ("  and how long they take", f"{many['seconds']:.1f} s", "", "")
    if "why" in lifelines:
        yield ("Kaplan-Meier of 1 M distinct times", f"{lifelines['ours']:,.0f} ms; {lifelines['why']}", "", "")
    else:
        times = lifelines["lifelines"] / lifelines["ours"]
        held = "yes" if times >= 5 else "floor" if times >= 2 else "not yet"
        figures = f"{lifelines['ours']:,.0f} ms, lifelines {lifelines['lifelines']:,.0f} ms"
        yield (
            "Kaplan-Meier of 1 M distinct times",
            f"{figures}, {lifelines['apart']:.0e} apart",
            "aim 5x",
            held,
        )
    yield _limit("all notebooks on the sample", found["notebooks_seconds"], 180, "s")


def _trends(found: Figures) -> Iterable[Row]:
    for address, taken in found["pages"].items():
        yield _limit(f"{address}, 1 M alerts, server", taken["slowest_ms"], 200, "ms")
        yield _limit("  its first look, answered or said to be in work", taken["first_ms"], 200, "ms")
    yield _limit("its heaviest figure", found["heaviest_kb"], 50, "kB")
    yield ("making all of them again", f"{found['renewed']} in {found['renewed_seconds']:.0f} s", "", "")


def table(lines: list[Row]) -> str:
    """Columns as wide as what stands in them."""
    head: Row = ("", "measured", "promised", "held")
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *lines]
    )


# what, floor and goal as a share of DuckDB's time
_BESIDE_DUCKDB = (
    ("percentiles", "quantiles by week and service of 1 M incidents", 3, 1.5),
    ("trend", "1 M incidents by week", 1, 1 / 5),
    ("hours", "1 M incidents by hour and weekday", 1, 1 / 15),
)
_TIMERS = {"sqlite": (5_000, 25_000), "postgresql": (3_000, 12_000)}  # floor and goal
# what, floor and goal
_ON_CALL_RATES = (
    ("random_per_second", "who is on call, at random moments, a core", 30_000, 150_000),
    ("minutes_per_second", "who is on call, minute by minute, a core", 30_000, 150_000),
)
_ON_CALL_TIMES = (
    ("preview_ms", "shifts of 200 schedules over 90 days", 270),
    ("difference_ms", "difference of 200 edits over 90 days", 1000),
    ("proof_ms", "proof of 6 layers, 20 people, 500 overrides over 800 days", 1000),
    ("year_ms", "a year of that schedule’s calendar", 100),
)
_DOORS = {"alone": "alerts one by one", "beside": "alerts beside fifty sign-ins"}
_INTAKE = {
    "bare": "bare Flask route",
    "alone": "new alerts, engine still",
    "paging": "new alerts, engine paging for each",
}


def _limit(what: str, found: float, most: float, unit: str) -> Row:
    return (what, f"{found:.1f} {unit}", f"≤ {most:g} {unit}", "yes" if found <= most else "NO")


def _rate(what: str, found: float, floor: float, goal: float) -> Row:
    held = "yes" if found >= goal else "floor" if found >= floor else "not yet"
    return (what, f"{found:,.0f}/s", f"aim {goal:,.0f}/s", held)


def _load(found: dict[str, Any]) -> str:
    engine = f" + engine {found['engine_cpu_ms']:.2f}" if "engine_cpu_ms" in found else ""
    return (
        f"{found['per_second']:,.0f}/s, cpu {found['cpu_ms']:.2f}{engine} ms each,"
        f" p50 {found['p50_ms']:.1f} ms, p99 {found['p99_ms']:.1f} ms"
    )
