"""More of what mail systems write, whole mails with their reports, by their sources, manuals and help pages; every name
in them is made up. Beside ``bounces.py``: other systems, other languages, and what only looks like a bounce."""

# ruff: noqa: E501 - the lines are those of mails
from dataclasses import dataclass

from channels.receipts import MailKind
from tests.fakes.bounces import BOB, CAROL, ORIGINAL, SENDER

Said = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Written:
    """One mail: ``text`` for people, ``report`` for machines ("" for none), ``returned`` the type of the part with the
    original ("" for none). ``said`` is (address, action, status) of each recipient."""

    system: str
    sender: str
    subject: str
    text: str
    said: Said = ()
    report: str = ""
    returned: str = "message/rfc822"
    headers: str = "Return-Path: <>\nAuto-Submitted: auto-replied\n"
    kind: MailKind = MailKind.DSN

    @property
    def mail(self) -> bytes:
        head = (
            f"{self.headers}From: {self.sender}\nTo: {SENDER}\nSubject: {self.subject}\n"
            "Message-ID: <notice-1@mx.their.example>\nDate: Tue, 3 Feb 2026 09:00:00 +0900\nMIME-Version: 1.0\n"
        )
        plain = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        text = self.text.replace("{original}", ORIGINAL)
        if not self.report:
            return f"{head}{plain}{text}".encode()
        parts = [f"{plain}{text}", f"Content-Type: message/delivery-status\n\n{self.report}"]
        if self.returned:
            parts.append(f"Content-Type: {self.returned}\n\n{ORIGINAL}")
        body = "".join(f"--=_b\n{part}\n" for part in parts)
        kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"\n\n'
        return f"{head}{kind}{body}--=_b--\n".encode()


DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.their.example>"
POSTMASTER = "postmaster@their.example"
EXCHANGE = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@their.example>"
NO_USER: Said = ((BOB, "failed", "5.1.1"),)


def group(
    address: str = BOB, action: str = "failed", status: str = "5.1.1", code: str = "550 5.1.1 User unknown"
) -> str:
    return f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {code}\n"


def mta(*groups: str) -> str:
    return "\n".join(("Reporting-MTA: dns; mx.their.example\n", *groups))


