"""An answer, told apart from what a machine wrote in its place: by its headers, else by the words of its subject."""

from dataclasses import replace

import pytest

from channels.receipts import MailKind, Understood, answering, understand
from escalation.away import is_away, names_automatic

SENT = "Works tonight"
HEAD = "From: hanako@partner.example\r\nIn-Reply-To: <42@our.example>\r\n"


def answer(subject: str, *more: str) -> Understood:
    lines = "".join(f"{one}\r\n" for one in more)
    return understand(f"{HEAD}Subject: {subject}\r\n{lines}\r\nx\r\n".encode())


@pytest.mark.parametrize(
    "subject",
    [
        "【自動返信】不在のお知らせ",
        "【自動応答】Works tonight",
        "【自动回复】您好",
        "[自动回复] 您好",
        "（自動返信）Re: Works tonight",
        "[自動返信] Works tonight",
        "＜自動返信＞お問い合わせありがとうございます",
        "自動回覆: Works tonight",
        "Re: 【不在】Works tonight",
        "Re: Works tonight（自動返信）",
        "Re: Works tonight（不在通知）",
        "不在通知: Works tonight",
        "休暇中 Re: Works tonight",
        "出張中です",
        "夏季休業のお知らせ",
        "[#12345] チケットを受け付けました: Works tonight",
        "Automatic reply: Works tonight",
        "Re: Automatic reply: Works tonight",
        "Auto-Reply: Works tonight",
        "Auto: Works tonight",
        "Vacation reply",
        "Out of office Re: Works tonight",
        "Re: Out of Office",
        "Odgovor: Out of Office: Works tonight",
        "Away: Re: Works tonight",
        "I am OOO until Monday",
        "I’m on a business trip",
        "Hanako Sato is out of the office (returning 12/01/2026)",
        "Hanako Sato/Tokyo/Partner is out of the office.",
        "Abwesenheitsnotiz: Works tonight",
        "Automatisch antwoord: Works tonight",
        "Réponse automatique : Works tonight",
    ],
)
def test_a_subject_says_that_a_machine_answered_whether_the_one_that_was_sent_is_known_or_not(subject: str) -> None:
    found = answer(subject)
    assert found.kind is MailKind.AUTO_REPLY
    assert answering(found, SENT).kind is MailKind.AUTO_REPLY


def test_the_bare_subject_is_none_that_a_mail_program_makes_of_one_that_it_answers() -> None:
    assert answering(answer("Out of office"), "Out of office").kind is MailKind.AUTO_REPLY
    assert answering(answer("Re: Out of office"), "Out of office").kind is MailKind.REPLY


OURS = [
    "休暇申請システム停止",
    "年末年始の体制",
    "不在時の連絡先",
    "出差审批系统故障",
    "Absence management is down",
    "OOO coverage tonight",
    "On vacation cover: who?",
    "automatic reply loop on mx1",
    "[URGENT] Out of office auto-reply server is down",
    "【緊急】年末年始の当番",
]


@pytest.mark.parametrize("before", ["Re: ", "RE: ", "AW: ", "回复：", "Re[2]: ", "Re: Re: "])
@pytest.mark.parametrize("ours", OURS)
def test_what_stands_behind_re_is_our_own_and_proves_nothing(ours: str, before: str) -> None:
    found = answer(before + ours)
    assert found.kind is MailKind.REPLY
    assert answering(found, ours).kind is MailKind.REPLY


@pytest.mark.parametrize("ours", [*OURS, "【不在】当番の連絡先", "Holidays: who is on call?", "OOO"])
def test_of_a_subject_that_is_known_only_what_was_written_around_it_counts(ours: str) -> None:
    people = (f"Re: {ours}", f"re:  {ours}", f"RE: [EXTERNAL] {ours}", f"Re: {ours} - on it", f"回复: {ours}")
    machines = (f"Automatic reply: {ours}", f"自動応答: {ours}", f"Re: 【不在】{ours}", f"{ours}（自動返信）")
    assert {answering(answer(one), ours).kind for one in people} == {MailKind.REPLY}
    assert {answering(answer(one), ours).kind for one in machines} == {MailKind.AUTO_REPLY}
    assert answering(answer(f"Re: {ours}"), f"Re: {ours}").kind is MailKind.REPLY
    assert answering(answer(f"Re: {ours}"), "Re: ").kind is answer(f"Re: {ours}").kind


@pytest.mark.parametrize("subject", ["I'm on it", "Re: Works tonight", "Thanks", "Re: 【緊急】自動返信サーバーの障害"])
def test_other_words_are_a_persons(subject: str) -> None:
    found = answer(subject)
    assert found.kind is MailKind.REPLY
    assert answering(replace(found, subject="Re: Works tonight"), SENT).kind is MailKind.REPLY


@pytest.mark.parametrize(
    "header",
    [
        "Precedence: bulk",
        "Precedence: junk",
        "X-Precedence: bulk",
        "Precedence: auto_reply",
        "X-RT-Loop-Prevention: rt.partner.example",
        "RT-Ticket: partner.example #123",
        "X-Auto-Response-Suppress: All",
        "X-Autoresponder: yes",
        "X-QQ-Auto-Reply: 1",
        "X-POST-MessageClass: 9; Autoresponder",
        "Delivered-To: Autoresponder",
        "Auto-Submitted: auto-notified",
    ],
)
def test_a_header_says_that_a_machine_answered_whatever_the_subject_is(header: str) -> None:
    found = answer("Re: Works tonight", header)
    assert found.kind is MailKind.AUTO_REPLY
    assert answering(found, SENT) == found


@pytest.mark.parametrize(
    "header",
    [
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        "X-Auto-Response-Suppress: None",
        "Precedence: list",
        "Auto-Submitted: no",
    ],
)
def test_a_header_that_people_s_mail_may_have_proves_nothing(header: str) -> None:
    assert answer("Re: Works tonight", header).kind is MailKind.REPLY


@pytest.mark.parametrize(
    ("subject", "is_answer"),
    [
        ("Automatic reply: x", True),
        ("【自動返信】不在のお知らせ", True),
        ("不在通知", True),
        ("AUTO: x", True),
        ("自動応答サーバーが停止しました", False),
        ("Automated response: host was isolated", False),
        ("自動回復に失敗しました", False),
        ("年末年始: 当番がいません", False),
        ("[OOO] coverage is missing", False),
    ],
)
def test_for_monitoring_which_calls_itself_auto_generated_only_a_plain_tag_counts(
    subject: str, is_answer: bool
) -> None:
    assert names_automatic(subject) is is_answer


@pytest.mark.parametrize("sign", ["re:", "[x]", "【", "i am ", "auto", "x is ", "自動", "(ooo "])
def test_a_long_subject_is_soon_read(sign: str) -> None:
    assert not is_away("Re: " + sign * 10_000, "Works tonight")
