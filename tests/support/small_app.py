"""The smallest app that sw.js can belong to: it serves the files of static/, a page, and takes reports.

With the product's own content policy, so that what it forbids is forbidden here too. The real app is met in
journeys/.
"""

import asyncio
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from app.web.security import content_security_policy

STATIC = Path(__file__).parents[2] / "static"
PAGE = """<!doctype html><title>{name}</title><link rel="stylesheet" href="/static/css/base.css">
<script type="module" src="/static/js/saved-pages.js"></script><h1>{name}</h1><saved-pages></saved-pages>"""


@dataclass(frozen=True)
class Report:
    """One POST to /r/<token> or /push-subscriptions/renewal."""

    path: str
    said: dict[str, Any]
    headers: dict[str, str]
    at: float


class SmallApp:
    """`with SmallApp() as app:`; `app.stop()` and `app.start()` are its network going and coming back."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.answers: dict[str, tuple[int, dict[str, Any]]] = {}  # by path, else 200 and a plain sentence
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="small-app", daemon=True)
        self._port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.start()
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stages(self, token: str) -> list[str]:
        return [report.said["stage"] for report in self.reports if report.path == f"/r/{token}"]

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(timeout=10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(timeout=10)

    async def _start(self) -> None:
        app = web.Application(middlewares=[_with_policy])
        app.router.add_static("/static/", STATIC)
        app.router.add_post("/r/{token}", self._take)
        app.router.add_post("/push-subscriptions/renewal", self._take)
        app.router.add_get("/{path:.*}", _show)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])

    async def _take(self, request: web.Request) -> web.Response:
        self.reports.append(Report(request.path, await request.json(), dict(request.headers), time.time()))
        status, answer = self.answers.get(
            request.path, (200, {"outcome": "recorded", "sentence": "You have it. Nobody else is paged."})
        )
        return web.json_response(answer, status=status)


async def _show(request: web.Request) -> web.StreamResponse:
    if request.path == "/sw.js":
        return web.FileResponse(STATIC / "sw.js")
    return web.Response(text=PAGE.format(name=request.path.strip("/")), content_type="text/html")


@web.middleware
async def _with_policy(request: web.Request, handler: Any) -> web.StreamResponse:
    response: web.StreamResponse = await handler(request)
    response.headers["Content-Security-Policy"] = content_security_policy()
    response.headers["Cache-Control"] = "no-cache"
    return response
