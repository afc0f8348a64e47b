"""What people write back to a text message: "42 a", "#42 e", "４２　了解". Pure."""

import re
import unicodedata
from dataclasses import dataclass

from channels.message import Verb

_REPLY = re.compile(r"#?\s*(\d{1,12})\s*[-:、,.。]?\s*(.*)", re.DOTALL)
_WORDS = {
    Verb.ACK: "a ack ok take 了解 了解です 了解しました 承知 承知しました 対応 対応します 引き受けます 確認しました "
    "收到 接手 知道了",
    Verb.ESCALATE: "e esc escalate next 次 次へ 次の人 エスカレーション 升级 下一步",
    Verb.RESOLVE: "r resolve resolved done 解決 解決しました 完了 解决 已解决",
    Verb.SNOOZE: "s snooze 後で あとで 稍后",
}
_VERBS = {word: verb for verb, words in _WORDS.items() for word in words.split()}
SNOOZE_FOR = "15m"


@dataclass(frozen=True, slots=True)
class Answer:
    """A verb on an alert. ``argument`` goes with a snooze: "30m"."""

    alert_id: int
    verb: Verb
    argument: str = ""


def parse(text: str) -> Answer | None:
    """What was meant; None if that is not clear. Full-width and half-width, upper and lower case are the same."""
    found = _REPLY.fullmatch(" ".join(unicodedata.normalize("NFKC", text).split()))
    if found is None:
        return None
    word, _, rest = found[2].casefold().rstrip(" .!。").partition(" ")
    verb = _VERBS.get(word)
    if verb is None or (rest and verb is not Verb.SNOOZE):
        return None
    return Answer(int(found[1]), verb, (rest or SNOOZE_FOR) if verb is Verb.SNOOZE else "")
