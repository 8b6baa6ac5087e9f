"""A postmortem to take along: Markdown, one page of HTML, or a PDF, each with the same words and numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.domain.words import PostmortemPart
from app.learning import queries
from app.learning.models import Postmortem
from app.people.rights import Act
from app.web import action_items
from app.web.access import needs, viewer
from app.web.errors import NotFound
from app.web.markdown import markdown
from app.web.postmortem_view import PostmortemView, view
from app.web.postmortems import found
from app.web.review_view import found_by
from app.web.words import moment, plain, viewer_zone

blueprint = Blueprint("postmortem_file", __name__)

KINDS = {"md": "text/markdown", "html": "text/html", "pdf": "application/pdf"}
_SIGNS = re.compile(r"([\\`*_\[\]<>#|~&])")  # those that mean something within a line


@dataclass(frozen=True)
class Section:
    """A heading, and below it Markdown of people, lines of a moment and what was then, or a table."""

    title: str
    prose: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Paper:
    title: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]


@blueprint.get("/postmortems/<int:number>/file.<kind>")
@needs(Act.SEE_INCIDENTS)
def take(number: int, kind: str) -> ResponseReturnValue:
    """As this reader sees it on the screen, without the comments."""
    if kind not in KINDS:
        raise NotFound
    written = paper(found(number))
    if kind == "pdf":
        from app.web.paper_pdf import as_pdf  # read here: few requests draw one

        body: bytes | str = as_pdf(written)
    else:
        body = as_markdown(written) if kind == "md" else as_html(written)
    answer = current_app.response_class(body, mimetype=KINDS[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="postmortem-INC-{number}.{kind}"'
    return answer


def paper(postmortem: Postmortem) -> Paper:
    """All of it, for the viewer."""
    seen = view(postmortem, viewer())
    owner = "nobody owns it" if seen.owner is None else f"owned by {plain(seen.owner.name)}"
    facts = (
        f"INC-{seen.number}, {seen.severity.upper()}, {owner}", seen.saved,
        f"Times in {viewer_zone().key}",
    )  # fmt: skip
    return Paper(f"Postmortem: {seen.title}", facts, tuple(_sections(postmortem, seen)))


def _sections(postmortem: Postmortem, seen: PostmortemView) -> Iterator[Section]:
    texts = queries.texts(postmortem)
    titles = {part.name: part.title for part in seen.parts}
    for part in PostmortemPart:
        yield Section(titles[part], texts[part].text, note="" if texts[part].text else "Nothing yet.")
    told = tuple(
        (moment(each.at), ": ".join(filter(None, (each.says, each.text and plain(each.text)))))
        for each in seen.told
    )
    yield Section("What was tried, and when", lines=told, note="" if told else "Nothing is chosen yet.")
    review = found_by(postmortem)
    answers = tuple((title, f"{verdict}. {words}") for title, verdict, words in review.answers)
    yield Section("Review", _escaped(review.stands), lines=answers)
    for title, words in review.written:
        if words:
            yield Section(title, words)
    promised = tuple(
        (each.facts, f"{each.text}{f' Changed: {each.changed}' if each.changed else ''}")
        for each in action_items.lines_of(seen.number)
    )
    yield Section("Actions", lines=promised, note="" if promised else "Nothing is promised.")
    if seen.counted is not None:
        rows = tuple(tuple(cells) for cells in seen.counted["rows"])
        yield Section(
            "How long each phase took",
            "\n\n".join(_escaped(seen.counted[word]) for word in ("sentence", "answer")),
            columns=tuple(name or "Whether it got there" for name in seen.counted["columns"]), rows=rows,
            note=f"{seen.counted['footer']} Counted as of {seen.counted['as_of']}.{_where_it_ran(seen)}",
        )  # fmt: skip
    if seen.paged is not None:
        paged = tuple((each.when, f"{each.who}: {each.rang}") for each in seen.paged)
        yield Section(
            "Who was paged, and whether it rang", lines=paged, note="" if paged else "Nobody was paged."
        )


def _where_it_ran(seen: PostmortemView) -> str:
    """The address of the executed notebook, where there is one."""
    if seen.notebook is None or not seen.notebook.is_there:
        return ""
    base = current_app.config["settings"].base_url
    return f" The review notebook: {base}/postmortems/{seen.number}/notebook"


def as_markdown(written: Paper) -> str:
    """What people wrote stays as they wrote it; everything else is escaped."""
    parts = [f"# {_escaped(written.title)}", "  \n".join(_escaped(fact) for fact in written.facts)]
    for each in written.sections:
        parts.append(f"## {_escaped(each.title)}")
        parts.append(each.prose.strip())
        parts.append("\n".join(f"- **{_escaped(when)}** {_escaped(what)}" for when, what in each.lines))
        if each.rows:
            head = [each.columns, ("---",) * len(each.columns)]
            cells = [head[0], *each.rows]
            table = [" | ".join(map(_escaped, row)) for row in cells]
            table.insert(1, " | ".join(head[1]))
            parts.append("\n".join(f"| {row} |" for row in table))
        parts.append(_escaped(each.note))
    return "\n\n".join(filter(None, parts)) + "\n"


def as_html(written: Paper) -> str:
    """One page that needs nothing else, and loads nothing."""
    shown = [(each, markdown(each.prose)) for each in written.sections]
    return render_template("postmortems/file.html", paper=written, sections=shown)


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
