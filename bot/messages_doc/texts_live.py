"""The words of the pages of conversations: chat, phone and web. As in ``texts.py``: Japanese, Chinese."""

from collections.abc import Mapping
from types import MappingProxyType

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # Pages.
        "The conversation in Slack and Discord": ("Slack と Discord でのやり取り", "Slack 和 Discord 中的对话"),
        "On the phone and by text message": ("電話と SMS", "电话与短信"),
        "Web pages": ("ウェブページ", "网页"),
        "Duties, silences, contacts and alarms": ("当番・サイレンス・連絡先・警報", "值班、静默、联系方式与警报"),
        # Commands.
        "Commands in Slack and Discord": ("Slack と Discord のコマンド", "Slack 和 Discord 的命令"),
        "The answer is for whoever typed; the message of the alert changes for everybody.": (
            "返事は入力した本人にだけ見えます。アラートのメッセージは全員の画面で変わります。",
            "回复只给输入命令的人看；告警消息则对所有人更新。",
        ),
        "Following one alert": ("アラートをフォローする", "关注一条告警"),
        "News of it come in private, and ring nobody.": (
            "動きがあると、呼び出し音なしで本人だけに届きます。",
            "有进展时只私下告知本人，不会响铃。",
        ),
        "So that planned work wakes nobody. What is kept quiet is counted.": (
            "予定作業で誰も起こさないためのものです。抑止したメールは数えられます。",
            "让计划内的作业不惊动任何人。被抑制的邮件会计数。",
        ),
        "Translating a mail": ("メールを翻訳する", "翻译邮件"),
        "With translation: in the settings. Never shared.": (
            "設定に translation: があるときに使えます。結果は共有されません。",
            "设置了 translation: 时可用。结果绝不共享。",
        ),
        "Giving somebody the duty for a time": ("当番をしばらく任せる", "暂时由他人值班"),
        "One's own; those of others need a manager.": (
            "自分の当番だけです。他人の当番は管理職の役割が必要です。",
            "仅限自己的班次；更改他人的班次需要主管角色。",
        ),
        "Swapping shifts": ("当番を交換する", "换班"),
        "The other side is asked, and answers.": ("相手に確認が届き、相手が答えます。", "会询问对方，由对方答复。"),
        "Sending an urgent mail": ("緊急メールを送る", "发送紧急邮件"),
        "A window opens; nothing leaves before it is confirmed.": (
            "ウィンドウが開きます。確定するまで何も送られません。",
            "会打开窗口。确认之前不会发出任何内容。",
        ),
        "Approving and taking back a mail": ("メールの承認と取り消し", "批准与撤回邮件"),
        "Where sending.approval: asks for a second person.": (
            "sending.approval: で別の人の承認が必要な場合です。",
            "设置 sending.approval: 要求另一人批准时。",
        ),
        "The language": ("言語", "语言"),
        "From the next answer on.": ("次の返事から切り替わります。", "从下一条回复起生效。"),
        "The same answers as Discord draws them, and its windows.": (
            "同じ返事の Discord での表示と、そのウィンドウです。",
            "同样的回复在 Discord 中的样子，以及它的窗口。",
        ),
        "What is wrong stands beside its field": ("誤りは入力欄の下に表示", "错误显示在对应字段旁"),
        "What is wrong": ("誤りがあるとき", "有错误时"),
        "Once it is sent": ("送信した後", "发出之后"),
        "The same once more": ("同じ操作をもう一度", "再次执行同样的操作"),
        "The window of a mail, page by page": ("メールのウィンドウ（ページごと）", "邮件窗口（逐页）"),
        "Another window": ("そのほかのウィンドウ", "其他窗口"),
        "The menu of its commands": ("コマンドのメニュー", "命令菜单"),
        # Buttons.
        "What a press is answered": ("ボタンへの返事", "按钮的回复"),
        "Buttons of an alert": ("アラートのボタン", "告警的按钮"),
        "What whoever pressed sees, and nobody else. The message itself changes, too.": (
            "押した本人にだけ見えます。メッセージ自体も書き換わります。",
            "只有按下的人看到。消息本身也会更新。",
        ),
        "Buttons of a mail that waits for approval": ("承認待ちメールのボタン", "待批准邮件的按钮"),
        "For whom the settings name.": ("設定で指定された人に出ます。", "给设置中指定的人。"),
        "Buttons of a swap": ("当番交換のボタン", "换班的按钮"),
        "For whoever is asked.": ("依頼された人に出ます。", "给被询问的人。"),
        "Buttons of the Home tab": ("ホームタブのボタン", "主页标签中的按钮"),
        "Testing a contact, typing its code, choosing a language.": (
            "連絡先のテスト、コードの入力、言語の選択です。",
            "测试联系方式、输入验证码、选择语言。",
        ),
        # Phone.
        "What else a call says": ("電話で流れるそのほかの音声", "电话中的其他播报"),
        "What the mail says": ("メールの本文", "邮件正文"),
        "After the key for it. Links are named, quotations are left out.": (
            "本文の番号を押すと流れます。リンクはリンクとだけ伝え、引用は省きます。",
            "按下对应按键后播报。链接只报名称，引用部分略去。",
        ),
        "Where a translation service is set up": ("翻訳サービスが設定されている場合", "已设置翻译服务时"),
        "Where it is not read out": ("読み上げない設定の場合", "设置为不朗读时"),
        "Without an address of ours": ("公開アドレスがないとき", "没有公开地址时"),
        "Where web.public_url is missing: it is said twice, no key does anything, and the ladder goes on.": (
            "web.public_url がない場合です。二度読み上げ、番号の操作は受け付けず、段階は先へ進みます。",
            "缺少 web.public_url 时：播报两遍，按键无效，升级流程继续。",
        ),
        "What a key has done": ("番号を押した結果", "按键的结果"),
        "In the audit trail and the API; the call itself thanks, as above.": (
            "監査記録と API に残ります。電話では上のとおりお礼の音声が流れます。",
            "记录在审计日志和 API 中；电话本身按上文致谢。",
        ),
        "When nothing can be read or saved": ("読み書きできないとき", "无法读取或保存时"),
        "Instead of Twilio's own words for a fault.": (
            "Twilio 標準のエラー音声の代わりに流れます。",
            "代替 Twilio 自带的故障播报。",
        ),
        "Calling Kidoku, and the sender": ("Kidoku への電話と、差出人との通話", "拨打 Kidoku，以及与发件人通话"),
        "Answering a text message": ("SMS への返信", "回复短信"),
        "Answers by SMS and WhatsApp": ("SMS と WhatsApp での返信", "通过短信和 WhatsApp 回复"),
        "They count for alerts that were sent there.": (
            "その番号に届いたアラートだけに効きます。",
            "只对发送到该号码的告警有效。",
        ),
        "No more messages; an English STOP is answered by Twilio itself": (
            "配信の停止（英語の STOP には Twilio 自身が返信）",
            "停止接收（英文 STOP 由 Twilio 自己回复）",
        ),
        # Alerts.
        "At the console": ("コンソール", "控制台"),
        "When a channel fails": ("経路が使えないとき", "渠道失败时"),
        "What a step says after else: comes at once, and the thread tells why.": (
            "段階の else: がすぐに使われ、理由はスレッドに残ります。",
            "立即执行该步骤的 else:，原因记录在消息串中。",
        ),
        "Somebody was asked for": ("人を指定して呼んだとき", "指定通知某人时"),
        "/kidoku escalate 42 to bob.": (
            "/kidoku escalate 42 to bob で届きます。",
            "由 /kidoku escalate 42 to bob 发出。",
        ),
        "To whoever sent it": ("送った人へ", "发给发送者"),
        "When it was not read in time.": ("期限までに読まれなかったときです。", "未在期限内被阅读时。"),
        "A mail that can't be delivered": ("配達できないメール", "无法投递的邮件"),
        "To whoever handed it in at the gateway. Mail servers read it, too: it is English.": (
            "ゲートウェイに出した人に届きます。メールサーバーも読むため、英語です。",
            "发给通过网关提交的人。邮件服务器也会读取，因此是英文。",
        ),
        # Pages of the web.
        "Pages that a link opens": ("リンクで開くページ", "链接打开的页面"),
        "Confirming that a mail was read": ("既読の確認", "确认已读"),
        "The link in a mail that the team sent.": (
            "チームが送ったメールの中のリンクです。",
            "团队所发邮件中的链接。",
        ),
        "Reading a confidential mail": ("機密メールを読む", "阅读机密邮件"),
        "The link in a confidential mail. The code comes another way.": (
            "機密メールの中のリンクです。コードは別の経路で届きます。",
            "机密邮件中的链接。验证码通过其他途径送达。",
        ),
        "Declining receipts": ("開封確認を断る", "拒绝回执"),
        "The link at the end of a mail that the team sent.": (
            "チームが送ったメールの末尾のリンクです。",
            "团队所发邮件末尾的链接。",
        ),
        "Taking an alert by link": ("リンクから対応する", "通过链接接手"),
        "The link of one person, where there are no buttons.": (
            "ボタンのない経路で、本人だけに届くリンクです。",
            "在没有按钮的渠道，发给本人的专属链接。",
        ),
        "Taking an alert by a room's link": ("チャンネルのリンクから対応する", "通过频道链接接手"),
        "It proves nothing of whoever opens it.": (
            "開いた人が誰かは分からないため、本人用のリンクを送ります。",
            "它不能证明打开者的身份，因此会另发本人链接。",
        ),
        "A link that leads nowhere": ("無効なリンク", "无效链接"),
        "Whatever is wrong with it, it looks the same.": (
            "理由が何であっても、同じ表示になります。",
            "无论原因如何，看起来都一样。",
        ),
        "After the button": ("ボタンを押した後", "按下按钮之后"),
        "After a name": ("名前を選んだ後", "选择姓名之后"),
        "After the code was asked for": ("コードを請求した後", "索取验证码之后"),
        "After a wrong code": ("コードが違うとき", "验证码错误时"),
        "After the right code": ("コードが正しいとき", "验证码正确时"),
        "When it has expired": ("期限が切れたとき", "过期之后"),
        "What else it may refuse": ("そのほかの断り", "其他拒绝情况"),
        "When too much is asked of it, or it can't save": ("混雑しているか、保存できないとき", "请求过多或无法保存时"),
        # Around.
        "In Discord, in a direct message": ("Discord のダイレクトメッセージ", "Discord 私信"),
        "In Slack, if it is not answered": ("Slack：回答がなかった場合", "Slack：未得到回应时"),
        "Exercises": ("訓練", "演练"),
        "An exercise on every channel": ("すべての経路での訓練", "所有渠道上的演练"),
        "kidoku drill: what is sent is marked wherever it goes.": (
            "kidoku drill で始めます。どの経路でも訓練と明示されます。",
            "由 kidoku drill 发起，在所有渠道都标明是演练。",
        ),
        "Its report: kidoku drill --report": ("結果：kidoku drill --report", "结果：kidoku drill --report"),
    }
)
