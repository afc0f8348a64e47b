"""Which mail becomes an alert: each condition, each refusal, and the words for it."""

import time
from datetime import UTC, datetime

import pytest

from escalation.mail import Mail
from escalation.pattern import fold, may_be_slow
from escalation.routing import Rule, RuleOutcome, needs_text, route
from escalation.urgency import URGENT_WORDS, Unfit, high_importance, unfit, urgent_prefix
from escalation.why import SENTENCES, WhyCode

AT = datetime(2026, 5, 3, 2, 0, tzinfo=UTC)


def mail(**changes: object) -> Mail:
    start: dict[str, object] = {
        "message_id": "m1@carrier.example",
        "account": "alice",
        "folder": "INBOX",
        "received_at": AT,
        "sender": "noc@carrier.example",
        "to": ("alice@company.example",),
        "subject": "Link down",
    }
    return Mail(**{**start, **changes})  # type: ignore[arg-type]


def rule(**changes: object) -> Rule:
    return Rule(**{"name": "one", "policy": "urgent", **changes})  # type: ignore[arg-type]


def matches(one: Rule, of: Mail) -> bool:
    return route([one], of).rule == one.name


def why(one: Rule, of: Mail) -> str:
    (outcome,) = route([one], of).trail
    return outcome.sentence


def headers(**values: str) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", "-"), value) for name, value in values.items())


class TestOrder:
    def test_the_first_rule_that_matches_decides(self) -> None:
        first, second, third = rule(name="a", subjects=("up",)), rule(name="b", policy="p2"), rule(name="c")
        verdict = route([first, second, third], mail())
        assert (verdict.rule, verdict.policy, verdict.severity, verdict.ignored) == ("b", "p2", "critical", False)
        assert [(one.rule, one.matched) for one in verdict.trail] == [("a", False), ("b", True), ("c", False)]
        assert [one.sentence for one in verdict.trail] == [
            "the subject does not match /up/",
            "it has no conditions",
            "it was not tried: the rule b matched first",
        ]

    def test_no_rule_matches(self) -> None:
        verdict = route([rule(subjects=("up",))], mail())
        assert (verdict.rule, verdict.policy, verdict.ignored, verdict.is_excluded) == (None, None, False, False)

    def test_an_ignoring_rule_has_no_policy(self) -> None:
        verdict = route([rule(is_ignore=True, policy=""), rule(name="two")], mail())
        assert (verdict.rule, verdict.policy, verdict.ignored, verdict.is_excluded) == ("one", None, True, True)

    def test_all_that_failed_is_told(self) -> None:
        assert (
            why(rule(accounts=("bob",), is_flagged=True), mail()) == "the account is alice, not bob; it is not flagged"
        )


