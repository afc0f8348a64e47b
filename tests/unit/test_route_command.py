"""``kidoku route``: the verdict on a mail in a file, for people and for programs."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from bot.route import route_command
from tests.fakes.pseudo import english, pseudo_language
from tests.unit.test_settings_load import MINIMAL

__all__ = ["pseudo_language"]

CONFIG = (
    MINIMAL.replace("imap: {", "imap: {bob: {host: h.example, username: Bob@company.example, owner: bob}, ")
    .replace("{name: Alice}}", "{name: Alice, email: alice@company.example}, bob: {name: Bob}}")
    .replace(
        "rules: [{name: all, when: {prefix: true}, policy: urgent}]",
        """rules:
  - {name: tests, when: {subject: ^test}, ignore: true}
  - {name: Bob's, when: {account: bob, importance: high}, policy: urgent}
  - {name: urgent, when: {prefix: true, body: 回線}, policy: urgent, severity: error}
  - {name: flagged, when: {flagged: true}, policy: urgent}""",
    )
)
ENVIRON = {"KIDOKU_IMAP__ALICE__PASSWORD": "x", "KIDOKU_IMAP__BOB__PASSWORD": "x"}
SUBJECT = b64encode("【緊急】回線障害".encode("iso-2022-jp")).decode()
URGENT = f"""\
From: NOC <noc@carrier.example>
To: alice@company.example
Message-ID: <1@carrier.example>
Subject: =?iso-2022-jp?b?{SUBJECT}?=
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

回線障害が発生しました。
""".encode()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "kidoku.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def write(tmp_path: Path, name: str, raw: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(raw)
    return path


def test_for_people(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    path = write(tmp_path, "urgent.eml", URGENT)
    assert route_command([path], config, False, ENVIRON) == 0
    assert (
        capsys.readouterr().out
        == f"""{path}
  from     noc@carrier.example
  subject  【緊急】回線障害
  mailbox  alice (as if it had come there)
  result   alert: policy urgent, severity error
  - tests
      the subject does not match /^test/
  - Bob's
      the account is alice, not bob; its sender does not
      call it important
  + urgent
      the subject begins with “緊急”; the text has “回線”
  - flagged
      it was not tried: the rule urgent matched first
"""
    )


def test_wide_signs_fit_a_narrow_terminal(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    path = write(tmp_path, "a.eml", f"Subject: {'回線障害' * 20}\n\n".encode())
    assert route_command([path], config, False, ENVIRON) == 0
    for line in capsys.readouterr().out.splitlines()[1:]:
        assert sum(2 if ord(sign) > 0x2E80 else 1 for sign in line) <= 40, line


def test_for_programs(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    urgent = write(tmp_path, "urgent.eml", URGENT)
    bounce = write(tmp_path, "bounce.eml", b"From: MAILER-DAEMON@x.example\nSubject: failed\n\n")
    assert route_command([urgent, bounce], config, True, ENVIRON) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["rule"], first["policy"], first["severity"], first["unfit"]) == ("urgent", "urgent", "error", None)
    assert [(one["rule"], one["matched"]) for one in first["trail"]] == [
        ("tests", False),
        ("Bob's", False),
        ("urgent", True),
        ("flagged", False),
    ]
    assert first["trail"][0]["why"][0]["code"] == "subject"
    assert (second["rule"], second["policy"], second["severity"], second["unfit"]) == (None, None, None, "bounce")
    assert second["decision"] == "no alert: mail of this kind wakes nobody (from: mailer-daemon@x.example)"


@pytest.mark.parametrize(
    ("head", "account", "decision"),
    [
        (b"To: bob@company.example\nImportance: high", "bob", "alert: policy urgent, severity critical"),
        (b"To: nobody@company.example\nSubject: Test 1", "bob", "no alert: the rule ignores it"),
        (b"Cc: x@y.example, Alice <ALICE@company.example>", "alice", "no alert: no rule matches"),
        (b"\xff\x00garbage", "bob", "no alert: no rule matches"),
    ],
)
def test_verdicts(
    head: bytes, account: str, decision: str, tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "a.eml", head + b"\n\ntext\n")
    assert route_command([path], config, True, ENVIRON) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["account"], record["decision"]) == (account, decision)
    assert route_command([path], config, False, ENVIRON) == 0
    assert f"  result   {decision}\n" in capsys.readouterr().out


def test_a_file_that_is_not_there(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "urgent.eml", URGENT)
    assert route_command([tmp_path / "no.eml", path], config, False, ENVIRON) == 2
    said = capsys.readouterr()
    assert said.err == f"{tmp_path / 'no.eml'}: can't read the file: no such file or directory\n"
    assert "+ urgent" in said.out


def test_wrong_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path, "kidoku.yaml", b"language: jp")
    assert route_command([tmp_path / "no.eml"], config, False, ENVIRON) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{config}:1: language: 'jp' is not allowed here" in said.err


def test_for_people_in_japanese(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    path = write(tmp_path, "urgent.eml", URGENT)
    assert route_command([path], config, False, {**ENVIRON, "KIDOKU_LANGUAGE": "ja"}) == 0
    said = capsys.readouterr().out
    assert (
        said
        == f"""{path}
  差出人   noc@carrier.example
  件名     【緊急】回線障害
  受信箱   alice（ここに届いたものとみなします）
  結果     アラートあり: ポリシー urgent、重要度 error
  - tests
      件名が /^test/ に一致しません
  - Bob's
      アカウントは alice で、bob ではありません。差出人は重
      要としていません
  + urgent
      件名が「緊急」で始まります。本文に「回線」があります
  - flagged
      先にルール urgent が当てはまったため、調べていません
"""
    )


def test_for_programs_only_the_sentences_change_with_the_language(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "urgent.eml", URGENT)
    assert route_command([path], config, True, ENVIRON) == 0
    (plain,) = json.loads(capsys.readouterr().out)
    assert route_command([path], config, True, {**ENVIRON, "KIDOKU_LANGUAGE": "zh"}) == 0
    (chinese,) = json.loads(capsys.readouterr().out)
    assert chinese["decision"] == "告警：策略 urgent，级别 error"
    assert chinese["trail"][0]["why"][0]["sentence"] == "主题与 /^test/ 不匹配"
    for record in (plain, chinese):
        del record["decision"]
        for outcome in record["trail"]:
            for why in outcome["why"]:
                del why["sentence"]
    assert plain == chinese


@pytest.mark.usefixtures("pseudo_language")
@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\x00garbage",
        b"From: MAILER-DAEMON@x.example",
        b"Subject: =?utf-8?b?44CQ57eK5oCl44CR?=\nTo: bob@company.example\nImportance: high",
    ],
)
def test_no_word_is_left_in_english(
    head: bytes, tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "a.eml", head + b"\n\ntext\n")
    assert route_command([path, tmp_path / "no.eml"], config, False, ENVIRON) == 2
    told = capsys.readouterr()
    filled_in = "mailer-daemon@x.example critical importance high bob alice urgent tests Bob's flagged from Bob test"
    assert "ж" in told.out
    assert english(told.out + told.err, f"{path} no.eml {filled_in}") == set()
