"""What to look at again before a mail leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import Words
from bot.outgoing.attachment_words import names_attachment
from bot.outgoing.care import Care, Concern, ConcernKind, review
from bot.outgoing.lookalike import is_one_slip, resembled
from bot.store.record import Enclosure, OutgoingMail

KNOWN = frozenset({"company.example", "carrier.co.jp", "abc.jp"})
CARE = Care(frozenset({"company.example"}), frozenset({"carrier.co.jp"}), 3)


@pytest.mark.parametrize(
    ("domain", "like"),
    [
        ("cornpany.example", "company.example"),
        ("c0mpany.example", "company.example"),
        ("сompany.example", "company.example"),
        ("xn--ompany-hrf.example", "company.example"),
        ("cömpany.example", "company.example"),
        ("compny.example", "company.example"),
        ("comapny.example", "company.example"),
        ("companys.example", "company.example"),
        ("company.exampl", "company.example"),
        ("company.net", "company.example"),
        ("carrier.com", "carrier.co.jp"),
        ("company.example.evil.example", "company.example"),
        ("COMPANY.EXAMPLE.", None),
        ("mail.company.example", None),
        ("abd.jp", None),
        ("other.example", None),
        ("mail.other.example", None),
        ("例え.jp", None),
        ("xn--\x00", None),
        ("", None),
    ],
)
def test_what_a_domain_is_easily_taken_for(domain: str, like: str | None) -> None:
    assert resembled(domain, KNOWN) == like


@given(st.text(max_size=30))
def test_any_text_is_some_domain_or_none(text: str) -> None:
    assert resembled(text, KNOWN) in {None, *KNOWN}


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6))
def test_one_slip_is_the_same_from_both_sides_and_what_it_says(one: str, other: str) -> None:
    slips = {one[:n] + one[n + 1 :] for n in range(len(one))}
    slips |= {one[:n] + char + one[n + 1 :] for n in range(len(one)) for char in "abc"}
    slips |= {one[:n] + char + one[n:] for n in range(len(one) + 1) for char in "abc"}
    slips |= {one[:n] + one[n + 1] + one[n] + one[n + 2 :] for n in range(len(one) - 1)}
    assert is_one_slip(one, other) == (other in slips - {one})
    assert is_one_slip(one, other) == is_one_slip(other, one)


@pytest.mark.parametrize(
    "text",
    [
        "Please see the attached plan.",
        "I enclose it: enclosed are two pages.",
        "The attachment has the details.",
        "工事計画書を添付します。",
        "詳細は添付ファイルをご覧ください。",
        "別添のとおりです。",
        "详见附件。",
        "附上报告。",
        "隨附檔案請查收",
    ],
)
def test_texts_that_name_an_attachment(text: str) -> None:
    assert names_attachment(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Line A-1 is down.",
        "There is no attachment.",
        "Please don't open any attachments.",
        "添付ファイルはありません。",
        "添付なし",
        "本邮件没有附件。",
        "> see the attached plan\nUnderstood.",
        "Understood.\n\n----- Original Message -----\nSee the attached plan.",
        "Understood.\n-- \nsee the attachment policy",
        "attaché",
    ],
)
def test_texts_that_do_not(text: str) -> None:
    assert not names_attachment(text)


def mail(text: str = "Line A-1 is down.", *files: Enclosure) -> OutgoingMail:
    return OutgoingMail(sender="NOC <noc@company.example>", subject="Works", text=text, enclosures=files)


def test_a_mail_to_our_own_people_and_partners_is_no_concern() -> None:
    assert review(mail(), ["a@company.example", "b@noc.company.example", "c@carrier.co.jp"], CARE) == ()


def test_everything_at_once_the_gravest_first() -> None:
    to = ["a@company.example", "b@cornpany.example", "c@guest.example", "d@carrier.co.jp"]
    found = review(mail("See the attached plan."), to, CARE)
    assert found == (
        Concern(ConcernKind.LOOKALIKE, ("b@cornpany.example",), "company.example"),
        Concern(ConcernKind.OUTSIDE, ("b@cornpany.example", "c@guest.example")),
        Concern(ConcernKind.MANY, count=4),
        Concern(ConcernKind.ATTACHMENT),
    )
    assert [one.worded(Words("en", "UTC")) for one in found] == [
        "This looks like company.example, and is another domain:",
        "2 recipients are outside:",
        "There are 4 recipients.",
        "The text names an attachment, and there is none.",
    ]


def test_an_attachment_that_is_there_is_no_concern() -> None:
    plan = Enclosure("plan.pdf", "application/pdf", b"%PDF")
    assert review(mail("See the attached plan.", plan), ["a@company.example"], CARE) == ()
