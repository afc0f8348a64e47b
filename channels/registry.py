"""The only list of channels."""

from collections.abc import Mapping

from channels.apprise.config import AppriseService
from channels.base import Channel, HealthListener, Now
from channels.console.notifier import build as build_console
from channels.discord.config import DiscordSettings
from channels.inbox import Inbox
from channels.slack.config import SlackSettings
from channels.smtp.config import SmtpSettings
from channels.twilio.config import TwilioSettings

NAMES = ("slack", "discord", "phone", "sms", "whatsapp", "mail", "apprise", "console")
"""What ``via`` may say."""


def build(
    slack: SlackSettings | None,
    discord: DiscordSettings | None,
    twilio: TwilioSettings | None,
    smtp: SmtpSettings | None,
    services: Mapping[str, AppriseService],
    *,
    inbox: Inbox,
    now: Now,
    on_health: HealthListener,
) -> list[Channel]:
    """The configured channels, and the console, which is always there.

    A provider's library is imported only if it is used: each costs the idle bot tens of megabytes.
    """
    channels = [build_console()]
    if slack is not None:
        from channels.slack.channel import build as build_slack

        channels.append(build_slack(slack, inbox, now, on_health))
    if discord is not None:
        from channels.discord.channel import build as build_discord

        channels.append(build_discord(discord, inbox, now, on_health))
    if twilio is not None:
        from channels.twilio import channel as by_twilio

        channels.append(by_twilio.build(twilio, inbox, now, on_health))
        if twilio.sms is not None:
            channels.append(by_twilio.build_sms(twilio, twilio.sms, inbox, now, on_health))
        if twilio.whatsapp is not None:
            channels.append(by_twilio.build_whatsapp(twilio, twilio.whatsapp, inbox, now, on_health))
    if smtp is not None:
        from channels.smtp import build as build_smtp

        channels.append(build_smtp(smtp, now, on_health))
    if services:
        from channels.apprise import build as build_apprise

        channels.append(build_apprise(services, on_health))
    return channels
