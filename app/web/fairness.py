"""Who carries how much of a schedule: in a sentence, as bars, as a table, and as a file for pay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.fairness import HOUR, FairnessRules, HourKind, Load, Report
from app.domain.interval import Interval
from app.domain.invalid import InvalidField
from app.domain.swap import hours
from app.oncall import fairness
from app.oncall.models import Schedule
from app.people.models import User
from app.people.rights import Act, may, require
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.schedule_calendar import midnight
from app.web.spreadsheet import as_csv
from app.web.toast import toast
from app.web.words import calendar_day, plain, zone_named

blueprint = Blueprint("fairness", __name__, url_prefix="/schedules/<int:number>")

KIND_WORDS = {
    HourKind.DAY: ("Working day", "Mon to Fri, 08:00 to 18:00"),
    HourKind.EVENING: ("Evening", "18:00 to 22:00"),
    HourKind.NIGHT: ("Night", "22:00 to 08:00"),
    HourKind.WEEKEND: ("Weekend", "Sat and Sun, all day"),
    HourKind.HOLIDAY: ("Holiday", "the days below, all day"),
}
LONGEST = timedelta(days=400)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Window:
    """Whole local days: from the first up to and with the last."""

    first: date
    last: date

    def span(self, schedule: Schedule) -> Interval:
        zone = zone_named(schedule.time_zone)
        return Interval(midnight(self.first, zone), midnight(self.last + timedelta(days=1), zone))

    @property
    def words(self) -> str:
        with_year = self.first.year != self.last.year
        return f"{calendar_day(self.first, with_year)} to {calendar_day(self.last, True)}"


@blueprint.get("/fairness")
@needs(Act.SEE_OPERATIONS)
def show(number: int) -> str:
    return _page(_found(number))


@blueprint.post("/fairness")
@needs(Act.SEE_OPERATIONS)
def change_rules(number: int) -> ResponseReturnValue:
    """Weights and holidays as typed; all reports of this schedule follow them."""
    answers = {str(kind): request.form.get(str(kind), "") for kind in HourKind}
    answers["holidays"] = request.form.get("holidays", "")
    try:
        with transaction():
            schedule = _found(number)
            require(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id)
            fairness.change_rules(
                schedule, weights=weights_typed(answers),
                holidays=answers["holidays"].replace(",", " ").split(), by=viewer(), at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(_found(number), answers, problems_of_weights(invalid)), 422
    toast("Kept. The figures follow.")
    return redirect(url_for("fairness.show", number=number), 303)


@blueprint.get("/fairness.csv")
@needs(Act.SEE_OPERATIONS)
def download(number: int) -> Response:
    """One row for each person and kind of hour, with what it weighs; hours behind somebody weigh nothing."""
    schedule = _found(number)
    window = _window(schedule)
    found = fairness.of_schedule(schedule, window.span(schedule))
    people = _people(found.report)
    rows = (
        [
            schedule.name, schedule.time_zone, window.first, window.last, plain(people[load.user_id].name),
            people[load.user_id].email, *cells,
        ]
        for load in found.report.loads
        for cells in _pay(load, found.report.rules)
    )  # fmt: skip
    header = (
        "schedule", "time_zone", "from", "to", "person", "email", "kind_of_hour", "hours", "weight",
        "weighted_hours",
    )  # fmt: skip
    name = f"on-call-{schedule.id}-{window.first}-{window.last}.csv"
    return Response(
        as_csv(header, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _pay(load: Load, rules: FairnessRules) -> Iterator[list[object]]:
    for kind in HourKind:
        held = load.hours[kind] / HOUR
        if held:
            weight = rules.weights[kind]
            yield [str(kind), round(held, 4), weight, round(held * weight, 4)]
    if load.backup:
        yield ["backup", round(load.backup / HOUR, 4), 0, 0]


def _page(
    schedule: Schedule, answers: dict[str, str] | None = None, problems: dict[str, str] | None = None
) -> str:
    window = _window(schedule)
    found = fairness.of_schedule(schedule, window.span(schedule))
    report, rules = found.report, found.report.rules
    people = _people(report)
    kept = dict.fromkeys(map(str, HourKind), "")
    kept |= {str(kind): f"{weight:g}" for kind, weight in fairness.own_weights(schedule.id).items()}
    kept["holidays"] = "\n".join(fairness.typed_holidays(schedule.id))
    return render_template(
        "schedules/fairness.html",
        schedule=schedule, window=window, report=report, people=people, says=_says(report, people),
        windows=_windows(schedule), rules=rules, kinds=KIND_WORDS, answers=answers or kept,
        problems=problems or {}, hours=hours, imported=_imported(schedule, window),
        usual=fairness.usual_weights(),
        most=max((_weight(load, rules) for load in report.loads), default=0),
        may_edit=may(viewer(), Act.EDIT_ON_CALL, team_id=schedule.team_id),
    )  # fmt: skip


def _imported(schedule: Schedule, window: Window) -> list[tuple[str, str]]:
    """The holidays from a calendar in these days, and from today on: day and name."""
    today = clock.now().astimezone(zone_named(schedule.time_zone)).date()
    return [
        (calendar_day(day, True), plain(name))
        for day, name in fairness.imported_holidays(schedule.id).items()
        if window.first <= day <= window.last or day >= today
    ]


def _says(report: Report, people: dict[int, User]) -> str:
    """What the bars show, in one sentence."""
    carried = [load for load in report.loads if load.total]
    if not carried:
        return "Nobody had the pager in these days."
    whole = sum(_weight(load, report.rules) for load in report.loads)
    first, n = report.loads[0], len(report.carriers)
    name = plain(people[first.user_id].name)
    if n == 1 or not whole:
        return f"{name} had all of it."
    share = _weight(first, report.rules) / whole
    if share * n < 1.1:
        return f"All {n} carry about the same."
    most = f"{share * 100:.0f} % of all weighted hours, {share * n:.1f} times an equal share"
    return f"{name} carries most: {most}."


def _weight(load: Load, rules: FairnessRules) -> float:
    return load.weighted(rules)


def _windows(schedule: Schedule) -> list[tuple[str, date, date]]:
    """The spans to choose from: whole days up to yesterday, and ahead from today."""
    today = clock.now().astimezone(zone_named(schedule.time_zone)).date()
    past = [
        (f"{weeks} weeks", today - timedelta(weeks=weeks), today - timedelta(days=1)) for weeks in (4, 13, 52)
    ]
    return [*past, ("Next 13", today, today + timedelta(weeks=13, days=-1))]


def _window(schedule: Schedule) -> Window:
    """The days the address names; what cannot be read, or is too long, is the usual 13 weeks."""
    first, last = _day(request.args.get("from", "")), _day(request.args.get("to", ""))
    if first is None or last is None or not first <= last < first + LONGEST:
        _, first, last = _windows(schedule)[1]
    return Window(first, last)


def _day(typed: str) -> date | None:
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None


def weights_typed(answers: Mapping[str, str]) -> dict[str, object]:
    """The weights of a form; a field left empty has none of its own."""
    return {str(kind): _number(answers[str(kind)]) for kind in HourKind if answers[str(kind)].strip()}


def _number(typed: str) -> object:
    """What was typed as a number; itself where it is none, for the sentence that says so."""
    try:
        return float(typed.strip().replace(",", "."))
    except ValueError:
        return typed


def problems_of_weights(invalid: InvalidField) -> dict[str, str]:
    """The first sentence for each field of the form."""
    found: dict[str, str] = {}
    for pointer, sentence in invalid.errors:
        _, field, rest = pointer.split("/", 2) if pointer.count("/") > 1 else ("", pointer.strip("/"), "")
        found.setdefault(rest if field == "weights" else field, sentence)
    return found


def _people(report: Report) -> dict[int, User]:
    ids = [load.user_id for load in report.loads]
    return {user.id: user for user in db.session.scalars(db.select(User).where(User.id.in_(ids)))}


def _found(number: int) -> Schedule:
    schedule = db.session.get(Schedule, number)
    if schedule is None:
        raise NotFound
    return schedule
