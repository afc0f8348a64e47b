"""What people of each team type: the same commands, each in the language of the team."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.messages_doc.cast import Cast

_ORDER = ("en", "ja", "zh")

_LINES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "status": ("status 1", "状況 1", "状态 1"),
        "status by words": ("status line is down", "状況 回線断", "状态 线路中断"),
        "list": ("list", "一覧", "列表"),
        "list unread": ("list unread", "一覧 未読", "列表 未读"),
        "list mine": ("list mine", "一覧 自分", "列表 我的"),
        "list resolved": ("list resolved", "一覧 解決済み", "列表 已解决"),
        "list all": ("list all share", "一覧 すべて 共有", "列表 全部 共享"),
        "who": ("who", "当番", "值班"),
        "why": ("why 1", "なぜ 1", "原因 1"),
        "translate": ("translate 3", "翻訳 3", "翻译 3"),
        "note": ("note 1 {note}", "メモ 1 {note}", "备注 1 {note}"),
        "remind": ("remind 1", "催促 1", "提醒 1"),
        "snooze": ("snooze 1 30m", "スヌーズ 1 30分", "静音 1 30分钟"),
        "escalate to": ("escalate 1 to bob", "エスカレ 1 → 田中さん", "升级 1 给 李强"),
        "escalate": ("escalate 1", "エスカレ 1", "升级 1"),
        "ack": ("ack 1", "1 了解", "1 收到"),
        "resolve": ("resolve 1 {reason}", "解決 1 {reason}", "解决 1 {reason}"),
        "subscribe": ("subscribe 1", "フォロー 1", "关注 1"),
        "unsubscribe": ("unsubscribe 1", "フォロー解除 1", "取消关注 1"),
        "override": ("override alice until 9:00", "代行 佐藤さん 9:00まで", "代班 王芳 到 9:00"),
        "override others": ("override carol 2h", "代行 鈴木さん 2時間", "代班 张伟 2小时"),
        "swap": ("swap 5/19 with bob for 5/26", "シフト交換 5/19 田中さんと 代わりに 5/26", "换班 5/19 和李强 换 5/26"),
        "swaps": ("swap", "シフト交換", "换班"),
        "swap accept": ("swap accept 1", "シフト交換 承諾 1", "换班 接受 1"),
        "silence": (
            'silence rule "urgent mail" for 2h why {reason}',
            "サイレンス ルール 「urgent mail」 2時間 理由 {reason}",
            "静默 规则 “urgent mail” 2小时 理由 {reason}",
        ),
        "silences": ("silences", "サイレンス一覧", "静默列表"),
        "silences 1": ("silences 1", "サイレンス一覧 1", "静默列表 1"),
        "unsilence": ("unsilence 1", "サイレンス解除 1", "解除静默 1"),
        "simulate": (
            "simulate urgent at 2:00 read alice 12m",
            "シミュレーション urgent 時刻 2:00 既読 alice 12分",
            "模拟 urgent 时间 2:00 已读 alice 12分钟",
        ),
        "confirm": ("confirm", "連絡先", "联系方式"),
        "confirm phone": ("confirm phone", "連絡先 電話", "验证 电话"),
        "confirm code": ("confirm 12345", "確認コード 12345", "验证码 12345"),
        "report": ("report week", "レポート 今週", "报告 本周"),
        "lang": ("lang en", "言語 日本語", "语言 中文"),
        "help": ("help", "ヘルプ", "帮助"),
        "help of one": ("help snooze", "ヘルプ スヌーズ", "帮助 静音"),
        "send": ("send", "送信", "发送"),
        "approve": ("approve 4", "承認 4", "批准 4"),
        "status of sent": ("status 4", "状況 4", "状态 4"),
        "recall late": ("recall 4 {reason}", "取り消し 4 {reason}", "撤回 4 {reason}"),
        "recall": ("recall 5", "取り消し 5", "撤回 5"),
        # Mistakes.
        "misspelt": ("akc 1", "りょうかい 1", "收道 1"),
        "no time": ("snooze 1 soon", "スヌーズ 1 そのうち", "静音 1 一会儿"),
        "no alert": ("status 99", "状況 99", "状态 99"),
        "no words": ("note 1", "メモ 1", "备注 1"),
        "no person": ("escalate 1 to nobody", "エスカレ 1 → 山田さん", "升级 1 给 赵四"),
        "not swallowed": ("unsilence 9", "サイレンス解除 9", "解除静默 9"),
        "nothing left": ("ack 1", "1 了解", "1 收到"),
    }
)


def line(name: str, cast: Cast) -> str:
    """A line as it is typed after the command's name. Raises KeyError for one that is not there."""
    return _LINES[name][_ORDER.index(cast.language)].format(note=cast.note, reason=cast.reason)