WITH_REPORT = (
    Written(
        "Sendmail 8.17, one failed and one late",
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.their.example>",
        "Returned mail: see transcript for details",
        "The original message was received at Tue, 3 Feb 2026 09:00:00 +0900\nfrom our.example [192.0.2.1]\n\n"
        "   ----- The following addresses had permanent fatal errors -----\n<bob@their.example>\n"
        "    (reason: 550 5.1.1 User unknown)\n\n   ----- The following addresses had transient non-fatal errors -----\n"
        "<carol@their.example>\n    (reason: 450 4.2.0 greylisted)\n",
        ((BOB, "failed", "5.1.1"), (CAROL, "delayed", "4.2.0")),
        mta(group(), group(CAROL, "delayed", "4.2.0", "450 4.2.0 greylisted")),
    ),
    Written(
        "Postfix, in Japanese",
        DAEMON,
        "配送できなかったメールをお返しします",
        "こちらは mx.their.example のメールシステムです。\n\n申し訳ありませんが、お送りいただいたメールを次の宛先に配送できま"
        "せんでした。\n\n<bob@their.example>: host mx.their.example[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT "
        "TO command)\n",
        NO_USER,
        mta(group()),
        "text/rfc822-headers",
    ),
    Written(
        "Postfix, late, in French",
        DAEMON,
        "Courrier en attente (toujours en cours de remise)",
        "Ceci est le système de messagerie de mx.their.example.\n\nVotre message n'a pas encore été remis. Il n'est pas "
        "nécessaire de le renvoyer.\n\n<bob@their.example>: connect to mx.their.example[192.0.2.9]:25: Connection timed out\n",
        ((BOB, "delayed", "4.4.1"),),
        mta(group(action="delayed", status="4.4.1", code="451 4.4.1 Connection timed out")),
        "text/rfc822-headers",
    ),
    Written(
        "Exim 4.97",
        "Mail Delivery System <Mailer-Daemon@mx.their.example>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered "
        "to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  bob@their.example\n    mailbox is full (MTA-imposed quota exceeded while writing to file /home/bob/Maildir)\n",
        ((BOB, "failed", "5.0.0"),),
        "Reporting-MTA: dns; mx.their.example\n\nAction: failed\nFinal-Recipient: rfc822;bob@their.example\nStatus: 5.0.0\n",
        headers="Return-Path: <>\nX-Failed-Recipients: bob@their.example\nAuto-Submitted: auto-replied\n",
    ),
    Written(
        "Exim 4.97, late",
        "Mail Delivery System <Mailer-Daemon@mx.their.example>",
        "Warning: message 1vAbCd-0000000ABCD-1xYz delayed 24 hours",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been "
        "delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.their.example.\n\n"
        "The address to which the message has not yet been delivered is:\n\n  bob@their.example\n    Delay reason: Connection "
        "timed out\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n",
        ((BOB, "delayed", "4.0.0"),),
        "Reporting-MTA: dns; mx.their.example\n\nAction: delayed\nFinal-Recipient: rfc822;bob@their.example\nStatus: 4.0.0\n",
    ),
    Written(
        "Exchange Online, Chinese",
        EXCHANGE,
        "无法传递: [URGENT] disk full",
        "你发送给 bob@their.example 的邮件无法传递。\n\n在 their.example 未找到 bob。\n\nalice    Office 365    bob\n需要操作"
        "        收件人\n\n未知“收件人”地址\n\n如何修复\n该地址可能拼写错误或可能不存在。\n",
        ((BOB, "failed", "5.1.10"),),
        mta(group(status="5.1.10", code="550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup")),
    ),
    Written(
        "Exchange Online, German",
        EXCHANGE,
        "Unzustellbar: [URGENT] disk full",
        "Ihre Nachricht an bob@their.example konnte nicht zugestellt werden.\n\nbob wurde bei their.example nicht gefunden.\n"
        "\nalice    Office 365    bob\nAktion erforderlich        Empfänger\n\nUnbekannte „An“-Adresse\n",
        ((BOB, "failed", "5.1.10"),),
        mta(group(status="5.1.10", code="550 5.1.10 RESOLVER.ADR.RecipientNotFound")),
    ),
    Written(
        "Exchange Online, Japanese, late",
        EXCHANGE,
        "遅延: [URGENT] disk full",
        "これらの受信者またはグループへの配信が遅延しています:\n\nbob@their.example (bob@their.example)\n\n件名: [URGENT] disk "
        "full\n\nこのメッセージはまだ配信されていません。配信は引き続き試行されます。\n",
        ((BOB, "delayed", "4.4.7"),),
        mta(group(action="delayed", status="4.4.7", code="400 4.4.7 Message delayed")),
    ),
    Written(
        "Exchange Online, refused by a rule",
        EXCHANGE,
        "Undeliverable: [URGENT] disk full",
        "Your message to bob@their.example couldn't be delivered.\n\nA custom mail flow rule created by an admin at "
        "their.example has blocked your message.\n",
        ((BOB, "failed", "5.7.1"),),
        mta(
            group(
                status="5.7.1",
                code="550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
            )
        ),
    ),
    Written(
        "Stalwart, one failed and one late",
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.their.example>",
        "Partially delivered message",
        "Your message has been partially delivered.\n\n    ----- Delivery to the following addresses failed -----\n"
        "<bob@their.example> (host 'mx.their.example' rejected command 'RCPT TO:<bob@their.example>' with code 550 (5.1.1) "
        "'User unknown')\n\n    ----- There was a temporary problem delivering to these addresses -----\n"
        "<carol@their.example> (connection to 'mx.their.example' failed: timeout)\n",
        ((BOB, "failed", "5.1.1"), (CAROL, "delayed", "4.0.0")),
        mta(group(), group(CAROL, "delayed", "4.0.0", "451 timeout")),
    ),
    Written(
        "Stalwart, delivered",
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.their.example>",
        "Successfully delivered message",
        "Your message has been successfully delivered to the following recipients:\n\n<bob@their.example> (delivered to "
        "'mx.their.example' with code 250 (2.1.5) 'ok')\n",
        ((BOB, "delivered", "2.1.5"),),
        mta(group(action="delivered", status="2.1.5", code="250 2.1.5 ok")),
    ),
    Written(
        "Amazon SES",
        "MAILER-DAEMON@amazonses.com",
        "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\nbob@their.example\n",
        NO_USER,
        "Reporting-MTA: dns; a8-31.smtp-out.amazonses.com\n\nAction: failed\nFinal-Recipient: rfc822; bob@their.example\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\nStatus: 5.1.1\n",
    ),
    Written(
        "amavis, spam",
        '"Content-filter at mx.their.example" <postmaster@mx.their.example>',
        "Considered UNSOLICITED BULK EMAIL, apparently from you",
        "A message from <alice@our.example> to:\n-> bob@their.example\n\nwas considered unsolicited bulk e-mail (UBE).\n\nOur "
        "internal reference code for your message is 12345-06/AbCdEf\n\nDelivery of the email was stopped!\n",
        ((BOB, "failed", "5.7.0"),),
        "Reporting-MTA: dns; mx.their.example\nReceived-From-MTA: dns; mail.our.example ([192.0.2.1])\nArrival-Date: Tue, 3 "
        "Feb 2026 09:00:00 +0900\n\nOriginal-Recipient: rfc822;bob@their.example\nFinal-Recipient: rfc822;bob@their.example\n"
        "Action: failed\nStatus: 5.7.0\nDiagnostic-Code: smtp; 554 5.7.0 Reject, id=12345-06 - spam\n",
        "text/rfc822-headers",
    ),
    Written(
        "Zimbra, over quota",
        DAEMON,
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.their.example.\n\n<bob@their.example>: host mx.their.example[192.0.2.9] said: 552 "
        "5.2.2 Over quota (in reply to end of DATA command)\n",
        ((BOB, "failed", "5.2.2"),),
        mta(group(status="5.2.2", code="552 5.2.2 Over quota")),
    ),
    Written(
        "CommuniGate Pro",
        DAEMON,
        "Undeliverable mail",
        "Failed to deliver to 'bob@their.example'\nSMTP module(domain their.example) reports:\n host mx.their.example says:\n "
        "550 5.1.1 User unknown\n",
        NO_USER,
        "Reporting-MTA: dns; mx.their.example\n\nOriginal-Recipient: rfc822;<bob@their.example>\nFinal-Recipient: system;"
        "<bob@their.example>\nAction: failed\nStatus: 5.1.1\n",
    ),
    Written(
        "Yandex",
        "mailer-daemon@yandex.ru",
        "Недоставленное сообщение",
        "Это письмо отправлено почтовым сервером yandex.ru.\n\nК сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо "
        "не может\nбыть отправлено одному или нескольким адресатам.\n\n<bob@their.example>: host mx.their.example[192.0.2.9] "
        "said: 550 5.1.1 User unknown\n",
        NO_USER,
        mta(group()),
    ),
    Written(
        "Proofpoint, gave up after days",
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.their.example>",
        "Returned mail: see transcript for details",
        "The original message was received at Tue, 3 Feb 2026 09:00:00 +0900\n\n   ----- The following addresses had "
        "permanent fatal errors -----\n<bob@their.example>\n\nMessage could not be delivered for 5 days\nMessage will be "
        "deleted from queue\n",
        ((BOB, "failed", "4.4.7"),),
        mta(group(status="4.4.7", code="451 4.4.7 timed out")),
    ),
)
"""Notices with a report for machines."""

