"""The Decide card: the round that runs, what waits for the commander, and what was tried."""

from dataclasses import dataclass

from app.domain.decide import Standing, next_step
from app.domain.words import FixKind, OptionState, Outcome, Risk
from app.incidents import decide
from app.incidents.models import FixOption, Incident
from app.people.models import User
from app.web.words import hour, plain

RISK = {Risk.LOW: ("Low risk", "ok"), Risk.MEDIUM: ("Medium risk", "warn"), Risk.HIGH: ("High risk", "danger")}
KIND = {FixKind.MITIGATION: "short-term fix", FixKind.PERMANENT: "permanent fix"}
OUTCOME = {
    Outcome.WORKED: ("worked", "check", "ok"), Outcome.HELPED: ("helped", "check", "ok"),
    Outcome.NO_EFFECT: ("no effect", "cross", "warn"), Outcome.WORSE: ("made things worse", "cross", "danger"),
}  # fmt: skip
OUTCOMES = [(outcome, words.capitalize()) for outcome, (words, _, _) in OUTCOME.items()]


@dataclass(frozen=True)
class OptionView:
    number: int
    state: OptionState
    what: str
    risk: str
    risk_mood: str
    kind: str
    says: str
    facts: str
    icon: str
    mood: str
    may_withdraw: bool


@dataclass(frozen=True)
class DecideView:
    """`who_decides` is None while the viewer commands: then there are buttons instead of a sentence."""

    title: str
    waits: str
    prompt: str
    who_decides: str | None
    live: list[OptionView]  # to decide, to begin, being done
    past: list[OptionView]
    symptoms: list[tuple[str, str]]
    risks: list[tuple[Risk, str]]
    kinds: list[tuple[FixKind, str]]
    outcomes: list[tuple[Outcome, str]]


LIVE = (OptionState.DOING, OptionState.APPROVED, OptionState.PROPOSED)


def decide_view(incident: Incident, viewer: User, *, is_update_due: bool = False) -> DecideView:
    options, symptoms, last = decide.options(incident), decide.symptoms(incident), decide.last_round(incident)
    count = {state: sum(each.state is state for each in options) for state in OptionState}
    is_running = last is not None and last.closed_at is None
    number = 1 if last is None else last.number if is_running else last.number + 1
    standing = Standing(
        symptoms=sum(each.cycle.number == number for each in symptoms), waiting=count[OptionState.PROPOSED],
        approved=count[OptionState.APPROVED], doing=count[OptionState.DOING], is_update_due=is_update_due,
    )  # fmt: skip
    leads = incident.commander
    mine = leads is not None and leads.id == viewer.id
    waiting = count[OptionState.PROPOSED]
    shown = [_option(each, incident, viewer) for each in options]
    return DecideView(
        title=f"Round {number}: what do we try?",
        waits=(f"{waiting} waits for you" if mine else f"{waiting} to decide") if waiting else "",
        prompt=next_step(standing) if mine and incident.is_open else "",
        who_decides=None if mine else f"{plain(leads.name)} decides" if leads else "Nobody leads yet",
        live=sorted((o for o in shown if o.state in LIVE), key=lambda o: (LIVE.index(o.state), o.number)),
        past=[o for o in reversed(shown) if o.state not in LIVE],
        symptoms=[
            (plain(each.text), f"{plain(each.seen_by.name)}, {hour(each.at)} · round {each.cycle.number}")
            for each in reversed(symptoms)
        ],
        risks=[(risk, words) for risk, (words, _) in RISK.items()],
        kinds=[(kind, words.capitalize()) for kind, words in KIND.items()],
        outcomes=OUTCOMES,
    )  # fmt: skip


def _option(option: FixOption, incident: Incident, viewer: User) -> OptionView:
    risk, mood = RISK[option.risk]
    facts, sign, sign_mood = _stands(option)
    return OptionView(
        number=option.id, state=option.state, what=plain(option.what), risk=risk, risk_mood=mood,
        kind=KIND[option.kind], says=_says(option), facts=facts, icon=sign, mood=sign_mood,
        may_withdraw=viewer.id in (option.proposed_by_id, incident.commander_id),
    )  # fmt: skip


def _says(option: FixOption) -> str:
    takes = f"Takes {option.takes_minutes} min, " if option.takes_minutes else ""
    undone = "can be undone" if option.can_be_undone else "cannot be undone"
    sentences = [
        plain(option.rationale).rstrip("."), plain(option.effect).rstrip("."), (takes + undone).capitalize(),
    ]  # fmt: skip
    told = ". ".join(filter(None, sentences))
    return f"{told}. {plain(option.proposed_by.name)}, {hour(option.proposed_at)}"


def _stands(option: FixOption) -> tuple[str, str, str]:
    """In one line how it stands, with its icon and mood."""
    risk = RISK[option.risk][0]
    match option.state:
        case OptionState.DECLINED:
            why = f", {plain(option.decided_because)}" if option.decided_because else ""
            at = hour(option.decided_at) if option.decided_at else ""
            return f"{risk} · declined {at}{why}", "cross", "danger"
        case OptionState.WITHDRAWN:
            return f"{risk} · withdrawn", "cross", ""
        case OptionState.DONE if option.outcome is not None and option.begun_at is not None:
            words, sign, mood = OUTCOME[option.outcome]
            result = f": {plain(option.result)}" if option.result else ""
            bypass = " without approval" if option.bypass_reason else ""
            when = f"tried {hour(option.begun_at)}{bypass}"
            tried = f"Round {option.cycle.number} · {KIND[option.kind]}, {when}, {words}{result}"
            return tried, sign, mood
        case OptionState.DOING:
            who = plain(option.begun_by.name) if option.begun_by else ""
            bypass = " without approval" if option.bypass_reason else ""
            since = hour(option.begun_at) if option.begun_at else ""
            return f"{who} is doing it since {since}{bypass}", "pulse", "accent"
        case OptionState.APPROVED:
            who = plain(option.decided_by.name) if option.decided_by else ""
            return f"{who} approved, {hour(option.decided_at) if option.decided_at else ''}", "check", "ok"
        case _:
            return "Not decided yet", "clock", ""
