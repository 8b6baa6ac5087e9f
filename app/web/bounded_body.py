"""The bytes of the current request, within bounds whatever the server in front of us does."""

from flask import request

from app.alerts.sources.body import BodyTooLarge, UnreadableBody

CHUNK = 64 * 1024
PATIENCE = 16 * 1024 * 1024  # bytes read of a body that is refused


def read(limit: int) -> bytes:
    """The body as it was sent, at most `limit` bytes.

    Raises `BodyTooLarge`, or `UnreadableBody` when the sender went away in the middle. It is read by hand
    because Werkzeug's bounded stream gives the beginning of a chunked body that is too large, as if that were
    all.
    """
    stream, length = request.environ["wsgi.input"], request.content_length
    if length is None and not request.environ.get("wsgi.input_terminated"):
        return b""
    if length is not None and length > limit:
        _read_on(length)
        raise BodyTooLarge(f"the body is over {limit:,} bytes")
    body = bytearray()
    while (length is None or len(body) < length) and (
        chunk := stream.read(min(CHUNK, (limit + 1 if length is None else length) - len(body)))
    ):
        body += chunk
        if len(body) > limit:
            _read_on(PATIENCE)
            raise BodyTooLarge(f"the body is over {limit:,} bytes")
    if length is not None and len(body) < length:
        raise UnreadableBody("the body did not arrive whole")
    return bytes(body)


def _read_on(left: int) -> None:
    """Read what is left of a body that is too large and forget it.

    A server that answers before the body has arrived cuts the connection, and then the sender sees that and not
    the 413. Far larger bodies are cut off all the same.
    """
    stream = request.environ["wsgi.input"]
    while 0 < left <= PATIENCE and (chunk := stream.read(min(left, CHUNK))):
        left -= len(chunk)
