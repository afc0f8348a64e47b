"""Who fetched a picture: each machine by its mark, and a person by the lack of any."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.web.network import network_of, owner_of
from bot.web.openings import BURST_WINDOW, Fetch, Opener, classify, program_of
from bot.web.recent import MOST_CLIENTS, MOST_MAILS, Recent
from escalation.receipt import ReceiptKind

SENT_AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"
OUTLOOK = (
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; .NET4.0C; .NET4.0E; "
    "Microsoft Outlook 16.0.17328; ms-office; MSOffice 16)"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
EDGE_OF_2015 = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246"
)
HOME = "203.0.113.7"


def fetched(
    agent: str, *, after: float = 600, address: str = HOME, is_ahead: bool = False, key: str = "42.m3"
) -> Fetch:
    return Fetch(key, SENT_AT + timedelta(seconds=after), address, agent, is_ahead)


@pytest.mark.parametrize(
    ("fetch", "opener"),
    [
        (fetched("Mozilla/5.0"), Opener.APPLE_MPP),
        (fetched(THUNDERBIRD, address="17.58.1.2"), Opener.APPLE_MPP),
        (fetched(GMAIL), Opener.GMAIL_PROXY),
        (fetched(THUNDERBIRD, address="66.249.84.1"), Opener.GMAIL_PROXY),
        (fetched(YAHOO), Opener.YAHOO_PROXY),
        (fetched(f"{EDGE_OF_2015} Mozilla/5.0", address="66.249.84.1"), Opener.PREFETCH),
        (fetched(THUNDERBIRD, is_ahead=True), Opener.PREFETCH),
        (fetched(EDGE_OF_2015), Opener.SECURITY_SCANNER),
        (fetched(THUNDERBIRD, address="104.47.1.2"), Opener.OUTLOOK_SCANNER),
        (fetched(THUNDERBIRD, address="2a01:111:f400:7e00::1"), Opener.OUTLOOK_SCANNER),
        (fetched("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"), Opener.OUTLOOK_SCANNER),
        (fetched("BarracudaCentral/1.0"), Opener.SECURITY_SCANNER),
        (fetched(THUNDERBIRD, address="209.222.82.1"), Opener.SECURITY_SCANNER),
        (fetched(THUNDERBIRD, address="::ffff:209.222.82.1"), Opener.SECURITY_SCANNER),
        (fetched(THUNDERBIRD, address="67.231.152.9"), Opener.SECURITY_SCANNER),
        (fetched("python-requests/2.32"), Opener.SECURITY_SCANNER),
        (fetched("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0"), Opener.SECURITY_SCANNER),
        (fetched("Mozilla/5.0 (compatible; bingbot/2.0)"), Opener.SECURITY_SCANNER),
        (fetched(""), Opener.SECURITY_SCANNER),
        (fetched("  "), Opener.SECURITY_SCANNER),
        (fetched(THUNDERBIRD, after=3), Opener.TOO_FAST),
        (fetched(THUNDERBIRD, after=22), Opener.TOO_FAST),
        (fetched(THUNDERBIRD, after=-5), Opener.TOO_FAST),
    ],
)
def test_a_machine_is_known_by_its_mark(fetch: Fetch, opener: Opener) -> None:
    opening = classify(fetch, SENT_AT)
    assert (opening.opener, opening.kind) == (opener, ReceiptKind.OPENED_BY_MACHINE)
    assert opening.reason
    assert 0 < opening.confidence <= 1


@pytest.mark.parametrize("agent", [THUNDERBIRD, OUTLOOK, IPHONE])
def test_a_mail_program_is_a_person(agent: str) -> None:
    assert classify(fetched(agent), SENT_AT).kind is ReceiptKind.OPENED
    assert classify(fetched(agent), SENT_AT).confidence > classify(fetched(agent, after=40), SENT_AT).confidence


@pytest.mark.parametrize("agent", [GMAIL, YAHOO])
def test_a_proxy_is_worth_half_a_person_later_on(agent: str) -> None:
    assert classify(fetched(agent), SENT_AT).confidence == 0.5
    assert classify(fetched(agent, after=5), SENT_AT).confidence == 0.9


def test_three_recipients_at_once_are_a_scanner() -> None:
    assert classify(fetched(THUNDERBIRD), SENT_AT, ["42.m1"]).opener is Opener.PERSON
    assert classify(fetched(THUNDERBIRD), SENT_AT, ["42.m1", "42.m2"]).opener is Opener.BURST


def kinds(*fetches: Fetch) -> list[tuple[str, ReceiptKind, bool]]:
    recent = Recent()
    found = [report for fetch in fetches for report in recent.reports(fetch, SENT_AT)]
    return [(report.key, report.kind, report.is_withdrawn) for report in found]


def burst(step: float, *, key: str = "42.m{}", address: str = HOME) -> list[Fetch]:
    return [fetched(THUNDERBIRD, after=600 + step * n, key=key.format(n), address=address) for n in range(4)]


def test_a_burst_takes_back_its_first_fetches_once() -> None:
    machine, person = ReceiptKind.OPENED_BY_MACHINE, ReceiptKind.OPENED
    assert kinds(*burst(1)) == [
        ("42.m0", person, False),
        ("42.m1", person, False),
        ("42.m2", machine, False),
        ("42.m0", person, True),
        ("42.m1", person, True),
        ("42.m3", machine, False),
    ]


@pytest.mark.parametrize(
    "fetches",
    [
        burst(BURST_WINDOW.total_seconds()),
        burst(1, key="{}.m1"),
        burst(1, address=""),
        [fetched(THUNDERBIRD, after=600 + n) for n in range(5)],
        [fetched(THUNDERBIRD, key=f"42.m{n}", address=f"203.0.{n}.7") for n in range(5)],
    ],
    ids=["slowly", "several mails", "unknown network", "one recipient", "several networks"],
)
def test_what_is_no_burst(fetches: list[Fetch]) -> None:
    assert {kind for _, kind, _ in kinds(*fetches)} == {ReceiptKind.OPENED}


OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
BY_OUTLOOK = "perhaps forwarded: Outlook, 198.51.100.0/24; 20 min before: Thunderbird, 203.0.113.0/24"


def last_detail(*fetches: Fetch) -> str:
    recent = Recent()
    return [recent.reports(fetch, SENT_AT)[0].detail for fetch in fetches][-1]


def test_a_second_client_soon_after_the_first_was_perhaps_forwarded_the_mail() -> None:
    first, second = fetched(THUNDERBIRD, after=600), fetched(OUTLOOK, after=1_800, address=ELSEWHERE)
    assert last_detail(first, second) == BY_OUTLOOK
    assert last_detail(first, first._replace(key="42.m9"), second) == BY_OUTLOOK


@pytest.mark.parametrize(
    "fetches",
    [
        [fetched(THUNDERBIRD), fetched(THUNDERBIRD, after=900, address="203.0.113.99")],
        [fetched(THUNDERBIRD), fetched(OUTLOOK, after=4_201, address=ELSEWHERE)],
        [fetched(THUNDERBIRD), fetched(OUTLOOK, after=900, address=ELSEWHERE, key="42.m4")],
        [fetched(GMAIL), fetched(OUTLOOK, after=900, address=ELSEWHERE)],
        [fetched(THUNDERBIRD), fetched(OUTLOOK, after=700, address=ELSEWHERE), fetched(THUNDERBIRD, after=900)],
    ],
    ids=["same client", "an hour later", "another recipient", "a machine before", "the first one again"],
)
def test_what_does_not_look_forwarded(fetches: list[Fetch]) -> None:
    assert last_detail(*fetches) == "a mail program, no sign of a machine"


def test_a_scanner_that_was_taken_for_a_person_is_no_first_client() -> None:
    assert last_detail(*burst(1), fetched(OUTLOOK, after=900, address=ELSEWHERE, key="42.m0")).startswith("a mail")


def test_the_memory_of_clients_is_bounded_and_short() -> None:
    recent = Recent()
    for n in range(MOST_MAILS + 10):
        recent.reports(fetched(THUNDERBIRD, key=f"{n}.m1", address=f"10.{n // 250}.{n % 250}.7"), SENT_AT)
    last = f"{MOST_MAILS}.m1"
    for n in range(20):
        recent.reports(fetched(THUNDERBIRD, key=last, address=f"203.0.{n}.7", after=600 + n), SENT_AT)
    assert len(recent._openers) == MOST_MAILS
    assert len(recent._openers[last]) == MOST_CLIENTS
    recent.reports(fetched(THUNDERBIRD, key="1.m1", after=4_300), SENT_AT)
    assert list(recent._openers) == ["1.m1"]


def test_an_address_is_kept_as_a_network() -> None:
    assert network_of("203.0.113.7") == "203.0.113.0/24"
    assert network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert network_of("unix:") == network_of("") == ""
    assert owner_of("203.0.113.7") is owner_of("testclient") is None


def test_a_program_is_kept_without_its_version() -> None:
    assert [program_of(agent) for agent in (THUNDERBIRD, OUTLOOK, IPHONE, GMAIL, "x", "")] == [
        "Thunderbird",
        "Outlook",
        "Apple Mail",
        "GoogleImageProxy",
        "other",
        "",
    ]