class TestConditions:
    @pytest.mark.parametrize(
        ("conditions", "of"),
        [
            ({"accounts": ("bob", "alice")}, {}),
            ({"accounts": ("al*",)}, {}),
            ({"folders": ("inbox",)}, {}),
            ({"folders": ("Alarms/*",)}, {"folder": "alarms/NOC"}),
            ({"senders": ("NOC@carrier.example",)}, {}),
            ({"senders": ("carrier.example",)}, {}),
            ({"senders": ("carrier.example",)}, {"sender": "noc@eu.carrier.example"}),
            ({"senders": ("*@carrier.*",)}, {}),
            ({"senders": ("*.example",)}, {}),
            ({"senders": ("/^noc@/",)}, {}),
            ({"recipients": ("alice@company.example",)}, {"to": ("bob@company.example", "alice@company.example")}),
            ({"list_ids": ("ops.company.example",)}, {"list_id": "ops.company.example"}),
            ({"list_ids": ("ops.company.example",)}, {"list_id": "Ops <ops.company.example>"}),
            ({"list_ids": ("Ops <*>",)}, {"list_id": "Ops <ops.company.example>"}),
            ({"headers": (("X-Zabbix", "^disaster$"),)}, {"headers": headers(x_zabbix="Disaster")}),
            ({"headers": (("X-A", "2"),)}, {"headers": (("x-a", "1"), ("x-a", "2"))}),
            ({"is_important": True}, {"headers": headers(importance="High")}),
            ({"is_flagged": True}, {"flags": frozenset({"\\FLAGGED"})}),
            ({"is_flagged": False}, {}),
            ({"keywords": ("urgent",)}, {"flags": frozenset({"$Label1", "URGENT"})}),
            ({"prefixes": URGENT_WORDS}, {"subject": "【緊急】回線断"}),
            ({"prefixes": frozenset({"障害"})}, {"subject": "［障害］回線断"}),
            ({"subjects": ("link (down|lost)",)}, {"subject": "ＬＩＮＫ　ＤＯＷＮ"}),
            ({"subjects": ("［緊急］",)}, {"subject": "［緊急］"}),
            ({"subjects": ("ｶﾞ",)}, {"subject": "ガ"}),
            ({"texts": ("^severity: 1$",)}, {"text": "Hello\nSeverity: 1\nBye"}),
            ({"texts": ("needle",)}, {"text": "x" * 5000 + "needle"}),
        ],
    )
    def test_a_condition_holds(self, conditions: dict[str, object], of: dict[str, object]) -> None:
        assert matches(rule(**conditions), mail(**of)), why(rule(**conditions), mail(**of))

    @pytest.mark.parametrize(
        ("conditions", "of", "words"),
        [
            ({"accounts": ("bob",)}, {}, "the account is alice, not bob"),
            ({"folders": ("Alarms", "NOC")}, {}, "the folder is INBOX, not Alarms or NOC"),
            (
                {"senders": ("carrier.example",)},
                {"sender": "noc@evilcarrier.example"},
                "it is from noc@evilcarrier.example, not carrier.example",
            ),
            ({"senders": ("carrier.example",)}, {"sender": ""}, "it is from nothing, not carrier.example"),
            ({"senders": ("n[oc@x",)}, {}, "it is from noc@carrier.example, not n[oc@x"),
            (
                {"recipients": ("bob@*",)},
                {"to": ("a@x.example", "c@x.example")},
                "it is to a@x.example, c@x.example, not bob@*",
            ),
            ({"list_ids": ("ops",)}, {}, "the list is nothing, not ops"),
            ({"headers": (("X-Zabbix", "a"),)}, {}, "it has no header X-Zabbix"),
            (
                {"headers": (("X-Zabbix", "a"),)},
                {"headers": headers(x_zabbix="b")},
                "the header X-Zabbix: b does not match /a/",
            ),
            ({"is_important": True}, {}, "its sender does not call it important"),
            ({"is_flagged": False}, {"flags": frozenset({"\\Flagged"})}, "it is flagged"),
            ({"keywords": ("urgent",)}, {"flags": frozenset({"b", "a"})}, "its keywords are a, b, not urgent"),
            ({"prefixes": URGENT_WORDS}, {}, "the subject does not begin with an urgent prefix"),
            ({"prefixes": frozenset({"b", "a"})}, {}, "the subject does not begin with a or b"),
            ({"subjects": ("a", "b")}, {"subject": ""}, "the subject does not match /a/ or /b/"),
            ({"texts": ("a",)}, {"text": "b"}, "the text does not match /a/"),
        ],
    )
    def test_a_condition_fails_in_words(self, conditions: dict[str, object], of: dict[str, object], words: str) -> None:
        verdict = route([rule(**conditions)], mail(**of))
        assert verdict.trail == (RuleOutcome("one", False, verdict.trail[0].why),)
        assert verdict.trail[0].sentence == words

    def test_what_matched_is_told_too(self) -> None:
        all_of_them = rule(senders=("carrier.example",), subjects=("d.wn",), texts=("b+",))
        assert why(all_of_them, mail(text="abba")) == (
            "it is from noc@carrier.example; the subject has “down”; the text has “bb”"
        )

    def test_the_text_is_looked_at_last(self) -> None:
        assert why(rule(accounts=("bob",), texts=("x",)), mail(text="y")) == "the account is alice, not bob"

    def test_only_rules_that_look_into_the_text_need_it(self) -> None:
        assert not needs_text([rule(), rule(subjects=("a",))])
        assert needs_text([rule(), rule(texts=("a",))])

    def test_every_code_has_its_sentences(self) -> None:
        assert {code for code, _ in SENTENCES} == set(WhyCode)


