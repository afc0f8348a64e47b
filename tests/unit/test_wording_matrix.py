"""The read matrix: the unread first, how each is known, and counts where there are many."""

from bot.language import Words
from bot.wording.fact import facts_of
from bot.wording.matrix import NOTHING, matrix_of
from escalation import machine
from escalation.alert import Alert
from escalation.event import Opened, ReceiptReported
from escalation.receipt import ALL, ReceiptKind, Recipient
from tests.fakes.policies import AT, after, mail, policy, roster

WORDS = Words("en", "UTC", lambda: AT)
PEOPLE = roster()


def sent(*recipients: Recipient, reports: tuple[ReceiptReported, ...] = ()) -> Alert:
    alert = machine.open(1, Opened(mail(), policy(read_by=ALL), recipients, sent_by="bob"), AT, PEOPLE).alert
    for one in reports:
        alert = machine.decide(alert, one, after(1), PEOPLE).alert
    return alert


def test_each_recipient_with_what_is_known() -> None:
    alice, guest = Recipient("alice", address="alice@example.com"), Recipient("g@p.example", address="g@p.example")
    reports = (
        ReceiptReported("alice", ReceiptKind.ACCEPTED, after(1), "smtp"),
        ReceiptReported("alice", ReceiptKind.DELIVERED, after(2), "dsn"),
        ReceiptReported("alice", ReceiptKind.OPENED_BY_MACHINE, after(3), "web"),
        ReceiptReported("alice", ReceiptKind.CONFIRMED, after(4), "web"),
        ReceiptReported("g@p.example", ReceiptKind.FAILED, after(1), "dsn", detail="550 no such user"),
    )
    first, second = matrix_of(sent(alice, guest, reports=reports), WORDS, PEOPLE, after(5)).lines
    assert (first.name, first.read) == ("g@p.example", "not yet")
    assert first.delivered == "03:01 not delivered: 550 no such user (no reminder goes there by mail)"
    assert first.opened == NOTHING
    assert (second.name, second.delivered) == ("Alice", "03:02 delivered")
    assert (second.opened, second.read) == ("03:03 opened by a machine", "03:04 confirmed on the page")


def test_a_mail_that_was_perhaps_forwarded_says_so() -> None:
    """In a receipt by a page or picture; what a mail server writes is only its words."""
    alice, guest = Recipient("alice", address="alice@example.com"), Recipient("g@p.example", address="g@p.example")
    detail = "person, 65%: perhaps forwarded: Outlook, 198.51.100.0/24; 20 min before: Thunderbird, 203.0.113.0/24"
    reports = (
        ReceiptReported("alice", ReceiptKind.OPENED, after(3), "web", detail=detail),
        ReceiptReported("g@p.example", ReceiptKind.OPENED, after(3), "mdn", detail=detail),
    )
    first, second = matrix_of(sent(alice, guest, reports=reports), WORDS, PEOPLE, after(5)).lines
    assert (first.opened, second.opened) == ("03:03 opened (perhaps forwarded)", "03:03 opened")


def test_many_are_folded_with_the_unread_first() -> None:
    addresses = [f"{n}@{'a' if n % 2 else 'b'}.example" for n in range(500)]
    many = [Recipient(one, address=one) for one in addresses]
    reports = tuple(ReceiptReported(one.id, ReceiptKind.CONFIRMED, after(1), "web") for one in many[:200])
    matrix = matrix_of(sent(*many, reports=reports), WORDS, PEOPLE, after(5))
    assert len(matrix.lines) == 40
    assert {one.read for one in matrix.lines} == {"not yet"}
    assert matrix.folded == ("b.example: 100 of 230 more have read", "a.example: 100 of 230 more have read")


def test_a_chat_shows_the_matrix_line_by_line() -> None:
    alice, guest = Recipient("alice", address="alice@example.com"), Recipient("g@p.example", address="g@p.example")
    reports = (
        ReceiptReported("alice", ReceiptKind.DELIVERED, after(2), "dsn"),
        ReceiptReported("alice", ReceiptKind.OPENED, after(3), "web"),
        ReceiptReported("alice", ReceiptKind.CONFIRMED, after(4), "web"),
        ReceiptReported("g@p.example", ReceiptKind.DELAYED, after(1), "dsn"),
    )
    facts = [(one.label, one.value) for one in facts_of(sent(alice, guest, reports=reports), WORDS, PEOPLE, after(5))]
    at = facts.index(("g@p.example", "03:01 delayed · not yet"))
    assert facts[at + 1] == ("Alice", "03:02 delivered · 03:03 opened · 03:04 confirmed on the page")
    assert "Read by" not in dict(facts)
    assert dict(facts)["Not read by"].startswith("1 of 2: g@p.example")


def test_a_chat_shows_counts_where_there_are_many() -> None:
    addresses = [f"{n}@{'a' if n % 2 else 'b'}.example" for n in range(500)]
    many = [Recipient(one, address=one) for one in addresses]
    reports = tuple(ReceiptReported(one.id, ReceiptKind.CONFIRMED, after(1), "web") for one in many[:200])
    reports += tuple(ReceiptReported(one.id, ReceiptKind.DELIVERED, after(1), "dsn") for one in many[:400])
    facts = {one.label: one.value for one in facts_of(sent(*many, reports=reports), WORDS, PEOPLE, after(5))}
    assert facts["Delivered"] == "400 of 500"
    assert facts["Have read"] == "b.example: 100 of 250, a.example: 100 of 250"
    assert facts["Not read by"].startswith("300 of 500: 200@b.example")
    assert len(facts) <= 10
