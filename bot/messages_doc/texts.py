"""The words of the pages themselves: no message holds them, so they are not in the message catalogues. A text that has
no translation here ends the command."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.messages_doc.texts_live import TEXTS

INTRODUCTION = (
    "Every kind of message as its reader gets it, made of fixed examples by the code that words and draws them. "
    "[ … ] is a button, ↳ stands in the message's thread, and 🗣 is said."
)
_ORDER = ("ja", "zh")


def said(text: str, language: str) -> str:
    """The text in a language. Raises KeyError if it has none."""
    return text if language == "en" else _TEXTS[text][_ORDER.index(language)]


_TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **TEXTS,
        "What Kidoku says": ("Kidoku のメッセージ", "Kidoku 的消息"),
        INTRODUCTION: (
            "Kidoku が送るメッセージの全種類です。文面と表示を作る実際のコードが、決まった例から生成しています。"
            "[ … ] はボタン、↳ はスレッドへの返信、🗣 は読み上げです。",
            "Kidoku 会发出的各类消息，由实际生成文字和版面的代码根据固定示例产生。"
            "[ … ] 是按钮，↳ 是消息串中的回复，🗣 是语音播报。",
        ),
        # Where.
        "In Slack": ("Slack", "Slack"),
        "In Discord": ("Discord", "Discord"),
        "On the phone": ("電話", "电话"),
        "As a text message": ("SMS", "短信"),
        "By mail": ("メール", "邮件"),
        "By another service (apprise)": ("その他のサービス（apprise）", "其他服务（apprise）"),
        "On the phone, to whoever it rings at that moment": ("そのとき電話が鳴っている人へ", "电话正在响起的人听到的"),
        "In Slack, once it is approved": ("Slack：承認された後", "Slack：获批之后"),
        "In Slack, if all of it was read": ("Slack：すべて読まれていた場合", "Slack：全部已读时"),
        "In Slack, once it is answered": ("Slack：回答された後", "Slack：得到回应之后"),
        "The others in short": ("そのほかの警報（要点）", "其他警报（摘要）"),
        "To a stranger": ("登録されていない人へ", "对未登记的人"),
        # Mail that came in.
        "An urgent mail that came in": ("届いた緊急メール", "收到的紧急邮件"),
        "Nobody has read it yet": ("まだ誰も読んでいない", "还没有人阅读"),
        "When a step is due. The message changes in place; what happens is told in its thread.": (
            "各段階の時刻になると届きます。同じメッセージが書き換わり、経過はスレッドに残ります。",
            "到了某一步的时间时发出。消息会就地更新，经过记录在消息串中。",
        ),
        "A call": ("電話", "电话"),
        "When a step says the phone. Which key takes it differs from call to call: no voicemail can.": (
            "電話の段階で鳴ります。引き受けるための数字は毎回変わるため、留守番電話が応答しても引き受けにはなりません。",
            "到了打电话的步骤时拨出。接手的按键每次不同，语音信箱不可能误接手。",
        ),
        "Several mails in one call": ("一度の電話で複数のメール", "一通电话中的多封邮件"),
        "When more urgent mail waits for somebody whose phone rings.": (
            "電話をかける相手に、ほかにも緊急メールがあるときです。",
            "被叫的人还有其他紧急邮件等待处理时。",
        ),
        "A text message": ("SMS", "短信"),
        "When a step says SMS. It can be answered as it says.": (
            "SMS の段階で届きます。書かれているとおりに返信できます。",
            "到了发短信的步骤时发出，可按提示回复。",
        ),
        "Another service": ("その他のサービス", "其他服务"),
        "When a step says apprise. There are no buttons: a link opens a page with one.": (
            "apprise の段階で届きます。ボタンの代わりに、ボタンのあるページへのリンクが付きます。",
            "到了 apprise 的步骤时发出。没有按钮，链接会打开带按钮的页面。",
        ),
        "A mail to somebody who can take it": ("引き受けられる人へのメール", "发给可接手者的邮件"),
        "When a step says mail.": ("メールの段階で届きます。", "到了发邮件的步骤时发出。"),
        "It was read": ("読まれた", "已读"),
        "When enough people have read it, wherever they did. Nothing more is sent.": (
            "どこで読まれても、必要な人数に達すると届きます。以降は何も送りません。",
            "无论在哪里阅读，只要达到所需人数。此后不再发送任何通知。",
        ),
        "It was taken": ("引き受けられた", "已接手"),
        "When somebody acknowledges it, by a button, a key, a command, a link or a text message.": (
            "誰かがボタン、電話の数字、コマンド、リンク、SMS のいずれかで引き受けたときです。",
            "有人通过按钮、电话按键、命令、链接或短信接手时。",
        ),
        "It is silent": ("通知を止めている", "静默中"),
        "When somebody snoozes it.": ("誰かがスヌーズしたときです。", "有人将其静默时。"),
        "It is resolved": ("解決した", "已解决"),
        "When somebody says that it is over.": ("誰かが解決済みにしたときです。", "有人标记为已解决时。"),
        "Nobody came": ("誰も応答しなかった", "无人响应"),
        "When the ladder has ended: the last resort is told, and the administrators get an alarm.": (
            "すべての段階が終わったときです。最終連絡先に知らせ、管理者にも警報を送ります。",
            "升级流程走完时：通知最后联系人，同时向管理员发出警报。",
        ),
        "Other first lines": ("そのほかの一行目", "其他首行"),
        "How else the same message can begin.": (
            "同じメッセージの一行目は、次のようにもなります。",
            "同一消息的首行还可能是：",
        ),
        "Its subject is in another language": ("件名が別の言語のとき", "主题是另一种语言"),
        "Where a translation service is set up. On the phone the translation is said alone.": (
            "翻訳サービスが設定されている場合です。電話では訳だけを読み上げます。",
            "已设置翻译服务时。电话中只朗读译文。",
        ),
        # Mail that the team sends.
        "A mail that the team sends": ("チームが送るメール", "团队发出的邮件"),
        "The mail": ("メール本体", "邮件本身"),
        "kidoku send. Each recipient gets one of their own, with their own link.": (
            "kidoku send で送ります。宛先ごとに、本人専用のリンクが付いた一通が届きます。",
            "由 kidoku send 发送。每位收件人收到单独的一封，附有专属链接。",
        ),
        "A reminder": ("催促", "提醒"),
        "To those alone who have not read it.": ("まだ読んでいない人にだけ届きます。", "只发给尚未阅读的人。"),
        "Who has read it": ("誰が読んだか", "谁已阅读"),
        "The steps of its policy, while somebody has not: each recipient on a line.": (
            "読んでいない人がいる間、ポリシーの段階ごとに届きます。宛先が一行ずつ並びます。",
            "仍有人未读时，按策略的步骤发出，每位收件人一行。",
        ),
        "The question whether it may leave": ("送ってよいかの確認", "是否可以发出的询问"),
        "When it needs a second person's approval.": ("別の人の承認が必要なときです。", "需要另一人批准时。"),
        "A confidential mail": ("機密メール", "机密邮件"),
        "kidoku send --confidential: the mail itself says nothing.": (
            "kidoku send --confidential で送ります。メール自体には内容がありません。",
            "由 kidoku send --confidential 发送，邮件本身不含内容。",
        ),
        "A one-time code": ("ワンタイムコード", "一次性验证码"),
        "When somebody opens the page of a confidential mail.": (
            "機密メールのページを開いたときです。",
            "有人打开机密邮件的页面时。",
        ),
        # The page.
        "The page of each person": ("一人ひとりのページ", "个人页面"),
        "The Home tab in Slack": ("Slack のホームタブ", "Slack 的主页标签"),
        "When somebody opens it, and after a press in it.": (
            "開いたときと、その中のボタンを押した後に作られます。",
            "打开时以及在其中按下按钮后生成。",
        ),
        # Around alerts.
        "Duties": ("当番", "值班"),
        "Before a shift": ("当番の前", "值班开始前"),
        "With remind: in a schedule, to whoever is on call next.": (
            "当番表に remind: があるとき、次の当番の人に届きます。",
            "值班表设有 remind: 时，发给下一位值班人。",
        ),
        "At the end of a shift": ("当番の終わり", "值班结束时"),
        "With handoff_to: in a schedule, when the people change.": (
            "当番表に handoff_to: があるとき、当番が替わると届きます。",
            "值班表设有 handoff_to: 时，在人员交接时发出。",
        ),
        "Somebody asks for a swap": ("交代のお願い", "换班请求"),
        "kidoku swap, to the other side.": ("kidoku swap で、相手に届きます。", "由 kidoku swap 发起，发给对方。"),
        "What came of a swap": ("交代の結果", "换班的结果"),
        "To both sides.": ("双方に届きます。", "发给双方。"),
        "Silences": ("サイレンス", "静默"),
        "A silence is over": ("サイレンスの終了", "静默结束"),
        "To whoever made it, and to the administrators, if it kept any mail quiet.": (
            "抑止したメールがあれば、設定した人と管理者に届きます。",
            "如果抑制过邮件，发给设置者和管理员。",
        ),
        "Contacts": ("連絡先", "联系方式"),
        "Is this contact yours?": ("連絡先の確認", "确认联系方式"),
        "kidoku confirm, at a terminal or in chat, or “Test” on the page of Slack's Home tab.": (
            "ターミナルかチャットの kidoku confirm、または Slack のホームタブの「テスト」で届きます。",
            "由终端或聊天中的 kidoku confirm，或 Slack 主页标签中的“测试”发出。",
        ),
        "The weekly test": ("週次テスト", "每周测试"),
        "With contact_checks: in the settings, in office hours.": (
            "設定に contact_checks: があるとき、勤務時間内に届きます。",
            "设置了 contact_checks: 时，在工作时间内发出。",
        ),
        "Who did not answer it": ("応答しなかった人", "谁没有回应"),
        "Who can't be reached": ("連絡が届かない人", "无法联系到的人"),
        "To the managers, once a week, if there is anybody.": (
            "該当する人がいるとき、週に一度、責任者に届きます。",
            "有这样的人时，每周一次发给经理。",
        ),
        "To the administrators.": ("管理者に届きます。", "发给管理员。"),
        "Alarms": ("警報", "警报"),
        "Something is wrong with the watch itself": ("見守り自体の異常", "值守本身出了问题"),
        "It can save again": ("再び保存できるようになったとき", "恢复保存时"),
        "To whoever was told that it can't.": (
            "保存できないと知らせた相手に届きます。",
            "发给此前收到无法保存通知的人。",
        ),
        "To the administrators, by a way that still works.": (
            "まだ使える経路で、管理者に届きます。",
            "通过仍然可用的渠道发给管理员。",
        ),
        # Answers.
        "Looking": ("見る", "查看"),
        "Private, unless share is added.": (
            "share を付けなければ、本人にだけ見えます。",
            "不加 share 时只有本人可见。",
        ),
        "Why": ("理由", "原因"),
        "Its story in sentences.": ("経緯を文章で説明します。", "用句子说明经过。"),
        "Doing": ("操作する", "操作"),
        "What was not understood, or may not be": ("通じなかったとき、許可がないとき", "无法理解或无权操作时"),
        "It says what to type instead.": ("代わりに何と入力すればよいかを伝えます。", "会告诉您应输入什么。"),
        "Help": ("ヘルプ", "帮助"),
        "What may be typed, by role.": ("役割に応じて、入力できるコマンドを示します。", "按角色列出可输入的命令。"),
        # Beside the ladder.
        "Beside the ladder": ("段階のほかに届くもの", "升级流程之外"),
        "By WhatsApp": ("WhatsApp", "WhatsApp"),
        "When a step says WhatsApp. It can be answered as a text message can.": (
            "WhatsApp の段階で届きます。SMS と同じように返信できます。",
            "到了发 WhatsApp 的步骤时发出，可像短信一样回复。",
        ),
        "Within 24 hours after they wrote": ("相手の送信から24時間以内", "对方来信后 24 小时内"),
        "Otherwise, in an approved template": ("それ以外：承認済みテンプレート", "其他情况：使用已获批的模板"),
        "News of an alert that somebody follows": ("フォロー中のアラートの動き", "所关注告警的动态"),
        "After /kidoku subscribe 42, in private and without ringing.": (
            "/kidoku subscribe 42 の後、本人だけに、呼び出し音なしで届きます。",
            "执行 /kidoku subscribe 42 之后，只发给本人，不响铃。",
        ),
        "What a room missed": ("障害中にチャンネルに届かなかったもの", "频道在故障期间错过的内容"),
        "When Slack, Discord or another service works again: one message for all of it.": (
            "Slack、Discord などが復旧すると、まとめて一通で届きます。",
            "Slack、Discord 等恢复后，合并为一条消息发出。",
        ),
        "Somebody rings Kidoku": ("Kidoku に電話をかける", "拨打 Kidoku 的电话"),
        "With twilio.call_in: in the settings. The PIN says who it is, not the number.": (
            "設定に twilio.call_in: があるときです。本人確認は電話番号ではなく暗証番号で行います。",
            "设置了 twilio.call_in: 时可用。凭 PIN 码而不是来电号码确认身份。",
        ),
        "Talking with the sender": ("差出人と話す", "与发件人通话"),
        "With twilio.connect: in the settings, after somebody has taken it on the phone.": (
            "設定に twilio.connect: があり、電話で引き受けた後です。",
            "设置了 twilio.connect: 时，在电话中接手之后。",
        ),
        "To the sender, before they are connected": ("つながる前に差出人へ", "接通前对发件人"),
        "After it, by how it ended": ("その後（終わり方による）", "之后（视结束情况）"),
        "Otherwise": ("そのほかの場合", "其他情况"),
        # Windows.
        "Windows of menus in Slack": ("Slack のメニューから開くウィンドウ", "Slack 菜单打开的窗口"),
        "Before it leaves": ("送信前の確認", "发出前的确认"),
        "Until when to be silent": ("いつまで止めるか", "静默到何时"),
        "“Snooze until…”, or /kidoku snooze without a time.": (
            "メニューの「スヌーズ…」、または時間を付けない /kidoku snooze で開きます。",
            "由菜单中的“静默到…”或不带时间的 /kidoku snooze 打开。",
        ),
        "Whom to tell next": ("次に誰に知らせるか", "接下来通知谁"),
        "“Escalate to…”, or /kidoku escalate 42 to.": (
            "メニューの「エスカレ先を指定…」、または /kidoku escalate 42 to で開きます。",
            "由菜单中的“升级给…”或 /kidoku escalate 42 to 打开。",
        ),
        "Giving somebody the duty": ("当番を代わってもらう", "安排代班"),
        "/kidoku override without the rest.": (
            "人や時間を付けない /kidoku override で開きます。",
            "由不带其他内容的 /kidoku override 打开。",
        ),
        # More answers.
        "A simulation": ("シミュレーション", "模拟"),
        "Whom a policy would tell when; nobody is told.": (
            "ポリシーがいつ誰に知らせるかを示します。実際には誰にも連絡しません。",
            "显示策略会在何时通知谁，实际不通知任何人。",
        ),
        "Contacts, and the code that came": ("連絡先と、届いたコード", "联系方式，以及收到的验证码"),
        "Of one's own alone, and never shared.": (
            "自分の連絡先だけです。共有されることはありません。",
            "仅限本人的联系方式，绝不会共享。",
        ),
        "A report": ("レポート", "报告"),
        "How a shift or a week went.": ("勤務や一週間の振り返りです。", "回顾一个班次或一周的情况。"),
    }
)
