"""Write a part of a postmortem: saved at every pause, seen as it will read, with all its versions."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.database import transaction
from app.domain import postmortem as rules
from app.domain.invalid import InvalidField
from app.domain.words import PostmortemPart, PostmortemState
from app.learning import queries, write
from app.learning.models import Postmortem
from app.people.rights import Act
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.form import as_number, problems_of
from app.web.markdown import markdown
from app.web.postmortems import done, found, locked
from app.web.sentences import when
from app.web.words import plain

blueprint = Blueprint("postmortem_parts", __name__)

SHOWN = 100  # versions


@blueprint.get("/postmortems/<int:number>/parts/<part>")
@needs(Act.SEE_OPERATIONS)
def show(number: int, part: str) -> str:
    return _page(found(number), _part(part))


@blueprint.post("/postmortems/<int:number>/parts/<part>")
@needs(Act.SEE_OPERATIONS)
def save(number: int, part: str) -> ResponseReturnValue:
    """Keep it. `act` is `look` to see it without keeping it, `pause` while it is being typed, where the answer
    is this page again; what others wrote elsewhere in it meanwhile is in there, too.
    """
    typed, act = request.form.get("text", ""), request.form.get("act", "")
    seen = request.form.get("seen", 0, type=as_number)
    if act == "look":
        return _page(found(number), _part(part), typed=typed, seen=seen, says="Not saved yet.")
    try:
        with transaction():
            kept = write.write(locked(number), _part(part), typed, seen=seen, by=viewer(), at=clock.now())
            title = rules.TITLES[kept.part]
    except write.SamePlace as clash:
        return _clash(found(number), _part(part), typed, clash), 409
    except InvalidField as invalid:
        return _page(found(number), _part(part), typed=typed, seen=seen, problems=problems_of(invalid)), 422
    if act == "pause":
        return _page(found(number), _part(part))
    return done(number, f"Saved: {title}.")


@blueprint.get("/postmortems/<int:number>/parts/<part>/versions")
@needs(Act.SEE_OPERATIONS)
def versions(number: int, part: str) -> str:
    """The newest hundred, each as it was written."""
    postmortem, name = found(number), _part(part)
    told = queries.versions(postmortem, name)
    return render_template(
        "postmortems/versions.html", number=number, part=name, part_title=rules.TITLES[name],
        title=plain(postmortem.incident.title), more=max(0, len(told) - SHOWN), seen=told[0].number,
        may_write=_may_write(postmortem),
        versions=[
            (each.number, plain(each.by.name) if each.by else "Filled by itself", when(each.at), each.text)
            for each in told[:SHOWN]
        ],
    )  # fmt: skip


def _page(
    postmortem: Postmortem, part: PostmortemPart, *, typed: str | None = None, seen: int | None = None,
    says: str = "", problems: dict[str, str] | None = None,
) -> str:  # fmt: skip
    now = queries.texts(postmortem)[part]
    words = now.text if typed is None else typed
    who = plain(now.by.name) if now.by is not None else "Filled by itself"
    return render_template(
        "postmortems/part.html", number=postmortem.id, title=plain(postmortem.incident.title), part=part,
        part_title=rules.TITLES[part], words=words, shown=markdown(words), hints=rules.hints(words),
        seen=now.number if seen is None else seen, says=says or f"{who}, {when(now.at)}",
        problems=problems or {}, may_write=_may_write(postmortem), theirs=None,
    )  # fmt: skip


def _clash(postmortem: Postmortem, part: PostmortemPart, typed: str, clash: write.SamePlace) -> str:
    """Both texts, and what is typed here holds the words of both: the writer takes away what is too much."""
    theirs = queries.texts(postmortem)[part]
    return render_template(
        "postmortems/part.html", number=postmortem.id, title=plain(postmortem.incident.title), part=part,
        part_title=rules.TITLES[part], words=clash.both, shown=markdown(clash.both), hints=[],
        seen=theirs.number, says="Not saved yet.", problems={}, may_write=True, theirs=theirs.text, mine=typed,
        who=str(clash),
    )  # fmt: skip


def _may_write(postmortem: Postmortem) -> bool:
    is_open = postmortem.state is not PostmortemState.PUBLISHED
    return is_open and queries.rights_of(viewer(), postmortem).writes


def _part(word: str) -> PostmortemPart:
    if word not in list(PostmortemPart):
        raise NotFound
    return PostmortemPart(word)
