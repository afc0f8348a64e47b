"""What the mails that leave have in common: the addresses they name, and the ids by which their receipts are known.

Every id holds a stamp: the notification's key, and a mark that only Kidoku can make. A stranger's receipt has none.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr

from pydantic import SecretStr

from bot.outgoing.care import Care, care_of
from bot.settings import Settings
from bot.store.store import Store
from bot.tokens import Tokens

_STAMPS = re.compile(r"(?<![0-9a-z.-])[0-9a-z.-]{1,25}-[a-z2-7]{20}(?![0-9a-z])", re.ASCII)
MOST_SEARCHED = 4_000
KEPT_UNDER = "post.secret"


@dataclass(frozen=True, slots=True)
class Post:
    """``sender`` is the From mailbox of what Kidoku itself writes. Bounces go to ``bounces``; with ``is_verp`` to an
    address of the mail's own, ``local+stamp@domain``. ``public_url`` is where the confirm page is, "" for none.
    ``hold`` is how long each mail waits before it leaves, ``care`` what is looked at again before it does.
    ``has_pictures``: mails to whoever has agreed carry a picture. ``language`` is that of whoever is no person of the
    settings. ``is_heard``: what comes back is read, in a mailbox for receipts or by the gateway."""

    tokens: Tokens
    sender: str
    bounces: str
    receipts_to: str
    is_verp: bool = False
    public_url: str = ""
    hold: timedelta = timedelta(0)
    care: Care = field(default_factory=Care)
    has_pictures: bool = False
    language: str = "en"
    is_heard: bool = False

    def message_id(self, key: str) -> str:
        """The Message-ID of a notification, with its angle brackets; the same each time it is tried."""
        return f"<{self.tokens.stamp(key)}@{self._domain}>"

    @property
    def name(self) -> str:
        """What the sender's mailbox is called."""
        return parseaddr(self.sender)[0]

    @property
    def address(self) -> str:
        """The sender's address."""
        return parseaddr(self.sender)[1].lower()

    @property
    def _domain(self) -> str:
        return self.bounces.rpartition("@")[2]

    def envelope_sender(self, key: str) -> str:
        """Where a bounce of this notification goes."""
        if not self.is_verp:
            return self.bounces
        local, _, domain = self.bounces.rpartition("@")
        return f"{local}+{self.tokens.stamp(key)}@{domain}"

    def confirm_url(self, key: str) -> str:
        """The recipient's own link to the confirm page; "" where there is none."""
        return f"{self.public_url.rstrip('/')}/c/{self.tokens.confirm_token(key)}" if self.public_url else ""

    def picture_url(self, key: str) -> str:
        """Where the recipient's own picture is loaded from; "" where none is."""
        if not (self.public_url and self.has_pictures):
            return ""
        return f"{self.public_url.rstrip('/')}/p/{self.tokens.pixel_token(key)}.gif"

    def decline_url(self, address: str) -> str:
        """The page on which this address declines to be tracked; "" where there is none."""
        return f"{self.public_url.rstrip('/')}/d/{self.tokens.decline_token(address)}" if self.public_url else ""

    def view_url(self, key: str) -> str:
        """The recipient's own link to the page that shows a confidential mail; "" where there is none."""
        return f"{self.public_url.rstrip('/')}/v/{self.tokens.view_token(key)}" if self.public_url else ""

    def is_awaited(self, address: str) -> bool:
        """Whether a mail to this address is for us to read: where bounces or MDNs go, or a genuine VERP address."""
        local, _, domain = address.lower().rpartition("@")
        base, _, ours = self.bounces.lower().rpartition("@")
        if address.lower() in (self.bounces.lower(), self.receipts_to.lower()):
            return True
        return domain == ours and local.startswith(f"{base}+") and self.key_in(address) is not None

    def key_in(self, text: str) -> str | None:
        """The key of the first genuine stamp in a Message-ID, an envelope id or an address; None if there is none."""
        found = (self.tokens.key_of(one.group()) for one in _STAMPS.finditer(text.lower()[:MOST_SEARCHED]))
        return next((key for key in found if key is not None), None)


async def open_post(settings: Settings, store: Store) -> Post | None:
    """The post of these settings; None if they name no mail server. The secret is made once, and kept in the store."""
    if settings.smtp is None:
        return None
    return Post(
        tokens=await open_tokens(store),
        sender=settings.smtp.sender,
        bounces=settings.smtp.bounce_address,
        receipts_to=settings.smtp.receipts_to or "",
        is_verp=settings.smtp.verp,
        public_url=settings.web.public_url or "",
        hold=settings.sending.hold,
        care=care_of(settings, parseaddr(settings.smtp.sender)[1].lower()),
        has_pictures=settings.sending.pictures,
        language=settings.language,
        is_heard=hears_receipts(settings),
    )


def hears_receipts(settings: Settings) -> bool:
    """Whether anything reads what comes back for the mail that left."""
    has_gateway = settings.gateway is not None and settings.gateway.receipts is not None
    return has_gateway or any(account.receipts for account in settings.imap.values())


async def open_tokens(store: Store) -> Tokens:
    """The tokens of this store; with or without a mail server."""
    return Tokens(await _secret(store))


async def _secret(store: Store) -> SecretStr:
    async with store.transaction() as tx:
        text = await tx.get(KEPT_UNDER)
        if text is None:
            text = secrets.token_urlsafe(32)
            await tx.put(KEPT_UNDER, text)
    return SecretStr(text)
