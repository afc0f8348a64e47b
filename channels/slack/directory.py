"""Who is who in the workspace: the conversation for an address, and the mail address of a member. Remembered for a
while, within bounds."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import Now

MOST_KNOWN = 5_000
KNOWN_FOR = timedelta(hours=1)
LIST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the bot token belongs to (auth.test), and what it may do."""

    team: str
    enterprise: str
    bot: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says of a member: the mail address, and the language ("ja-JP")."""

    email: str = ""
    locale: str = ""


class Directory:
    """Looks up ids. Every method raises what the client raises, unless it says otherwise."""

    def __init__(self, client: AsyncWebClient, now: Now) -> None:
        self._client = client
        self._now = now
        self._known: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._identity: Identity | None = None

    def _recall(self, key: str) -> str | None:
        value, until = self._known.get(key, (None, self._now()))
        return value if until > self._now() else None

    def _remember(self, key: str, value: str) -> str:
        self._known[key] = (value, self._now() + KNOWN_FOR)
        self._known.move_to_end(key)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return value

    def forget(self, address: str) -> None:
        """What was known of an address has proved wrong."""
        self._known.pop(address, None)
        self._known.pop(f"to:{address}", None)

    async def destination(self, address: str) -> str:
        """What chat.postMessage takes as its channel: "#ops" or "C…" as it is, for a person "D…"."""
        if address.startswith(("#", "C", "G", "D")) and "@" not in address:
            return self._recall(f"to:{address}") or address
        return await self._direct(address)

    async def _direct(self, address: str) -> str:
        if known := self._recall(f"to:{address}"):
            return known
        answer = await self._client.conversations_open(users=await self.member(address))
        return self._remember(f"to:{address}", str(answer["channel"]["id"]))

    async def member(self, address: str) -> str:
        """A member's id ("U…", "W…") by mail address, or the id itself."""
        if "@" not in address:
            return address
        if known := self._recall(address):
            return known
        answer = await self._client.users_lookupByEmail(email=address)
        return self._remember(address, str(answer["user"]["id"]))

    def posted(self, address: str, channel: str) -> None:
        """A post to ``address`` went to this conversation; reading it back needs the id."""
        self._remember(f"to:{address}", channel)

    async def conversation(self, address: str) -> str | None:
        """The conversation's id ("C…", "D…"), which reading needs; None if there is no room of that name."""
        destination = await self.destination(address)
        return await self._room(destination) if destination.startswith("#") else destination

    async def _room(self, name: str) -> str | None:
        cursor = ""
        while True:
            answer = await self._client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=LIST_PAGE, cursor=cursor
            )
            for channel in answer["channels"]:
                if f"#{channel['name']}" == name:
                    return self._remember(f"to:{name}", str(channel["id"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def identity(self, *, is_fresh: bool = False) -> Identity:
        """Whom the bot token belongs to; asked once, or anew if ``is_fresh``."""
        if self._identity is None or is_fresh:
            answer = await self._client.auth_test()
            headers = {str(name).lower(): str(value) for name, value in (answer.headers or {}).items()}
            scopes = frozenset(one.strip() for one in headers.get("x-oauth-scopes", "").split(",") if one.strip())
            self._identity = Identity(
                str(answer.get("team_id") or ""),
                str(answer.get("enterprise_id") or ""),
                str(answer.get("bot_id") or ""),
                scopes,
            )
        return self._identity

    async def profile_of(self, member: str) -> Profile:
        """A member of the bot's own workspace; without a mail address for strangers (guests of a shared channel bring
        addresses that only their own workspace vouches for), for bots, and if the app may not see it."""
        known = self._recall(f"email:{member}")
        if known is not None:
            return Profile(known, self._recall(f"locale:{member}") or "")
        try:
            answer = await self._client.users_info(user=member, include_locale=True)
        except SlackApiError as error:
            data = error.response.data
            if isinstance(data, dict) and data.get("error") == "missing_scope":
                self._remember(f"email:{member}", "")
            raise
        user = answer["user"]
        email = str((user.get("profile") or {}).get("email") or "").lower()
        locale = self._remember(f"locale:{member}", str(user.get("locale") or ""))
        own = email if self._is_own(user, await self.identity()) else ""
        return Profile(self._remember(f"email:{member}", own), locale)

    @staticmethod
    def _is_own(user: dict[str, Any], own: Identity) -> bool:
        if user.get("deleted") or user.get("is_bot") or user.get("is_stranger"):
            return False
        enterprise = str((user.get("enterprise_user") or {}).get("enterprise_id") or "")
        return user.get("team_id") == own.team or (bool(own.enterprise) and enterprise == own.enterprise)
