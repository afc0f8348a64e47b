"""Who is who in the workspace: ids of people by mail address, of rooms by name. Remembered, within bounds."""

from collections import OrderedDict

from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

MOST_KNOWN = 5_000


class Directory:
    """Looks up ids; every method raises what the client raises."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: OrderedDict[str, str] = OrderedDict()

    def _remember(self, key: str, value: str) -> str:
        self._known[key] = value
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return value

    async def destination(self, address: str) -> str:
        """What chat.postMessage takes as its channel: "#ops", "C…", "D…"; a person's id for a mail address."""
        return await self.member(address) if "@" in address else address

    async def member(self, address: str) -> str:
        """A member's id ("U…") by mail address, or the id itself."""
        if "@" not in address:
            return address
        if address not in self._known:
            answer = await self._client.users_lookupByEmail(email=address)
            self._remember(address, str(answer["user"]["id"]))
        return self._known[address]

    async def conversation(self, address: str) -> str | None:
        """The conversation's id ("C…", "D…"), which reading needs; None if there is none of that name."""
        if address.startswith(("C", "G", "D")):
            return address
        if address in self._known and address.startswith("#"):
            return self._known[address]
        if not address.startswith("#"):
            answer = await self._client.conversations_open(users=await self.member(address))
            return str(answer["channel"]["id"])
        return await self._find(address)

    async def _find(self, name: str) -> str | None:
        cursor = ""
        while True:
            answer = await self._client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=1000, cursor=cursor
            )
            for channel in answer["channels"]:
                if f"#{channel['name']}" == name:
                    return self._remember(name, str(channel["id"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def email_of(self, member: str) -> str:
        """A member's mail address; empty if the app may not see it."""
        key = f"email:{member}"
        if key not in self._known:
            try:
                answer = await self._client.users_info(user=member)
            except SlackClientError:
                return ""
            self._remember(key, str((answer["user"].get("profile") or {}).get("email") or "").lower())
        return self._known[key]