AS_TEXT = (
    Written(
        "qmail-ldap",
        "MAILER-DAEMON@mx.their.example",
        "failure notice",
        "Hi. This is the qmail-send program at mx.their.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<bob@their.example>:\n"
        "The users mailfolder is over the allowed quota (size). (#5.2.2)\n\n--- Below this line is a copy of the message.\n\n"
        "{original}",
        ((BOB, "failed", "5.2.2"),),
    ),
    Written(
        "Exchange 2003",
        "System Administrator <postmaster@their.example>",
        "Undeliverable: [URGENT] disk full",
        "Your message did not reach some or all of the intended recipients.\n\n      Subject:\t[URGENT] disk full\n      "
        "Sent:\t2/3/2026 9:00 AM\n\nThe following recipient(s) could not be reached:\n\n      bob@their.example on 2/3/2026 "
        "9:00 AM\n            The e-mail account does not exist at the organization this message was sent to.\n            "
        "<mx.their.example #5.1.1>\n",
        NO_USER,
    ),
    Written(
        "Exchange 2007",
        EXCHANGE,
        "Undeliverable: [URGENT] disk full",
        "Delivery has failed to these recipients or distribution lists:\n\nbob@their.example\nThe recipient's e-mail address "
        "was not found in the recipient's e-mail system. Microsoft Exchange will not try to redeliver this message for you.\n"
        "\n________________________________\nSent by Microsoft Exchange Server 2007\n\nDiagnostic information for "
        "administrators:\n\nGenerating server: mx.their.example\n\nbob@their.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; "
        "not found ##\n\nOriginal message headers:\n\n{original}",
        NO_USER,
    ),
    Written(
        "Exchange 2016, Japanese",
        EXCHANGE,
        "配信不能: [URGENT] disk full",
        "次の受信者またはグループへの配信に失敗しました:\n\nbob@their.example (bob@their.example)<mailto:bob@their.example>\n入力"
        "したメール アドレスが見つかりませんでした。\n\n\n管理者向けの診断情報:\n\n生成サーバー: mx.their.example\n\n"
        "bob@their.example\nRemote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n\n元のメッセージ ヘッダー:"
        "\n\n{original}",
        NO_USER,
    ),
    Written(
        "Exchange 2010, Chinese, traditional",
        EXCHANGE,
        "無法傳遞: [URGENT] disk full",
        "無法傳遞至下列收件者或群組:\n\nbob@their.example\n找不到您輸入的電子郵件地址。請檢查收件者的電子郵件地址，然後嘗試重新傳送郵"
        "件。\n\n系統管理員的診斷資訊:\n\n產生伺服器: mx.their.example\n\nbob@their.example\n#550 5.1.1 "
        "RESOLVER.ADR.RecipNotFound; not found ##\n\n原始郵件標頭:\n\n{original}",
        NO_USER,
    ),
    Written(
        "Domino, Japanese",
        "Postmaster@their.example",
        "配信失敗: User bob (bob@their.example) not listed in Domino Directory",
        "次のメッセージ\n\n  件名: [URGENT] disk full\n\nは以下の宛先に配信されませんでした:\n\n  bob@their.example\n\n理由:\n\n  "
        "User bob (bob@their.example) not listed in Domino Directory\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "GroupWise",
        "Postmaster <Postmaster@their.example>",
        "Message status - undeliverable",
        "The message that you sent was undeliverable to the following:\n\tbob (user not found) bob@their.example\n\nPossibly "
        "truncated original message follows:\n\n{original}",
        ((BOB, "failed", ""),),
    ),
    Written(
        "MDaemon, late",
        "MDaemon at their.example <MDaemon@their.example>",
        "Warning: their.example - Delivery Delayed",
        "The attached message has encountered TRANSIENT (temporary) delivery errors.\n\nThis is a warning message only. Your "
        "message is still in the queue and delivery\nattempts will continue.\n\nThe message has not been delivered to the "
        "following recipients:\n\n> bob@their.example\n",
        ((BOB, "delayed", ""),),
    ),
    Written(
        "Kerio Connect",
        "Mail Delivery Subsystem <postmaster@their.example>",
        "Undeliverable: [URGENT] disk full",
        "This is an automatically generated Delivery Status Notification.\n\nYour message could not be delivered to the "
        "following recipients:\n\n  bob@their.example\n    Reason: 550 5.1.1 User unknown\n\nReporting server: "
        "mx.their.example\n",
        NO_USER,
    ),
    Written(
        "IceWarp",
        "MAILER-DAEMON@their.example",
        "Mail delivery failed",
        "The message could not be delivered to the following recipient(s):\n\nbob@their.example\nHost mx.their.example said: "
        "550 5.1.1 User unknown; this message could not be delivered.\n\nThe original message headers follow.\n\n{original}",
        NO_USER,
    ),
    Written(
        "Barracuda",
        "Barracuda Spam Firewall <postmaster@their.example>",
        "**Message you sent blocked by our bulk email filter**",
        "Your message to: bob@their.example\nwas blocked by our Spam Firewall. The email you sent with the following subject "
        "has NOT BEEN DELIVERED:\n\nSubject: [URGENT] disk full\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "Mimecast",
        POSTMASTER,
        "[Postmaster] Email Delivery Failure",
        "This is a delivery failure notification message indicating that\nan email you addressed to email address :\n-- "
        "bob@their.example\n\ncould not be delivered. The problem appears to be :\n-- Recipient email address is possibly "
        "incorrect\n\nAdditional information follows :\n-- 5.1.1 User unknown\n\nThis condition occurred after 1 attempt(s) to "
        "deliver over\na period of 0 hour(s).\n",
        NO_USER,
    ),
    Written(
        "IronPort",
        DAEMON,
        "Delivery Status Notification (Failure)",
        "The following message to <bob@their.example> was undeliverable.\nThe reason for the problem:\n5.1.0 - Unknown address "
        "error 550-'User unknown'\n",
        ((BOB, "failed", "5.1.0"),),
    ),
    Written(
        "MessageLabs",
        DAEMON,
        "Mail Delivery Failure",
        "This is the mail delivery agent at messagelabs.com.\nI was unable to deliver your message to the following "
        "addresses.\n\nbob@their.example\n\nReason: 550 5.1.1 User unknown\n\nThe message subject was: [URGENT] disk full\nThe "
        "message date was: Tue, 3 Feb 2026 09:00:00 +0900\n",
        NO_USER,
    ),
    Written(
        "hMailServer",
        "mailer-daemon@their.example",
        "Message undeliverable: [URGENT] disk full",
        "Your message did not reach some or all of the intended recipients.\n\n   Sent: Tue, 3 Feb 2026 09:00:00 +0900\n   "
        "Subject: [URGENT] disk full\n\nThe following recipient(s) could not be reached:\n\nbob@their.example\n   Error Type: "
        "SMTP\n   Remote server (192.0.2.9) issued an error.\n   hMailServer sent: RCPT TO:<bob@their.example>\n   Remote "
        "server replied: 550 5.1.1 User unknown\n\nhMailServer\n",
        NO_USER,
    ),
    Written(
        "SmarterMail",
        "System Administrator <noreply@their.example>",
        "Delivery Failure",
        "Could not deliver message to the following recipient(s):\n\nFailed Recipient: bob@their.example\nReason: Remote host "
        "said: 550 5.1.1 User unknown\n\n   -- The header and top 20 lines of the message follows --\n\n{original}",
        NO_USER,
    ),
    Written(
        "MailEnable",
        "Mail Delivery System <Postmaster@their.example>",
        "Message Delivery Failure.",
        "MailEnable: Message could not be delivered to some recipients.\nThe following recipient(s) could not be reached:\n\n\t"
        "Recipient: [SMTP:bob@their.example]\n\tReason: Remote SMTP Server Returned: 550 5.1.1 User unknown\n\n\nMessage "
        "headers follow:\n\n{original}",
        NO_USER,
    ),
    Written(
        "Mail.ru",
        "Mail Delivery System <mailer-daemon@mail.ru>",
        "Mail failure.",
        "Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.\n\nК сожалению, Ваше письмо не может "
        "быть доставлено одному или нескольким получателям:\n\n**********************\n\nbob@their.example\nПользователь не "
        "найден\nuser not found\n\n**********************\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "Coremail",
        "Postmaster@their.example",
        "系统退信",
        "尊敬的用户：\n\n很抱歉，您的邮件未能投递成功。\n\n原邮件主题：[URGENT] disk full\n收件人：bob@their.example\n退信原因：550 "
        "5.1.1 User unknown 收件人不存在\n\n建议您核对收件人地址后重新发送。\n",
        NO_USER,
    ),
    Written(
        "Aliyun",
        "postmaster@aliyun.com",
        "退信通知",
        "您好，您发送的邮件被退回，以下是退信的详细信息。\n\n发件人：alice@our.example\n收件人：bob@their.example\n主题：[URGENT] "
        "disk full\n退信原因：对方邮箱空间已满 552 5.2.2 Mailbox full\n",
        ((BOB, "failed", "5.2.2"),),
    ),
    Written(
        "SoftBank",
        "Postmaster@i.carrier.example",
        "Mail System Error - Returned Mail",
        "次のあて先へのメッセージはエラーのため送信できませんでした。\n\n送信先メールアドレスが存在しないか、受信を拒否されています。\n\n"
        "<bob@their.example>: Invalid recipient (#5.1.1)\n",
        NO_USER,
    ),
    Written(
        "Sakura, in Japanese, late",
        DAEMON,
        "メール配送遅延のお知らせ",
        "お送りいただいたメールは、まだ次の宛先に配送できていません。\n引き続き再送を試みますので、このメールを再度お送りいただく必要は"
        "ありません。\n\n<bob@their.example>: 451 4.7.1 Greylisting in action, please come back later\n",
        ((BOB, "delayed", "4.7.1"),),
    ),
    Written(
        "Naver",
        "MAILER-DAEMON@naver.com",
        "[메일 전송 실패] [URGENT] disk full",
        "보내신 메일이 아래의 이유로 전송되지 못하였습니다.\n\n받는 사람 : <bob@their.example>\n실패 사유 : 550 5.1.1 User unknown\n",
        NO_USER,
    ),
    Written(
        "wp.pl",
        "MAILER-DAEMON@wp.pl",
        "Niedostarczona wiadomość",
        "Twoja wiadomość nie mogła zostać dostarczona do następujących odbiorców:\n\n<bob@their.example>: 550 5.1.1 User "
        "unknown\n",
        NO_USER,
    ),
    Written(
        "Google Groups",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        "Hello alice@our.example,\n\nWe're writing to let you know that the group you tried to contact (bob) may not exist, or "
        "you may not have permission to post messages to the group. A few more details on why you weren't able to post:\n\n * "
        "You might have spelled or formatted the group name incorrectly.\n\n----- Original message -----\n\n{original}",
        ((BOB, "failed", ""),),
    ),
    Written(
        "a gateway that scans for viruses, Japanese",
        "Content Filter <postmaster@their.example>",
        "メール送信エラー（添付ファイル）",
        "お送りいただいたメールは、当社の規定により配信を停止しました。\n\n宛先: bob@their.example\n件名: [URGENT] disk full\n理由: "
        "パスワード付き ZIP ファイルは受信できません。\n",
        ((BOB, "failed", ""),),
    ),
)
"""Notices for people alone."""

