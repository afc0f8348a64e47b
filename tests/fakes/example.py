"""What config/example.yaml needs from the environment."""

from pathlib import Path

from channels.apprise.config import STAND_IN
from channels.gateway.password import NOBODY

CONFIG = Path(__file__).parents[2] / "config"
SECRETS = {
    "KIDOKU_SLACK__BOT_TOKEN": "x",
    "KIDOKU_SLACK__APP_TOKEN": "x",
    "KIDOKU_DISCORD__BOT_TOKEN": "x",
    "KIDOKU_TWILIO__AUTH_TOKEN": "x",
    "KIDOKU_IMAP__SATO__PASSWORD": "x",
    "KIDOKU_IMAP__NOC_SHARED__PASSWORD": "x",
    "KIDOKU_IMAP__RECEIPTS__PASSWORD": "x",
    "KIDOKU_SMTP__PASSWORD": "x",
    "KIDOKU_GATEWAY__PASSWORDS": NOBODY,
    "KIDOKU_APPRISE__OPS_TEAMS__URL": STAND_IN,
    "KIDOKU_APPRISE__SUZUKI_NTFY__URL": STAND_IN,
}