class TestImportance:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("importance", "high"),
            ("importance", "HIGH"),
            ("importance", "ｈｉｇｈ"),
            ("importance", "高"),
            ("x-priority", "1"),
            ("x-priority", "2"),
            ("x-priority", " 1 (Highest) "),
            ("x-priority", "1(Highest)"),
            ("x-priority", "１"),
            ("x-priority", "Highest"),
            ("x-priority", "(High)"),
            ("priority", "urgent"),
            ("priority", "Urgent"),
            ("x-msmail-priority", "High"),
            ("x-msmail-priority", "至急"),
        ],
    )
    def test_high(self, name: str, value: str) -> None:
        assert high_importance(mail(headers=((name, value),))) == f"{name}: {value.strip()}"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("importance", "normal"),
            ("importance", "1"),
            ("importance", ""),
            ("x-priority", "3 (Normal)"),
            ("x-priority", "10"),
            ("priority", "non-urgent"),
            ("priority", "normal"),
            ("x-msmail-priority", "Low"),
            ("sensitivity", "high"),
        ],
    )
    def test_not_high(self, name: str, value: str) -> None:
        assert high_importance(mail(headers=((name, value),))) == ""


class TestPrefix:
    @pytest.mark.parametrize(
        ("subject", "word"),
        [
            ("【緊急】回線断", "緊急"),
            ("【 緊急 】回線断", "緊急"),
            ("［緊急］回線断", "緊急"),
            ("【至急!】ご確認", "至急"),
            ("【緊急・要対応】x", "緊急"),
            ("〔重要〕x", "重要"),
            ("[URGENT] x", "urgent"),
            ("(Urgent) x", "urgent"),
            ("（ＵＲＧＥＮＴ）x", "urgent"),
            ("[HIGH PRIORITY] x", "high priority"),
            ("URGENT: x", "urgent"),
            ("緊急：x", "緊急"),
            ("至急！x", "至急"),
            ("★緊急★x", "緊急"),
            ("紧急：x", "紧急"),
            ("【紧急】x", "紧急"),
            ("Re: Fwd: 【緊急】x", "緊急"),
            ("Re[2]: [ops:123] [URGENT] x", "urgent"),
            ("回复：【紧急】x", "紧急"),
        ],
    )
    def test_urgent(self, subject: str, word: str) -> None:
        assert urgent_prefix(subject) == word

    @pytest.mark.parametrize(
        "subject",
        [
            "",
            "緊急ではない話",
            "回線断【緊急】",
            "【重要なお知らせ】x",
            "[not urgent] x",
            "[non-urgent] x",
            "Urgently needed: x",
            "【】x",
            "[" * 5000,
            "a:" * 20 + "【緊急】",
        ],
    )
    def test_not_urgent(self, subject: str) -> None:
        assert urgent_prefix(subject) == ""


