"""``/healthz``, ``/readyz``, ``/metrics``, and whatever routes the channels bring. Plain Starlette routes."""

import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence

import uvicorn
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.health import Board
from bot.language import Words
from bot.metrics import Metrics
from bot.web.request import words_for
from bot.wording.reason import reason
from channels.system_fault import why_of
from escalation.phrase import Phrase, advice


def build(
    board: Board, metrics: Metrics, measure: Callable[[], Awaitable[None]], more: Sequence[BaseRoute], words: Words
) -> FastAPI:
    """The web application. ``measure`` fills the gauges that are read from the store, at each scrape; ``words`` are
    those of whoever names no language."""

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        theirs = words_for(request, words)
        states = {
            name: {"is_up": state.is_up, "since": state.since.isoformat(), "detail": reason(state.detail, theirs)}
            for name, state in sorted(board.states.items())
        }
        return JSONResponse({"is_ready": board.is_ready, "parts": states}, 200 if board.is_ready else 503)

    async def scrape(request: Request) -> Response:
        await measure()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app = FastAPI(title="Kidoku", openapi_url=None, docs_url=None, redoc_url=None)
    app.router.routes += [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", scrape),
        *more,
    ]
    return app


class Server(uvicorn.Server):
    """uvicorn inside our loop: signals are the bot's business, not its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError, with a phrase that names the address, if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio leaves this out for a socket that it did not make: the body of each answer would then wait 40 ms for
        # the client to acknowledge its head. What is accepted inherits it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        wrong = Phrase("can't listen on %(place)s (%(why)s)", place=f"{host}:{port}", why=why_of(error))
        raise OSError(advice(wrong, Phrase("set web.port to a free one"))) from error


async def serve(app: FastAPI, listener: socket.socket) -> None:
    """Serve until cancelled."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=3)
    with listener:
        await Server(config).serve(sockets=[listener])
