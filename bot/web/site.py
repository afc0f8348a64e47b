"""The web site of one bot: which pages there are, as the settings have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI
from starlette.routing import BaseRoute

from bot.calendars.known import KnownCalendars
from bot.engine import Engine
from bot.health import Board
from bot.inbox import BotInbox
from bot.language import Words
from bot.link import Links
from bot.metrics import Metrics
from bot.office import Office
from bot.outbox import Lane
from bot.outgoing.screening import Screening
from bot.post import Post, open_tokens
from bot.settings import Settings
from bot.web import server
from bot.web.api import Api
from bot.web.commands import CommandDesk
from bot.web.decline import DeclinePage
from bot.web.feed import Feeds
from bot.web.mail_desk import MailDesk
from bot.web.receipts import WebReceipts
from bot.web.secure_view import SecureView
from bot.web.take_desk import TakeDesk
from bot.web.take_page import TakePage
from bot.web.view_desk import ViewDesk
from channels.base import Channel


@dataclass(frozen=True, slots=True)
class Site:
    """``app`` is what is served. The pages of ``keepers`` save together what is pressed at the same time; they are
    closed last."""

    app: FastAPI
    keepers: Mapping[str, WebReceipts | SecureView]


async def open_site(
    settings: Settings,
    engine: Engine,
    inbox: BotInbox,
    board: Board,
    metrics: Metrics,
    lanes: Mapping[str, Lane],
    post: Post | None,
    links: Links | None,
    screening: Screening | None,
    known: KnownCalendars,
    channels: Sequence[Channel],
) -> Site:
    """Nothing is served yet."""
    now, language, zone = engine.clock.now, settings.language, settings.zone
    words = Words(language, zone, now)
    routes = [cast(BaseRoute, route) for channel in channels for route in channel.routes]
    keepers: dict[str, WebReceipts | SecureView] = {}
    if post is not None:
        desk = MailDesk(engine, settings.roster(), language, zone, has_pictures=settings.sending.pictures)
        views = ViewDesk(engine, post.tokens, lanes, language, zone, screening)
        keepers["web receipts"] = receipts = WebReceipts(post.tokens, desk, now)
        keepers["secure view"] = secure_view = SecureView(post.tokens, views, now)
        declining = DeclinePage(post.tokens, engine, language, zone)
        routes += [*receipts.routes, *declining.routes, *secure_view.routes]
    tokens = post.tokens if post is not None else await open_tokens(engine.store)
    routes += Feeds(engine, tokens, Words(language, zone)).routes
    if links is not None:
        routes += TakePage(links.tokens, TakeDesk(engine, lanes, language, zone, settings.roles())).routes
    if settings.web.api_token is not None:
        office = Office(settings, engine.store, engine, engine.clock, words, known)
        person = settings.web.api_person
        commands = CommandDesk(inbox.requests, person, engine) if person else None
        routes += Api(office, inbox.reception, post, settings.web.api_token, commands).routes()

    async def measure() -> None:
        await metrics.measure(engine.store, lanes, now())

    return Site(server.build(board, metrics, measure, routes, words), keepers)
