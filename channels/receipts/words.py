"""The words by which mail systems say that a mail came back, is late, or will not be tried again.

Each phrase is one that a mail system writes of itself (the system is named where only one does). In English, Japanese,
Chinese, German, French, Spanish, Italian, Portuguese, Dutch, Russian and Polish: Exchange and Domino speak the language
of their server, the web mail of the carriers that of their customers.
"""

import re
from collections.abc import Iterator


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


def lines_with(anchors: tuple[str, ...], text: str) -> Iterator[tuple[int, str]]:
    """Every line with one of these words (in lower case) in it, and where it begins; in order.

    What is looked for in such lines is found many times as quickly as by trying every phrase at every letter.
    """
    folded = text.casefold()
    if len(folded) != len(text):
        # A few letters become two; the places must stay those of the text.
        folded = "".join(one if len(one := char.casefold()) == 1 else char for char in text)
    starts: set[int] = set()
    for anchor in anchors:
        found = folded.find(anchor)
        while found >= 0:
            starts.add(text.rfind("\n", 0, found) + 1)
            end = text.find("\n", found)
            found = folded.find(anchor, end) if end >= 0 else -1
    for start in sorted(starts):
        end = text.find("\n", start)
        yield start, text[start : end if end >= 0 else len(text)]


class Phrases:
    """Phrases that no line end parts, each with one of the ``anchors`` in it."""

    def __init__(self, anchors: tuple[str, ...], *phrases: str) -> None:
        self._anchors = anchors
        self.pattern = _any(*phrases)

    def are_in(self, text: str) -> bool:
        return any(self.pattern.search(line) for _, line in lines_with(self._anchors, text))


BOUNCE_SUBJECT = _any(
    r"undeliver(?:able|ed)",
    r"non.?deliver",
    r"not (?:be )?delivered",
    r"deliver\w* (?:status|failure|failed|fail|error|problem|report|delayed|has failed|notification|incomplete)",
    r"delivery\b.{0,40}\bfail",
    r"return(?:ed|ing) (?:e-?)?(?:mail|message|to sender)",
    r"(?:mail|message|email)\b.{0,30}\b(?:fail(?:ure|ed)?|return(?:ed)?|bounced?|rejected|blocked|refused)\b",
    r"fail(?:ure|ed) (?:notice|notification|mail|delivery)",
    r"(?:mail|system|smtp|mailer) error",
    r"user unknown|unknown user|invalid recipient|unknown recipient",
    r"could ?n[o']t (?:be )?(?:deliver|send|sent)|can(?:no|')t (?:be )?(?:deliver|sen[dt])|unable to deliver",
    r"warning.{0,30}(?:could not send|message|mail)",
    r"delayed mail|mail delay|message delay|still being retried",
    r"transcript of session",
    r"unzustellbar|nicht zugestellt|nicht zustellbar|zustellung|zurück an absender|fehler bei der",
    r"non (?:remis|délivr|distribu)|échec|retard de|retourn[ée]",
    r"no (?:se )?(?:ha )?(?:podido )?(?:entreg|envi)|devuelto|no entregado|error de entrega",
    r"mancat[ao] recapito|non recapitabil|impossibile (?:recapitare|consegnare)|não entregue|falha na entrega",
    r"onbestelbaar|niet (?:afgeleverd|bezorgd)|oleverer|kan inte levereras|ikke leveres|kunne ikke",
    r"не доставлен|недоставлен|невозможно доставить|ошибка доставки|niedostarcz|nie można dostarczyć",
    r"配[信送](?:不能|でき|エラー|失敗|不可|状況|遅延)|送信(?:エラー|失敗|でき)|不達|未配達|配達(?:不能|でき)|返送"
    r"|届きません|送れません|メールエラー",
    r"退信|退回|无法(?:投递|送达|发送)|無法(?:投遞|傳送|送達)|投递(?:失败|延迟)|未送达|发送失败|傳送失敗"
    r"|未傳遞|邮件系统错误",
    r"배달|반송|전송 ?실패",
)
"""A subject of a mail that came back."""

BOUNCE_TEXT = _any(
    BOUNCE_SUBJECT.pattern,
    r"(?:message|mail|e-?mail|delivery)[^.\n]{0,80}(?:failed|not been delivered|was not (?:sent|relayed"
    r"|delivered)|returned)|not yet been delivered",
    r"(?:message|mail)[^\n]{0,120}(?:was|has been) (?:rejected|blocked|refused|stopped|quarantined)",
    r"delivery is delayed|ha(?:s|ve) ?n[o'’]t (?:yet )?been delivered",
    r"did ?n[o']t reach|could not be (?:reached|sent)|was not accepted|has been rejected|permanent (?:fatal )?errors?",
    r"following (?:address|recipient)|recipients? (?:were|was) affected|delivery (?:errors|problems|attempt)",
    r"(?:^|[^\d.])[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}",
    r"(?:mailbox|account|quota)[^.\n]{0,60}(?:full|exceed|unavailable|disabled|suspended|over|inactive)",
    r"(?:no such|unknown|invalid) (?:user|recipient|address|mailbox|host|account|local)",
    r"(?:user|recipient|address|mailbox|account|host|domain)[^.\n]{0,60}(?:unknown|not found|rejected"
    r"|not exist|invalid)",
    r"not (?:a )?member|loop (?:alert|back|condition)|duplicated message-id|security alert",
    r"rcpt to|giving up|given up|will be retried|trouble delivering|problem delivering|error delivering",
    r"宛先|あて先|受信者|配信|配送|送信でき|届け|收件人|投递|投遞|发送",
    r"empfänger|destinataire|destinatari|получател|odbiorc",
)
"""Something in the text that a bounce says and a vacation notice does not."""