FILTERED = (
    Written(
        "Exchange, delivered, without its report",
        POSTMASTER,
        "Delivered: [URGENT] disk full",
        "Your message has been delivered to the following recipients:\n\nBob (bob@their.example)\n\nSubject: [URGENT] disk full\n",
        ((BOB, "delivered", ""),),
    ),
    Written(
        "Exchange, delivered, without its report, Japanese",
        POSTMASTER,
        "配信済み: [URGENT] disk full",
        "メッセージは以下の受信者に配信されました。\n\nbob@their.example\n\n件名: [URGENT] disk full\n",
        ((BOB, "delivered", ""),),
    ),
    Written(
        "Exchange, relayed, without its report",
        POSTMASTER,
        "Relayed: [URGENT] disk full",
        "Delivery to these recipients or groups is complete, but no delivery notification was sent by the destination server:\n\nBob (bob@their.example)\n\nSubject: [URGENT] disk full\n",
        ((BOB, "relayed", ""),),
    ),
    Written(
        "Exchange, late, without its report",
        POSTMASTER,
        "Delivery delayed:[URGENT] disk full",
        "Delivery is delayed to these recipients or groups:\n\nBob (bob@their.example)\n\nThis message hasn't been delivered yet. Delivery will continue to be attempted.\n\nThe server will keep trying to deliver this message for the next 1 days, 19 hours and 55 minutes.\n",
        ((BOB, "delayed", ""),),
    ),
    Written(
        "FortiMail",
        "FortiMail <postmaster@their.example>",
        "Mail delivery failed",
        "The message you sent to bob@their.example was rejected by the FortiMail unit.\nReason: content filter\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "Sophos",
        POSTMASTER,
        "Message blocked: [URGENT] disk full",
        "The message you sent (subject: disk full) to bob@their.example has been blocked because it contained a file that is not allowed.\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "Gmail, late, in Japanese",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Delay)",
        "** 配信が未完了です **\n\nbob@their.example へのメール配信中に一時的な問題が発生しました。Gmail は以後 47 時間にわたって再試行し、メールを配信できない場合には通知を送信します。\n",
        ((BOB, "delayed", ""),),
    ),
    Written(
        "Gmail, Japanese",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "配信不能通知",
        "** アドレス不明 **\n\nアドレスが見つからないか、メールを受信できないため、bob@their.example にメールは配信されませんでした。\n\nリモート サーバーからの応答:\n550 5.1.1 User unknown\n",
        NO_USER,
    ),
    Written(
        "Tencent Exmail",
        '"腾讯企业邮箱" <postmaster@exmail.qq.com>',
        "来自postmaster@exmail.qq.com的退信",
        "您的邮件\ndisk full\n无法发送到 bob@their.example\n\n收件人邮箱地址不存在，无法接收邮件。\n\n退信代码：550 5.1.1\n",
        NO_USER,
    ),
    Written(
        "NetEase, late",
        "postmaster@163.com",
        "系统延迟投递通知",
        "尊敬的用户：\n您发往 bob@their.example 的邮件暂时无法送达，系统将在接下来的 24 小时内继续重试，您无需重新发送。\n",
        ((BOB, "delayed", ""),),
    ),
    Written(
        "a carrier, Japanese",
        "Postmaster@carrier.example",
        "送信エラーのお知らせ",
        "以下の宛先にメールを送信できませんでした。\n\n■宛先\nbob@their.example\n\n■エラー内容\n宛先不明\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "a server in Italian, late",
        DAEMON,
        "Avviso: consegna ritardata",
        "Il messaggio non è ancora stato consegnato al seguente destinatario:\n\n<bob@their.example>\n\nIl server riproverà per 4 giorni.\n",
        ((BOB, "delayed", ""),),
    ),
    Written(
        "Daum",
        "MAILER-DAEMON@hanmail.net",
        "[Daum] 메일 반송 안내",
        "아래의 수신자에게 메일이 전송되지 않았습니다.\n\n수신자: bob@their.example\n사유: 존재하지 않는 메일 주소입니다.\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "a gateway that lists on one line",
        POSTMASTER,
        "Undeliverable mail",
        "Your message could not be delivered to: bob@their.example, carol@their.example\n",
        ((BOB, "failed", ""), (CAROL, "failed", "")),
    ),
    Written(
        "a server with one refused and one late",
        DAEMON,
        "Mail Delivery Problem",
        "Your message could not be delivered to:\n\n<bob@their.example>: 550 5.1.1 User unknown\n\nwill be retried for:\n\n<carol@their.example>: 451 4.2.0 try later\n",
        ((BOB, "failed", "5.1.1"), (CAROL, "delayed", "4.2.0")),
    ),
    Written(
        "a server in Japanese that has stopped trying",
        DAEMON,
        "メール配信エラー",
        "bob@their.example 宛のメールは、5日間再送を試みましたが配信できなかったため、再送を停止しました。\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "HiNet",
        "MAILER-DAEMON@msa.hinet.net",
        "Returned mail: 郵件退回通知",
        "您的信件無法送達下列收件人：\n\nbob@their.example\n\n原因：信箱已滿\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "Orange",
        "MAILER-DAEMON@orange.fr",
        "Echec de remise",
        "Votre message n'a pas pu être remis aux destinataires suivants :\n\nbob@their.example : boîte pleine\n",
        ((BOB, "failed", ""),),
    ),
    Written(
        "a server in Russian, late",
        "mailer-daemon@yandex.ru",
        "Доставка задерживается",
        "Доставка Вашего письма задержана. Попытки доставки будут повторены.\n\n<bob@their.example>\n",
        ((BOB, "delayed", ""),),
    ),
    Written(
        "a filter that quarantines, Japanese",
        POSTMASTER,
        "[隔離通知] メールを隔離しました",
        "お客様が送信されたメールは、ウイルスが検出されたため隔離しました。\n宛先: bob@their.example\n",
        ((BOB, "failed", ""),),
    ),
)
"""Notices whose report a gateway took away, and those of filters and of web mail."""

