"""apprise itself: what of a service must be known to write for it, and one delivery. Everything here blocks.

apprise logs what it does, tokens and mail among it, so its log goes nowhere; what it logs of one delivery comes back in
that delivery's result (https://github.com/caronc/apprise/wiki/Development_API).
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta

import apprise
from apprise.conversion import text_to_markdown

from channels.apprise.lineworks import known
from channels.apprise.render import Page, Room

SHORTEST = 60
"""Characters of a message in which not even a subject fits: what a service says of itself is not believed then."""

_LOG = logging.getLogger("apprise")
_LOG.propagate = False
_LOG.addHandler(logging.NullHandler())
known()
_ASSET = apprise.AppriseAsset(
    app_id="Kidoku",
    app_desc="Kidoku",
    app_url="",
    image_url_mask="",
    image_url_logo="",
    storage_mode="memory",
    secure_logging=True,
)
_TYPES = {
    "open": apprise.NotifyType.FAILURE,
    "taken": apprise.NotifyType.WARNING,
    "closed": apprise.NotifyType.SUCCESS,
    "alarm": apprise.NotifyType.FAILURE,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What apprise says of one delivery. ``lines`` is what it logged: it may hold secrets."""

    is_taken: bool
    lines: tuple[str, ...] = field(repr=False)


def is_known(url: str) -> bool:
    """Whether the URL begins with the name of a service that apprise has, or is one that it takes apart."""
    schema = url.partition("://")[0].lower()
    return "://" in url and (schema in known() or apprise.Apprise.instantiate(url, asset=_ASSET) is not None)


def is_understood(url: str) -> bool:
    """Whether apprise can make a service of it that would tell somebody: some take a URL that names nobody."""
    plugin = apprise.Apprise.instantiate(url, asset=_ASSET)
    return plugin is not None and len(plugin) > 0


class Service:
    """One URL. A new apprise object for each delivery: one that lasts waits between messages, and is not made for
    several threads."""

    def __init__(self, url: str, timeout: timedelta) -> None:
        self._url = url
        self._seconds = timeout.total_seconds()

    def room(self) -> Room:
        """What fits. Raises ValueError if apprise does not understand the URL."""
        plugin = self._open()
        is_markdown = _format_of(plugin) == apprise.NotifyFormat.MARKDOWN
        body = max(plugin.body_maxlen, SHORTEST)
        return Room(max(0, plugin.title_maxlen), body, text_to_markdown if is_markdown else None)

    def deliver(self, page: Page, tone: str, thread: str) -> Delivery:
        """Hand one message over; returns within about the time limit of the service's connections.

        ``thread`` names the incident where a service keeps such things: what comes later belongs to the first.
        """
        plugin = self._open()
        if thread and type(plugin).__name__ == "NotifyPagerDuty":
            # https://developer.pagerduty.com/docs/send-alert-event: one incident an alert, resolved with it.
            vars(plugin).update(dedup=thread, action="map")
        client = apprise.Apprise(asset=_ASSET)
        client.add(plugin)
        form = apprise.NotifyFormat.MARKDOWN if page.is_markdown else apprise.NotifyFormat.TEXT
        result = client.notify(page.body, title=page.title, notify_type=_TYPES[tone], body_format=form)
        return Delivery(bool(result), tuple(str(entry.message) for entry in result.logs()))

    def _open(self) -> apprise.NotifyBase:
        plugin = apprise.Apprise.instantiate(self._url, asset=_ASSET)
        if plugin is None:
            raise ValueError("apprise does not understand the URL")
        plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
        plugin.retry = 0
        plugin.socket_connect_timeout = plugin.socket_read_timeout = self._seconds
        return plugin


def _format_of(plugin: apprise.NotifyBase) -> apprise.NotifyFormat:
    """Plain text wherever the service has it."""
    return plugin.resolve_format(apprise.NotifyFormat.TEXT)