LATE = Phrases(
    (
        *("will ", "warning", "re-send", "resend", "no action", "attempt", "delay", "deliver", "still ", "trying"),
        *(
            "retry",
            "retras",
            "ritard",
            "transient",
            "temporary",
            "noch nicht",
            "verzögert",
            "erneut",
            "weiterhin",
            "retard",
            "tentative",
        ),
        *("toujours", "encore", "volver", "atrasad", "riprover", "vertraagd", "opnieuw", "задерж", "повтор", "opóźni"),
        *("遅", "再", "引き続き", "延", "稍后", "继续", "繼續", "重试", "重試", "尚未"),
    ),
    r"will (?:be )?(?:automatically )?(?:retr(?:y|ied)|re-?queued?)",
    r"will (?:continue|keep)(?: on)? (?:to )?(?:try|attempt|deliver)",
    r"warning message only|this is (?:only |just )?a warning|do not need to re-?send"
    r"|no action is required on your part",
    r"delivery attempts will continue",
    r"(?:has|have|been|is|was|being) (?:temporarily )?delayed|delivery (?:is )?delay|delivery incomplete",
    r"not yet been delivered|has not been (?:yet )?delivered (?:yet|to)|not been delivered yet"
    r"|still (?:being )?(?:trying|queued|in the queue)",
    r"i'll keep trying|keep retrying|next attempt",
    r"transient (?:non-)?fatal errors|temporary (?:non-)?fatal errors|had (?:transient|temporary)",
    r"warning[ :-]{1,4}(?:could not send|message)",
    r"noch nicht zugestellt|verzögert|wird weiterhin versucht|erneut versucht",
    r"retardée?|nouvelle tentative|n'a pas encore été|toujours pas",
    r"retrasad|se volverá a intentar|ritardat|riproverà|atrasad|vertraagd|opnieuw geprobeerd",
    r"задержан|будет повтор|opóźni",
    r"遅延|遅れて|再送信?(?:します|しています|いたします|を(?:行|続|試|繰))|再試行(?:し|を|さ)(?!て(?:くだ|下)さい)|引き続き",
    r"延迟|延遲|(?<!请)(?<!請)稍后重试|继续尝试|繼續嘗試|将[^\n]{0,20}重试|將[^\n]{0,20}重試|尚未(?:投递|送达)|再次尝试",
)
"""The system goes on trying."""

OVER = Phrases(
    (
        *("giving up", "given up", "going to try", "no further", "no longer be", "will not", "queue", "permanent"),
        *("failed", "return", "再送", "不再", "停止"),
    ),
    r"giving up|given up(?! trying to connect)|not going to try|no further (?:delivery )?attempts"
    r"|no longer be retried",
    r"will not (?:be )?(?:retr|tr)(?:y|ied)|will be (?:deleted|removed) from (?:the )?queue|deleted from queue",
    r"failed permanently|permanent(?:ly)? (?:fatal )?(?:error|failure|fail)",
    r"delivery (?:has )?failed (?:after|\d+ attempts)|return(?:ed|ing) (?:your |the )?(?:message|mail|to sender)",
    r"再送(?:は)?(?:しません|いたしません|されません)|再送(?:を|は)?(?:停止|終了|中止|断念)|不再重试|停止投递",
)
"""The system has stopped trying."""

SUCCESS_SUBJECT = _any(
    r"success",
    r"^(?:delivered|relayed)\b",
    r"配[信送達](?:完了|成功|済み)|^中継",
    r"(?:投递|送达|发送)成功|成功送达|^已(?:送达|转发|中继)",
    r"^(?:zugestellt|weitergeleitet)\b",
)
DELIVERED = Phrases(
    ("successfully", "完了", "成功", "has been delivered to", "に配信されました", "已送达以下", "zugestellt"),
    r"(?:was|were|has been|have been) successfully delivered",
    r"your message has been delivered to the following|受信者に配信されました|已送达以下收件人"
    r"|nachricht wurde (?:an )?(?:folgende|den folgenden)[^.\n]{0,30} zugestellt",
    r"配[信送達](?:が)?完了|正常に配[信送達]",
    r"(?:已|已经)?成功(?:投递|送达|发送)",
)
"""It has arrived. So little is said only by systems that write no report for machines; where the subject does not say
it, too, it is not believed."""

RELAYED = Phrases(
    ("no delivery notification", "配信通知は", "未发送传递通知", "keine zustellbenachrichtigung"),
    r"no delivery (?:status )?notification was (?:sent|returned) by the destination",
    r"配信通知は[^。\n]{0,30}(?:送信|返)され(?:て(?:い)?)?ません|未发送传递通知|keine zustellbenachrichtigung",
)
"""It has gone on to a system that says no more (Exchange)."""

OURSELVES = re.compile(
    r"(?:postmaster|mailer-?daemon|mail-?daemon|abuse|hostmaster|root|no-?reply|do-?not-?reply)@", re.IGNORECASE
)
"""Addresses of the mail system rather than of a recipient."""

DAEMON = re.compile(r"mail(?:er)?[-_ ]?daemon\b", re.IGNORECASE)
"""A sender that writes nothing else than bounces."""

ROBOTS = re.compile(
    r"(?:post_?master|mdaemon|mail[._-]?(?:delivery|system|administrator|admin)"
    r"|mail-?errors?|bounces?|failnotice|uucp|majordomo)\b",
    re.IGNORECASE,
)
"""Senders of bounces."""