_PERSON = "In-Reply-To: <page-42@our.example>\nReferences: <page-42@our.example>\n"


def away(system: str, subject: str, text: str, headers: str = "", kind: MailKind = MailKind.AUTO_REPLY) -> Written:
    return Written(system, "Bob <bob@their.example>", subject, text, headers=f"{headers}{_PERSON}", kind=kind)


ANSWERS = (
    away(
        "an old vacation program, no header",
        "Re: [URGENT] disk full",
        "I am out of the office until Monday, 9 February, and will read your mail then.\n",
    ),
    away(
        "web hosting, says what it is in its text",
        "Re: [URGENT] disk full",
        "This is an automatic reply. Thank you, we have received your message.\n\n> See https://wiki.our.example\n",
    ),
    away(
        "groupware, Japanese, no header",
        "Re: [URGENT] disk full",
        "※このメールは自動返信です。\n\nただいま出張のため不在にしております。2月9日以降にご連絡いたします。\n",
    ),
    away(
        "web mail, Chinese, no header",
        "回复: [URGENT] disk full",
        "您好，这是一封自动回复邮件。\n我正在休假，将尽快给您答复。\n",
    ),
    away("Confixx", "Re: [URGENT] disk full", "We got it.\n", "X-Autogenerated: Reply\n"),
    away("FirstClass", "Re: [URGENT] disk full", "We got it.\n", "X-FC-MachineGenerated: true\n"),
    away(
        "Exchange, an inbox rule",
        "RE: [URGENT] disk full",
        "We got it.\n",
        "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n",
    ),
    away(
        "a challenge before delivery",
        "Re: [URGENT] disk full",
        "This is an automated message. Please confirm that you are a person: https://their.example/verify\n",
    ),
    away(
        "groupware, Japanese, on leave",
        "Re: [URGENT] disk full",
        "お世話になっております。\n株式会社○○の佐藤です。\n\n誠に勝手ながら、2月3日から2月6日まで休暇をいただいております。\n",
    ),
    away(
        "web mail, Chinese, says so at the end",
        "Re: [URGENT] disk full",
        "您的来信已收到，我会尽快回复您。谢谢！\n（自动回复）\n",
    ),
    away(
        "an old vacation program, German",
        "Re: [URGENT] disk full",
        "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Ich bin derzeit nicht im Büro.\n",
    ),
    away("web mail, Korean", "Re: [URGENT] disk full", "안녕하세요. 자동응답 메일입니다.\n"),
    away(
        "a person in another's place",
        "Re: [URGENT] disk full",
        "現在、出張中の佐藤に代わり私が対応しています。\n",
        kind=MailKind.REPLY,
    ),
    away(
        "a person on a business trip",
        "Re: [URGENT] disk full",
        "出張先から確認しました。対応します。\n",
        kind=MailKind.REPLY,
    ),
    away("a person", "Re: [URGENT] disk full", "On my way.\n", kind=MailKind.REPLY),
    away(
        "a person about an automatic reply",
        "Re: [URGENT] disk full",
        "Bob is on it. The 自動返信 system is down as well, so our customers get no automatic replies.\n",
        kind=MailKind.REPLY,
    ),
    away(
        "a person who answers an automatic mail",
        "Re: [URGENT] disk full",
        "Seen, I take it.\n\n> This is an automatic reply. I am out of the office.\n",
        kind=MailKind.REPLY,
    ),
    away(
        "a person who quotes in Outlook's way",
        "RE: [URGENT] disk full",
        "了解しました。対応します。\n\n________________________________\nFrom: Alice <alice@our.example>\nSent: Tuesday\n\nこのメー"
        "ルは自動返信です。\n",
        kind=MailKind.REPLY,
    ),
)
"""Answers of machines, and of people who speak of them."""


