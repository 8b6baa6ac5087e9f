"""/api/v1/pages: who was interrupted, why, and what became of it on each device."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.domain.timeline import Subject
from app.incidents import access
from app.paging.models import Page
from app.people.rights import Act
from app.web import serialize
from app.web.api.auth import me, need
from app.web.api.find import found, numbers
from app.web.api.listing import each, listing
from app.web.api.noun import noun
from app.web.api.shapes import alerts as shapes
from app.web.api.shapes.common import Listing

pages = noun("pages", "Interruptions of one person, with an attempt for each of their devices.")


@pages.get("")
@pages.input(shapes.PageQuery, location="query", arg_name="query")
@pages.output(Listing[shapes.Page])
def list_pages(query: shapes.PageQuery) -> Listing[shapes.Page]:
    """List pages, the newest first. Notices and tests are shown with `kind`."""
    need(Act.SEE_OPERATIONS)
    select = (
        sa.select(Page)
        .where(access.pages_seen_by(me()))
        .options(joinedload(Page.user), selectinload(Page.deliveries))
    )
    if query.alert:
        select = select.where(
            Page.subject_kind == str(Subject.ALERT), Page.subject_id.in_(numbers(query.alert))
        )
    if query.user:
        select = select.where(Page.user_id.in_(numbers(query.user)))
    if query.status:
        select = select.where(Page.status.in_(query.status))
    if query.kind:
        select = select.where(Page.kind.in_(query.kind))
    return listing(select, query, each(serialize.page), by=[Page.id], descending=True)


@pages.get("/<id>")
@pages.output(shapes.Page)
def show_page(id: str) -> shapes.Page:
    """Show a page with its deliveries."""
    need(Act.SEE_OPERATIONS)
    return serialize.page(found(Page, id, "page", among=access.pages_seen_by(me())))
