"""The numbers in our addresses: no row has a larger one, so there is nothing at such an address."""

from werkzeug.routing import IntegerConverter, Map

from app.domain.invalid import LARGEST_ID


class RowNumber(IntegerConverter):
    """`<int:number>` in a route."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)
        self.regex = r"\d{1,10}"  # longer ones are not even read