def lure(
    system: str, sender: str, subject: str, text: str, headers: str = "Return-Path: <x@shop.example>\n"
) -> Written:
    return Written(system, sender, subject, text, headers=headers, kind=MailKind.NONE)


LURES = (
    lure(
        "a daemon by name",
        "Mailer-Daemon <info@shop.example>",
        "Mail delivery failed: returning messages to sender",
        "Messages to alice@our.example could not be delivered.\n\nRecover them: https://shop.example/recover?u=alice@our.example\n",
    ),
    lure(
        "held messages",
        "Mail Delivery System <info@shop.example>",
        "Undelivered messages: 5 mails could not be delivered",
        "Dear alice@our.example,\n\nYou have 5 undelivered messages that were returned because your mailbox is full.\n\nRelease "
        "pending messages: https://shop.example/login?alice@our.example\n",
    ),
    lure(
        "quota",
        "IT Support <support@shop.example>",
        "Delivery failed: your mailbox quota is exceeded",
        "Hello alice@our.example,\n\nMessages to your account could not be delivered. Upgrade your quota within 24 hours.\n\n"
        "https://shop.example/quota\n",
    ),
    lure(
        "Japanese",
        "メール管理者 <admin@shop.example>",
        "【重要】メール配信エラーのお知らせ",
        "alice@our.example 様\n\nお客様宛のメールが配信できませんでした。下記より確認してください。\n\nhttps://shop.example/jp\n",
    ),
    lure(
        "Chinese",
        "邮件系统 <service@shop.example>",
        "退信通知：您有未送达的邮件",
        "尊敬的 alice@our.example：\n\n您的邮箱有 3 封邮件投递失败，请立即登录验证：\n\nhttps://shop.example/cn\n",
    ),
    lure(
        "a newsletter about mail",
        "Shop <news@shop.example>",
        "Why email delivery fails, and how to mend it",
        "10 reasons why your mail could not be delivered. Read more: https://shop.example/blog\n",
    ),
)
"""Spam that looks like a bounce: it names nobody to whom a mail of ours went."""

SYSTEMS = (*WITH_REPORT, *AS_TEXT, *FILTERED, *ANSWERS, *LURES)
