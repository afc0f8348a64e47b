"""discord.py's client, pointed at ``api_url``. HTTP works without the gateway: messages go out even if that is down."""

import asyncio

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from channels.base import HealthListener
from channels.discord.config import DiscordSettings
from escalation.phrase import N_

OFFICIAL = "https://discord.com/api/v10"
RATE_LIMIT = 1 / 3
"""The part of ``timeout`` that discord.py may wait for a rate limit by itself; longer ones are named to the outbox."""


class KidokuClient(discord.Client):
    """No privileged intents: buttons need none, and nobody's messages are read."""

    def __init__(self, on_health: HealthListener, timeout: float) -> None:
        # Nobody speaks in Discord here: what the library misses for voice is no news to an administrator.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        # As an option it can't be less than half a minute: what waited so long would be cut off before, as no answer.
        self.http.max_ratelimit_timeout = timeout * RATE_LIMIT
        self._on_health = on_health

    async def on_ready(self) -> None:
        self._on_health("discord", True, "")

    async def on_resumed(self) -> None:
        self._on_health("discord", True, "")

    async def on_disconnect(self) -> None:
        self._on_health("discord", False, N_("the gateway connection was lost"))


class Connection:
    """One client, logged in once, when it is first needed."""

    def __init__(self, settings: DiscordSettings, on_health: HealthListener) -> None:
        self.settings = settings
        self.client = KidokuClient(on_health, settings.timeout.total_seconds())
        self._is_in = False
        self._login = asyncio.Lock()
        Route.BASE = settings.api_url.rstrip("/")

    async def log_in(self) -> discord.Client:
        """The client, ready for HTTP. Raises what discord.py raises; a failed login may be tried again."""
        async with self._login:
            if not self._is_in:
                try:
                    await self.client.login(self.settings.bot_token.get_secret_value())
                except BaseException:
                    await self.client.http.close()
                    # A closed connector would be used again by the next try.
                    self.client.http.connector = discord.utils.MISSING
                    raise
                self._is_in = True
        return self.client

    async def connect(self) -> None:
        """Hold the gateway until it is lost for good; discord.py resumes and reconnects by itself."""
        client = await self.log_in()
        if Route.BASE != OFFICIAL:
            # discord.py goes to Discord's own gateway unless told; a proxy's or a test's is asked for, as documented.
            answer = await client.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = URL(answer[1])
        await client.connect(reconnect=True)

    async def close(self) -> None:
        await self.client.close()
        await self.client.http.close()
