"""What Prometheus reads: lateness, open alerts, outbox depth and age, mailbox state, sends by outcome."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.store.store import Store

LATENESS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """One registry per running bot, so that two in one process don't share numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._lateness = Histogram(
            "kidoku_lateness_seconds",
            "From the instant a notification was due to the provider's acceptance",
            ["channel"],
            buckets=LATENESS_BUCKETS,
            registry=self.registry,
        )
        self._sends = Counter(
            "kidoku_sends_total", "Notifications by outcome", ["channel", "outcome"], registry=self.registry
        )
        self._attempts = Counter(
            "kidoku_attempts_total", "Calls of a provider to send", ["channel"], registry=self.registry
        )
        self._open = Gauge("kidoku_alerts", "Alerts that are not closed", ["status"], registry=self.registry)
        self._depth = Gauge(
            "kidoku_outbox_depth", "Notifications that have not left", ["channel"], registry=self.registry
        )
        self._age = Gauge(
            "kidoku_outbox_age_seconds", "Age of the oldest that has not left", ["channel"], registry=self.registry
        )
        self._seconds = Counter("kidoku_call_seconds_total", "Length of calls", ["channel"], registry=self.registry)
        self._cost = Counter(
            "kidoku_cost_total", "Price of calls and text messages", ["channel", "currency"], registry=self.registry
        )
        self._receipts = Counter(
            "kidoku_receipts_total",
            "Mails in the receipts mailbox, by kind and by whether they counted",
            ["kind", "verdict"],
            registry=self.registry,
        )
        self._swallowed = Counter(
            "kidoku_swallowed_total", "Urgent mails that a silence swallowed", ["rule"], registry=self.registry
        )
        self._silences = Gauge("kidoku_silences", "Silences that hold now", registry=self.registry)
        self._commands = Counter(
            "kidoku_commands_total",
            "What people typed and pressed, by outcome",
            ["channel", "verb", "outcome"],
            registry=self.registry,
        )
        self._translations = Counter(
            "kidoku_translations_total",
            "Texts for the translation service, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        self._outages = Gauge(
            "kidoku_channel_outage", "1 while messages don't get through", ["channel"], registry=self.registry
        )
        self._answers_outages = Gauge(
            "kidoku_answers_outage",
            "1 while buttons and commands don't get through",
            ["channel"],
            registry=self.registry,
        )
        self._up = Gauge("kidoku_up", "Mailboxes and channels: 1 if connected", ["name"], registry=self.registry)

    def outage(self, channel: str, is_out: bool) -> None:
        self._outages.labels(channel).set(is_out)

    def answers_outage(self, channel: str, is_out: bool) -> None:
        self._answers_outages.labels(channel).set(is_out)

    def attempt(self, channel: str) -> None:
        self._attempts.labels(channel).inc()

    def sent(self, channel: str, late: timedelta) -> None:
        self._lateness.labels(channel).observe(max(0.0, late.total_seconds()))
        self.outcome(channel, "sent")

    def outcome(self, channel: str, outcome: str) -> None:
        self._sends.labels(channel, outcome).inc()

    def cost(self, channel: str, cost: Mapping[str, str]) -> None:
        """What a call or text message cost (``channels.base.Ended``)."""
        if "seconds" in cost:
            self._seconds.labels(channel).inc(int(cost["seconds"]))
        if "price" in cost:
            self._cost.labels(channel, cost["currency"]).inc(float(cost["price"]))

    def receipt(self, kind: str, verdict: str) -> None:
        self._receipts.labels(kind, verdict).inc()

    def swallowed(self, rule: str) -> None:
        self._swallowed.labels(rule).inc()

    def command(self, channel: str, verb: str, outcome: str) -> None:
        self._commands.labels(channel, verb, outcome).inc()

    def translation(self, outcome: str) -> None:
        self._translations.labels(outcome).inc()

    def is_up(self, name: str, is_up: bool) -> None:
        self._up.labels(name).set(is_up)

    async def measure(self, store: Store, channels: Iterable[str], now: datetime) -> None:
        """Fill the gauges that are read from the store."""
        async with store.reading() as tx:
            alerts, silences, waiting = await tx.count_open(), await tx.count_silences(now), await tx.outbox_depth()
        for status in ("triggered", "acknowledged", "exhausted"):
            self._open.labels(status).set(alerts.get(status, 0))
        self._silences.set(silences)
        for channel in channels:
            depth, oldest = waiting.get(channel, (0, None))
            self._depth.labels(channel).set(depth)
            self._age.labels(channel).set(max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