class TestUnfit:
    @pytest.mark.parametrize(
        ("of", "kind"),
        [
            ({"headers": headers(x_kidoku_alert="12")}, Unfit.OWN),
            ({"headers": headers(return_path="<>")}, Unfit.BOUNCE),
            ({"headers": headers(return_path="< >")}, Unfit.BOUNCE),
            ({"headers": headers(content_type="Multipart/Report; report-type=delivery-status")}, Unfit.BOUNCE),
            ({"headers": headers(x_failed_recipients="bob@x.example")}, Unfit.BOUNCE),
            ({"sender": "mailer-daemon@x.example"}, Unfit.BOUNCE),
            ({"headers": headers(auto_submitted="auto-replied", content_type="multipart/report")}, Unfit.BOUNCE),
            ({"headers": headers(auto_submitted="Auto-Replied (vacation)")}, Unfit.AUTO_REPLY),
            ({"headers": headers(auto_submitted="auto-replied; owner-email=x")}, Unfit.AUTO_REPLY),
            (
                {"headers": headers(auto_submitted="auto-generated"), "subject": "Automatic reply: x"},
                Unfit.AUTO_REPLY,
            ),
            ({"headers": headers(auto_submitted="auto-generated"), "subject": "自動応答: x"}, Unfit.AUTO_REPLY),
            ({"headers": headers(x_autoreply="yes")}, Unfit.AUTO_REPLY),
            ({"headers": headers(precedence="auto_reply")}, Unfit.AUTO_REPLY),
            ({"headers": headers(precedence="bulk")}, Unfit.BULK),
            ({"headers": headers(precedence="List")}, Unfit.BULK),
            ({"headers": headers(x_precedence="junk")}, Unfit.BULK),
            ({"headers": headers(list_id="Ops <ops.x.example>")}, Unfit.BULK),
            ({"list_id": "ops.x.example"}, Unfit.BULK),
        ],
    )
    def test_opens_no_alert(self, of: dict[str, object], kind: Unfit) -> None:
        verdict = route([rule()], mail(**of))
        assert verdict.policy is None
        assert verdict.unfit is not None
        assert verdict.unfit.kind is kind
        assert verdict.is_excluded is (kind is not Unfit.BULK)
        assert verdict.trail[0].why[0].code.value == kind.value
        assert verdict.unfit.sign in verdict.trail[0].sentence

    @pytest.mark.parametrize(
        "of",
        [
            {"headers": headers(auto_submitted="auto-generated")},
            {"headers": headers(auto_submitted="no")},
            {"headers": headers(x_autoreply="no")},
            {"headers": headers(precedence="first-class")},
            {"headers": headers(return_path="<noc@carrier.example>")},
            {"headers": headers(x_auto_response_suppress="All")},
            {"subject": "Automatic reply: to what?"},
        ],
    )
    def test_may_page(self, of: dict[str, object]) -> None:
        assert unfit(mail(**of)) is None
        assert route([rule()], mail(**of)).policy == "urgent"

    @pytest.mark.parametrize(
        "asks",
        [{"include_bulk": True}, {"list_ids": ("ops.*",)}, {"is_ignore": True}],
    )
    def test_bulk_is_matched_where_the_rule_says_so(self, asks: dict[str, object]) -> None:
        assert matches(rule(**asks), mail(list_id="ops.x.example"))

    def test_including_bulk_lets_no_auto_reply_in(self) -> None:
        of = mail(headers=headers(precedence="bulk", auto_submitted="auto-replied"))
        assert not matches(rule(include_bulk=True), of)


class TestSlowRegexes:
    @pytest.mark.parametrize(
        "regex", ["(a+)+", "(a*)*b", r"(?:\w+\s?)*$", "((a+)b)*", "([a-z]+){2,}", "(a|b+)+", r"(x\)+)+"]
    )
    def test_are_recognised(self, regex: str) -> None:
        assert may_be_slow(regex)

    @pytest.mark.parametrize(
        "regex",
        [
            "",
            "a+b+",
            "(ab)+",
            "(a+)b",
            "(a+)?",
            r"\(a+\)+",
            "[(a+)]+",
            "(a{2})+",
            "(a+){3}",
            "a++",
            "(a++b)c+",
            ")+",
            "[]+]*(a)",
        ],
    )
    def test_others_are_not(self, regex: str) -> None:
        assert not may_be_slow(regex)

    def test_a_long_line_keeps_a_quadratic_regex_busy_for_a_moment_only(self) -> None:
        began = time.process_time()
        assert not matches(rule(texts=("a.*b.*c",)), mail(text="a" * 70_000))
        assert time.process_time() - began < 5

    def test_a_glob_of_many_stars_does_not_backtrack(self) -> None:
        began = time.process_time()
        assert not matches(rule(senders=("*a*a*a*a*a*a*a*a*b@*",)), mail(sender="a" * 2000 + "@x.example"))
        assert time.process_time() - began < 5


def test_fold_makes_widths_and_cases_one() -> None:
    assert fold("ＵＲＧＥＮＴ　ｶﾞ Straße") == "urgent ガ strasse"
