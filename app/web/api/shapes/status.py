"""How what we look after is."""

from app.domain.component import ComponentState
from app.web.api.shapes.common import Shape


class ComponentIncident(Shape):
    """An open incident that touches a service."""

    id: str
    number: int
    title: str


class StatusComponent(Shape):
    """A service with a word for how it is; `public_name` is empty where the public page does not show it."""

    service_id: str
    name: str
    public_name: str
    state: ComponentState
    incidents: list[ComponentIncident]


class StatusPage(Shape):
    """`is_public`: people without a sign-in may read what has a public name."""

    is_public: bool
    components: list[StatusComponent]
