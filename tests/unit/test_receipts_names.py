"""Who is meant where a report names its recipient as no sender would."""

import json
from pathlib import Path

import pytest

from bot.language import Words
from bot.receipt import receipt_command
from channels.receipts import Reported, understand

WORDS = Words("en", "UTC")
REPORT = """\
From: Postmaster@partner.example
Subject: DELIVERY FAILURE
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message was not delivered to:

  {told}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; MX.Partner.example.

{named}
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

To: hanako.sato@partner.example
Message-ID: <42@our.example>

x
--b--
"""
HANAKO = "hanako.sato@partner.example"


def one(named: str, told: str = "x") -> Reported:
    (found,) = understand(REPORT.format(named=named, told=told).encode()).recipients
    return found


@pytest.mark.parametrize("told", ["Hanako Sato/Tokyo/Partner@partner", "x", f"{HANAKO} (unknown)"])
@pytest.mark.parametrize(
    "name",
    [
        "CN=Hanako\n Sato/OU=Tokyo/O=Partner@partner.example",
        "CN=Hanako Sato/OU=Tokyo/O=Partner@PARTNER",
        "Hanako Sato/Tokyo/Partner@partner.example",
    ],
)
def test_a_name_of_notes_is_no_address(name: str, told: str) -> None:
    found = one(f"Final-Recipient: rfc822;{name}", told)
    assert (found.address, found.action, found.status) == (HANAKO, "failed", "5.1.1")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("save to /var/mail/hanako: hanako@partner.example", "hanako@partner.example"),
        ("a/b=c@partner.example", "a/b=c@partner.example"),
        ("Sato / Hanako <hanako@partner.example>", "hanako@partner.example"),
    ],
)
def test_a_slash_makes_no_name_of_notes(written: str, address: str) -> None:
    assert one(f"Final-Recipient: rfc822; {written}").address == address


def test_an_encapsulated_address_is_not_whom_the_mail_was_sent_to() -> None:
    x500 = "IMCEAEX-_O=PARTNER_OU=EXCHANGE+20GROUP_CN=RECIPIENTS_CN=hanako+2Esato@partner.example"
    both = one(f"Final-Recipient: rfc822;{x500}\nOriginal-Recipient: rfc822;{HANAKO}")
    assert (both.address, both.original_address) == (HANAKO, "")
    assert one(f"Final-Recipient: rfc822;{x500}").address == x500


def test_of_an_alias_both_addresses_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.eml"
    named = f"Final-Recipient: rfc822; hs@inner.example\nOriginal-Recipient: rfc822;{HANAKO}"
    path.write_text(REPORT.format(named=named, told="x"))
    assert receipt_command([path], as_json=True, words=WORDS) == 0
    (said,) = json.loads(capsys.readouterr().out)[0]["recipients"]
    assert (said["address"], said["original_address"]) == ("hs@inner.example", HANAKO)
    assert receipt_command([path], as_json=False, words=WORDS) == 0
    assert f"- hs@inner.example (sent to {HANAKO})" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "kind", "facts"),
    [
        ("en", "a delivery report (DSN)", "not delivered, 5.1.1"),
        ("ja", "配信レポート（DSN）", "配達不能、5.1.1"),
        ("zh", "投递报告（DSN）", "未送达、5.1.1"),
    ],
)
def test_it_is_said_in_the_language_of_whoever_asks_but_not_to_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, kind: str, facts: str
) -> None:
    path = tmp_path / "x.eml"
    path.write_text(REPORT.format(named=f"Final-Recipient: rfc822; {HANAKO}", told="x"))
    words = Words(language, "UTC")
    assert receipt_command([path], as_json=False, words=words) == 0
    said = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in said[1:] if "<" not in line][:3] == [kind, f"- {HANAKO}", facts]
    assert receipt_command([path], as_json=True, words=words) == 0
    assert json.loads(capsys.readouterr().out)[0]["recipients"][0]["action"] == "failed"


def test_what_is_no_mail_or_no_file_is_said_in_every_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty, none = tmp_path / "empty.eml", tmp_path / "none.eml"
    empty.write_text("")
    assert receipt_command([empty, none], as_json=False, words=Words("ja", "UTC")) == 2
    told = capsys.readouterr()
    assert "エラー: 空のファイルです。メールがありません" in told.out
    assert "ファイルを読めません" in told.err


@pytest.mark.parametrize(
    ("field", "host"),
    [
        ("Reporting-MTA: dns; MX.Partner.example.", "mx.partner.example"),
        ("Reporting-MTA: dns;mx.partner.example (192.0.2.1)", "mx.partner.example"),
        ("Reporting-MTA: x; ???", "partner.example"),
        ("X-Nothing: said", "partner.example"),
    ],
)
def test_who_wrote_a_report_is_its_reporting_mta_or_its_sender(field: str, host: str) -> None:
    text = REPORT.format(named=f"Final-Recipient: rfc822; {HANAKO}", told="x")
    raw = text.replace("Reporting-MTA: dns; MX.Partner.example.", field)
    assert understand(raw.encode()).reported_by == host
