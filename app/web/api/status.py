"""/api/v1/status: how every service is, by the open incidents that touch it."""

from app.incidents import status_page
from app.people.rights import Act
from app.web.api.auth import need
from app.web.api.noun import noun
from app.web.api.shapes import status as shapes

status = noun("status", "How what we look after is, for everybody in the organisation.")


@status.get("")
@status.output(shapes.StatusPage)
def show_status() -> shapes.StatusPage:
    """Show every service that is looked after, with its state."""
    need(Act.SEE_INCIDENTS)
    return shapes.StatusPage(
        is_public=status_page.is_public(),
        components=[
            shapes.StatusComponent(
                service_id=str(each.service.id), name=each.name, public_name=each.service.public_name,
                state=each.state,
                incidents=[
                    shapes.ComponentIncident(id=str(one.id), number=one.number, title=one.title)
                    for one in each.incidents
                ],
            )
            for each in status_page.components()
        ],
    )  # fmt: skip
