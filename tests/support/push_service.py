"""A push service on one loopback port, as strict as the real ones, and devices that stand in for browsers.

Firefox connects to it by WebSocket (autopush's protocol) and the app posts to it (RFC 8030, 8291, 8292). It
runs on a thread of its own. What each endpoint does may be scripted; what came is kept, in order.
"""

import asyncio
import base64
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

from tests.support.stand_in import StandIn
from tests.support.vapid_check import VapidFault, check

LARGEST = 4096  # bytes of an encrypted message
URGENCIES = {"very-low", "low", "normal", "high"}
Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """Say this status, and nothing is delivered."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Drop:
    """Take the message and deliver it, then hang up before saying so."""


@dataclass(frozen=True)
class Hang:
    """Say nothing."""


@dataclass(frozen=True)
class Trickle:
    """Answer 201 a byte at a time: `where` is headers or body."""

    where: str = "headers"
    every: float = 1.0


@dataclass(frozen=True)
class Flood:
    """Take the message, and answer 201 with a body of this many bytes."""

    size: int = 10 * 1024 * 1024


Behaviour = Answer | Drop | Hang | Trickle | Flood


@dataclass(frozen=True)
class Post:
    """One message that the app sent."""

    endpoint: str
    headers: dict[str, str]
    size: int
    connection: int  # the client's port: the same for messages over one connection
    status: int
    at: float


@dataclass
class _Message:
    version: str
    body: bytes
    headers: dict[str, str]
    topic: str | None
    expires_at: float


@dataclass
class _Channel:
    endpoint: str
    key: str
    channel_id: str = ""
    uaid: str = ""
    device: StandIn | None = None
    waiting: list[_Message] = field(default_factory=list)
    is_gone: bool = False
    script: deque[Behaviour | None] = field(default_factory=deque)
    last: Behaviour | None = None


class PushService:
    """`with PushService() as service:` — then `service.url`, and `service.host` for NIGHTBELL_PUSH_HOSTS."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.browser_answers: list[
            tuple[str, int]
        ] = []  # endpoint, code: 100 delivered, 101 undecryptable, 301 threw
        self._channels: dict[str, _Channel] = {}
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._known: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="push-service", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._do(self._start())
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self.socket_url = f"ws://{self.host}/"
        return self

    def __exit__(self, *exception: object) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # What a test asks of it

    def subscribe(self, application_server_key: str) -> StandIn:
        """A device without a browser, subscribed with the app's public key; it keeps what comes."""
        endpoint = self._new_endpoint()
        device = StandIn(endpoint, on_return=lambda: self._do(self._flush(self._channels[endpoint])))
        self._channels[endpoint] = _Channel(endpoint, key=application_server_key.rstrip("="), device=device)
        return device

    def behave(self, endpoint: str, *behaviours: Behaviour | None, then: Behaviour | None = None) -> None:
        """What the endpoint does with the next messages one by one, `then` with all others; None is usual."""
        channel = self._channels[endpoint]
        channel.script, channel.last = deque(behaviours), then

    def posts_to(self, endpoint: str) -> list[Post]:
        return [post for post in self.posts if post.endpoint == endpoint]

    def unsubscribe(self, endpoint: str) -> None:
        self._channels[endpoint].is_gone = True

    def live_endpoints(self) -> list[str]:
        return [channel.endpoint for channel in self._channels.values() if not channel.is_gone]

    def drop_sockets(self) -> None:
        """Cut every browser's connection; it comes back by itself."""
        self._do(self._hang_up())

    def forget_browsers(self) -> None:
        """Know no browser any more: each comes back, gets a new name, and its subscriptions have changed."""
        self._known.clear()
        for channel in self._channels.values():
            channel.is_gone = channel.is_gone or channel.device is None
        self.drop_sockets()

    # The app's side: POST to an endpoint

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        endpoint = self.url + request.path
        channel = self._channels.get(endpoint)
        behaviour = (channel.script.popleft() if channel.script else channel.last) if channel else None
        status = behaviour.status if isinstance(behaviour, Answer) else self._judge(channel, request, body)
        peer = request.transport.get_extra_info("peername")[1] if request.transport else 0
        self.posts.append(Post(endpoint, dict(request.headers), len(body), peer, status, time.time()))
        if isinstance(behaviour, Hang):
            await asyncio.Event().wait()
        if channel and status == 201 and not isinstance(behaviour, Trickle):
            await self._queue(channel, request, body)
        match behaviour:
            case Answer():
                return web.Response(status=status, headers=behaviour.headers, body=behaviour.body)
            case Drop():
                return _cut(request)
            case Trickle():
                return await _trickle(request, behaviour)
            case Flood():
                return web.Response(status=status, body=bytes(behaviour.size))
            case _:
                headers = {
                    "TTL": request.headers.get("TTL", ""),
                    "Location": f"{self.url}/m/{secrets.token_hex(8)}",
                }
                return web.Response(status=status, headers=headers if status == 201 else {})

    def _judge(self, channel: _Channel | None, request: web.Request, body: bytes) -> int:
        headers = request.headers
        if channel is None:
            return 404
        if channel.is_gone:
            return 410
        if not headers.get("TTL", "").isdigit() or headers.get("Urgency", "normal") not in URGENCIES:
            return 400
        topic = headers.get("Topic", "")
        if len(topic) > 32 or not all(c.isascii() and (c.isalnum() or c in "-_") for c in topic):
            return 400
        if headers.get("Content-Encoding") != "aes128gcm":
            return 400
        try:
            check(headers.get("Authorization"), audience=self.url, key=channel.key)
        except VapidFault as fault:
            return fault.status
        return 413 if len(body) > LARGEST else 201

    async def _queue(self, channel: _Channel, request: web.Request, body: bytes) -> None:
        ttl, topic = int(request.headers["TTL"]), request.headers.get("Topic")
        if topic:
            channel.waiting = [message for message in channel.waiting if message.topic != topic]
        message = _Message(secrets.token_hex(12), body, dict(request.headers), topic, time.time() + ttl)
        if ttl or self._is_reachable(channel):
            channel.waiting.append(message)
            await self._flush(channel, only=message)

    def _is_reachable(self, channel: _Channel) -> bool:
        return channel.device.is_online if channel.device else channel.uaid in self._sockets

    async def _flush(self, channel: _Channel, only: _Message | None = None) -> None:
        now = time.time()
        channel.waiting = [
            message for message in channel.waiting if message.expires_at >= now or message is only
        ]
        if not self._is_reachable(channel):
            return
        for message in [only] if only else list(channel.waiting):
            if channel.device:
                channel.waiting.remove(message)
                channel.device.receive(message.body, message.headers)
                continue
            await self._sockets[channel.uaid].send_json(
                {
                    "messageType": "notification",
                    "channelID": channel.channel_id,
                    "version": message.version,
                    "data": base64.urlsafe_b64encode(message.body).rstrip(b"=").decode(),
                    "headers": {"encoding": "aes128gcm"},
                }
            )

    # The browser's side: a WebSocket

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["push-notification"])
        await socket.prepare(request)
        uaid = ""
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            said = json.loads(frame.data)
            match said.get("messageType"):
                case "hello":
                    uaid = said["uaid"] if said.get("uaid") in self._known else secrets.token_hex(16)
                    self._known.add(uaid)
                    self._sockets[uaid] = socket
                    await socket.send_json(
                        {
                            "messageType": "hello",
                            "uaid": uaid,
                            "status": 200,
                            "use_webpush": True,
                            "broadcasts": {},
                        }
                    )
                    for channel in self._channels_of(uaid):
                        await self._flush(channel)
                case "register":
                    channel = _Channel(self._new_endpoint(), said["key"].rstrip("="), said["channelID"], uaid)
                    self._channels[channel.endpoint] = channel
                    answer = {"channelID": said["channelID"], "status": 200, "pushEndpoint": channel.endpoint}
                    await socket.send_json({"messageType": "register", **answer})
                case "unregister":
                    for channel in self._channels_of(uaid):
                        channel.is_gone = channel.is_gone or channel.channel_id == said["channelID"]
                    await socket.send_json(
                        {"messageType": "unregister", "channelID": said["channelID"], "status": 200}
                    )
                case "ack":
                    for update in said["updates"]:
                        self._settle(uaid, update["version"], update.get("code", 100))
                case "nack":
                    self._settle(uaid, said["version"], said.get("code", 301))
                case "broadcast_subscribe":
                    pass
                case _:
                    await socket.send_str("{}")  # a ping
        if self._sockets.get(uaid) is socket:
            del self._sockets[uaid]
        return socket

    def _channels_of(self, uaid: str) -> list[_Channel]:
        return [channel for channel in self._channels.values() if channel.uaid == uaid and not channel.is_gone]

    def _settle(self, uaid: str, version: str, code: int) -> None:
        for channel in self._channels.values():
            if any(message.version == version for message in channel.waiting):
                channel.waiting = [message for message in channel.waiting if message.version != version]
                self.browser_answers.append((channel.endpoint, code))

    # Its own thread

    def _new_endpoint(self) -> str:
        return f"{self.url}/wpush/v2/{secrets.token_urlsafe(24)}"

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _start(self) -> int:
        app = web.Application(client_max_size=1024 * 1024)
        app.router.add_get("/", self._talk)
        app.router.add_post("/wpush/v2/{token}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _stop(self) -> None:
        await self._hang_up()
        await self._runner.cleanup()
        hanging = asyncio.all_tasks() - {asyncio.current_task()}
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    async def _hang_up(self) -> None:
        sockets, self._sockets = list(self._sockets.values()), {}
        for socket in sockets:
            await socket.close()


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


async def _trickle(request: web.Request, behaviour: Trickle) -> web.Response:
    transport = request.transport
    assert transport is not None
    transport.write(
        b"HTTP/1.1 201 Created\r\n" + (b"Content-Length: 5000\r\n\r\n" if behaviour.where == "body" else b"X: ")
    )
    for _ in range(5000):
        if transport.is_closing():
            break
        transport.write(b"x")
        await asyncio.sleep(behaviour.every)
    return _cut(request)
