"""Notices as mail systems write them for people, from their sources and manuals; every name in them is made up.

Each: the system, From, Subject, the text, and who is said to have what (address, action, status).
"""

from dataclasses import dataclass

SENDER = "alice@our.example"

ORIGINAL = """\
Received: from mail.our.example (mail.our.example [192.0.2.1])
\tby mx.their.example with ESMTPS id 4XyZ for <someone.else@their.example>;
\tTue, 3 Feb 2026 09:00:00 +0900 (JST)
Message-ID: <page-42@our.example>
From: Alice <alice@our.example>
To: Bob <bob@their.example>
Cc: copied@their.example
Subject: [URGENT] disk full
Date: Tue, 3 Feb 2026 09:00:00 +0900

See https://wiki.our.example or write to helpdesk@our.example.
"""


@dataclass(frozen=True)
class Bounce:
    system: str
    sender: str
    subject: str
    text: str
    said: tuple[tuple[str, str, str], ...]
    headers: str = ""
    charset: str = "utf-8"

    @property
    def mail(self) -> bytes:
        head = (
            f"{self.headers}From: {self.sender}\nTo: {SENDER}\nSubject: {self.subject}\n"
            f"Date: Tue, 3 Feb 2026 09:00:00 +0900\nMIME-Version: 1.0\n"
            f"Content-Type: text/plain; charset={self.charset}\nContent-Transfer-Encoding: 8bit\n\n"
        )
        return head.encode() + self.text.replace("{original}", ORIGINAL).encode(self.charset)


BOB = "bob@their.example"
CAROL = "carol@their.example"

BOUNCES = (
    Bounce(
        "qmail",
        "MAILER-DAEMON@mx.their.example",
        "failure notice",
        """\
Hi. This is the qmail-send program at mx.their.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<bob@their.example>:
Sorry, no mailbox here by that name. vpopmail (#5.1.1)

<carol@their.example>:
192.0.2.7 does not like recipient.
Remote host said: 552 5.2.2 over quota
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

Return-Path: <alice@our.example>
{original}""",
        ((BOB, "failed", "5.1.1"), (CAROL, "failed", "5.2.2")),
    ),
    Bounce(
        "qmail, late",
        "MAILER-DAEMON@mx.their.example",
        "failure notice",
        """\
Hi. This is the qmail-send program at mx.their.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<bob@their.example>:
Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)
I'm not going to try again; this message has been in the queue too long.

--- Below this line is a copy of the message.

{original}""",
        ((BOB, "failed", "4.4.1"),),
    ),
    Bounce(
        "Exim",
        "Mail Delivery System <Mailer-Daemon@mx.their.example>",
        "Mail delivery failed: returning message to sender",
        """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  bob@their.example
    SMTP error from remote mail server after RCPT TO:<bob@their.example>:
    host mx.their.example [192.0.2.9]: 550 5.1.1 <bob@their.example>:
    Recipient address rejected: User unknown

------ This is a copy of the message, including all the headers. ------

Return-path: <alice@our.example>
{original}""",
        ((BOB, "failed", "5.1.1"),),
        headers="X-Failed-Recipients: bob@their.example\nAuto-Submitted: auto-replied\n",
    ),
    Bounce(
        "Exim, late",
        "Mail Delivery System <Mailer-Daemon@mx.their.example>",
        "Warning: message 1abcDE-0001Ab-Cd delayed 24 hours",
        """\
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.their.example.

The message identifier is:     1abcDE-0001Ab-Cd
The subject of the message is: [URGENT] disk full
The date of the message is:    Tue, 3 Feb 2026 09:00:00 +0900

The address to which the message has not yet been delivered is:

  bob@their.example
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered. Eventually the mail delivery software will give up,
and when that happens, the message will be returned to you.
""",
        ((BOB, "delayed", ""),),
        headers="Auto-Submitted: auto-replied\n",
    ),
    Bounce(
        "Postfix without MIME",
        "MAILER-DAEMON@mx.their.example (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        """\
This is the mail system at host mx.their.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

If you do so, please include this problem report. You can
delete your own text from the attached returned message.

                   The mail system

<bob@their.example> (expanded from <team@their.example>): host
    mail.their.example[192.0.2.3] said: 550 5.1.1 <bob@their.example>: User
    unknown (in reply to RCPT TO command)

<carol@their.example>: mail for their.example loops back to myself
""",
        ((BOB, "failed", "5.1.1"), (CAROL, "failed", "")),
    ),
    Bounce(
        "sendmail 8 without MIME",
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.their.example>",
        "Returned mail: see transcript for details",
        """\
The original message was received at Tue, 3 Feb 2026 09:00:00 +0900
from mail.our.example [192.0.2.1]

   ----- The following addresses had permanent fatal errors -----
<bob@their.example>
    (reason: 550 5.1.1 <bob@their.example>... User unknown)
    (expanded from: <team@their.example>)

   ----- Transcript of session follows -----
... while talking to mail.their.example.:
>>> DATA
<<< 550 5.1.1 <bob@their.example>... User unknown
550 5.1.1 <bob@their.example>... User unknown
<<< 503 5.0.0 Need RCPT (recipient)

   ----- Original message follows -----

Return-Path: <alice@our.example>
{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "sendmail, late",
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.their.example>",
        "Warning: could not send message for past 4 hours",
        """\
    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

The original message was received at Tue, 3 Feb 2026 09:00:00 +0900
from mail.our.example [192.0.2.1]

   ----- Transcript of session follows -----
<bob@their.example>... Deferred: Connection timed out with mail.their.example.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
""",
        ((BOB, "delayed", ""),),
    ),
    Bounce(
        "sendmail 5",
        "MAILER-DAEMON@mx.their.example (Mail Delivery Subsystem)",
        "Returned mail: Host unknown",
        """\
   ----- Transcript of session follows -----
421 their.example (smtp)... Deferred: Connection refused
550 bob@their.example... Host unknown

   ----- Unsent message follows -----
{original}""",
        ((BOB, "failed", "5.0.0"),),
    ),
    Bounce(
        "OpenSMTPD",
        "Mailer Daemon <MAILER-DAEMON@mx.their.example>",
        "Delivery status notification: error",
        """\
    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

bob@their.example: 550 5.1.1 <bob@their.example>: Recipient address rejected: User unknown

    Below is a copy of the original message:

{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "OpenSMTPD, late",
        "Mailer Daemon <MAILER-DAEMON@mx.their.example>",
        "Delivery status notification: warning",
        """\
    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    A message is delayed for more than 4 hours for the following
    list of recipients:

bob@their.example: 421 try again later

    Please note that this is only a temporary failure report.
    The message is kept in the queue for up to 4 days.
    You DO NOT NEED to re-send the message to these recipients.

    Below is a copy of the original message:

{original}""",
        ((BOB, "delayed", "4.0.0"),),
    ),
    Bounce(
        "Courier",
        '"Courier mail server at mx.their.example" <@>',
        "NOTICE: mail delivery status.",
        """\
This is a delivery status notification from mx.their.example,
running the Courier mail server, version 0.65.2.

The original message was received on Tue, 3 Feb 2026 09:00:00 +0900
from mail.our.example ([192.0.2.1])

---------------------------------------------------------------------------

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<bob@their.example>:
    mail.their.example [192.0.2.3]:
>>> RCPT TO:<bob@their.example>
<<< 550 5.1.1 <bob@their.example>... User Unknown

---------------------------------------------------------------------------

If your message was also sent to additional recipients, their delivery
status is not included in this report.  You may or may not receive
other delivery status notifications for additional recipients.
""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "Apache James",
        "postmaster@mx.their.example",
        "[BOUNCE]",
        """\
Hi. This is the James mail server at mx.their.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

Failed recipient(s):
bob@their.example

Error message:
550 5.1.1 No such user here

Message details:
  Subject: [URGENT] disk full
  Sent date: Tue Feb 03 09:00:00 JST 2026
  MAIL FROM: alice@our.example
  RCPT TO: bob@their.example
  From: Alice <alice@our.example>
  To: Bob <bob@their.example>, copied@their.example
  Size (in bytes): 1134
""",
        ((BOB, "failed", "5.1.1"),),
        headers="Return-Path: <>\n",
    ),
    Bounce(
        "Exchange 5.5",
        "System Administrator <postmaster@mx.their.example>",
        "Undeliverable: [URGENT] disk full",
        """\
Your message

  To:      bob@their.example; copied@their.example
  Subject: [URGENT] disk full
  Sent:    Tue, 3 Feb 2026 09:00:00 +0900

did not reach the following recipient(s):

bob@their.example on Tue, 3 Feb 2026 09:00:09 +0900
    The recipient name is not recognized
	The MTS-ID of the original message is: c=jp;a= ;p=their
;l=EXCHANGE0602030000AB12
    MSEXCH:IMS:THEIR:SITE:EXCHANGE 0 (000C05A6) Unknown Recipient
""",
        ((BOB, "failed", ""),),
    ),
    Bounce(
        "Exchange, German",
        "Postmaster <postmaster@their.example>",
        "Unzustellbar: [URGENT] disk full",
        """\
Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:

bob@their.example (bob@their.example)
Die eingegebene E-Mail-Adresse konnte nicht gefunden werden.

Diagnoseinformationen für Administratoren:

Generierender Server: their.example

bob@their.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

Ursprüngliche Nachrichtenkopfzeilen:

{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "Exchange, French",
        "Postmaster <postmaster@their.example>",
        "Non remis : [URGENT] disk full",
        """\
Échec de la remise pour ces destinataires ou groupes :

bob@their.example
L'adresse de messagerie que vous avez entrée est introuvable.

Informations de diagnostic pour les administrateurs :

Serveur de génération : their.example

bob@their.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

En-têtes de message d'origine :

{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "Exchange, Japanese",
        "Microsoft Outlook <postmaster@their.example>",
        "=?utf-8?B?6YWN5L+h5LiN6IO9?=: [URGENT] disk full",
        """\
次の受信者またはグループへの配信に失敗しました:

bob@their.example (bob@their.example)
入力した電子メール アドレスが見つかりませんでした。

管理者向けの診断情報:

生成サーバー: their.example

bob@their.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

元のメッセージのヘッダー:

{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "Exchange, Chinese",
        "Microsoft Outlook <postmaster@their.example>",
        "=?utf-8?B?5pyq6YCB6L6+?=: [URGENT] disk full",
        """\
无法将邮件传递给以下收件人或组:

bob@their.example
找不到您输入的电子邮件地址。

供管理员使用的诊断信息:

正在生成服务器: their.example

bob@their.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

原始邮件头:

{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "Domino",
        "Postmaster@their.example",
        "DELIVERY FAILURE: User bob (bob@their.example) not listed in Domino Directory",
        """\
Your message

  Subject: [URGENT] disk full

was not delivered to:

  bob@their.example

because:

  User bob (bob@their.example) not listed in Domino Directory

""",
        ((BOB, "failed", ""),),
    ),
    Bounce(
        "Notes",
        "MAILER-DAEMON@their.example",
        "Undeliverable message",
        """\
------- Failure Reasons  --------

User not listed in public Name & Address Book
bob@their.example

------- Returned Message --------

{original}""",
        ((BOB, "failed", ""),),
    ),
    Bounce(
        "GMX",
        "GMX Mailer Daemon <mailer-daemon@gmx.example>",
        "Mail delivery failed: returning message to sender",
        """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address(es) failed:

"bob@their.example":
SMTP error from remote server after RCPT command:
host: mx.their.example
5.1.1 <bob@their.example>... User unknown

--- The header of the original message is following. ---

{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "1&1",
        "Mail Delivery System <mailer-daemon@kundenserver.example>",
        "Mail delivery failed: returning message to sender",
        """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

bob@their.example

For the following reason:

SMTP error from remote server for RCPT TO command, host: mx.their.example (192.0.2.3) reason: 550 5.2.1 mailbox disabled

--- The header of the original message is following. ---

{original}""",
        ((BOB, "failed", "5.2.1"),),
    ),
    Bounce(
        "T-Online",
        "Mail Delivery System <Mailer-Daemon@t-online.example>",
        "mail failed, returning to sender",
        """\
|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <bob@their.example>
   552 5.2.2 <bob@their.example> Quota exceeded (mailbox for user is full)

|------------------------- Message header follows: ----------------------|
{original}""",
        ((BOB, "failed", "5.2.2"),),
    ),
    Bounce(
        "Zoho",
        "mailer-daemon@mail.zoho.example",
        "Undelivered Mail Returned to Sender",
        """\
This message was created automatically by mail delivery software.
A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

bob@their.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <bob@their.example>: Recipient address rejected

Received:from mail.our.example by mail.zoho.example; Tue, 3 Feb 2026 09:00:00 +0900
{original}""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "Yahoo",
        "MAILER-DAEMON@yahoo.example",
        "Failure Notice",
        """\
Sorry, we were unable to deliver your message to the following address.

<bob@their.example>:
554: delivery error: dd This user doesn't have a their.example account (bob@their.example) [0] - mta1.example

--- Below this line is a copy of the message.

{original}""",
        ((BOB, "failed", "5.0.0"),),
    ),
    Bounce(
        "Gmail, late, as text",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Delay)",
        """\
This is an automatically generated Delivery Status Notification

THIS IS A WARNING MESSAGE ONLY.

YOU DO NOT NEED TO RESEND YOUR MESSAGE.

Delivery to the following recipient has been delayed:

     bob@their.example

Message will be retried for 2 more day(s)

Technical details of temporary failure:
The recipient server did not accept our requests to connect.

----- Original message -----

{original}""",
        ((BOB, "delayed", ""),),
    ),
    Bounce(
        "KDDI au",
        "no-reply@au.example",
        "Mail delivery failed",
        """\
Your mail sent on: Tue, 3 Feb 2026 09:00:00 +0900
    Could not be delivered to: <bob@their.example>
    As their mailbox is full.
""",
        ((BOB, "failed", ""),),
        headers="Return-Path: <>\n",
    ),
    Bounce(
        "EZweb",
        "Mail Administrator <Postmaster@ezweb.example>",
        "Mail System Error - Returned Mail",
        """\
The user(s) account is disabled.

<bob@their.example>: 550 user unknown (in reply to RCPT TO command)

--------------------------------------------------
{original}""",
        ((BOB, "failed", "5.0.0"),),
    ),
    Bounce(
        "EZweb, rejected",
        "Mail Administrator <Postmaster@ezweb.example>",
        "Mail System Error - Returned Mail",
        """\
Each of the following recipients was rejected by a remote
mail server. The reasons given by the server are included
to help you determine why each recipient was rejected.

    Recipient: <bob@their.example>
    >>> RCPT TO:<bob@their.example>
    <<< 550 <bob@their.example>: User unknown

--------------------------------------------------
{original}""",
        ((BOB, "failed", "5.0.0"),),
    ),
    Bounce(
        "docomo",
        "Mail Delivery Subsystem <MAILER-DAEMON@docomo.example>",
        "Returned mail: User unknown",
        """\
宛先のメールアドレスが見つかりません。

   ----- The following addresses had permanent fatal errors -----
<bob@their.example>

   ----- Transcript of session follows -----
... while talking to mfsmax.docomo.example:
<<< 550 Unknown user bob@their.example
""",
        ((BOB, "failed", "5.0.0"),),
        charset="iso-2022-jp",
    ),
    Bounce(
        "Biglobe",
        "postmaster@biglobe.example",
        "Returned mail: mailbox full",
        """\
   ----- The following addresses had delivery problems -----
bob@their.example

   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit.

   ----- Message header follows -----

{original}""",
        ((BOB, "failed", ""),),
        charset="iso-2022-jp",
    ),
    Bounce(
        "m-FILTER",
        "postmaster@their.example",
        "failure notice",
        """\
このメールは「m-FILTER」が自動的に生成して送信しています。
メールサーバーとの通信中、下記の理由により
このメールは送信できませんでした。

以下のメールアドレスへの送信に失敗しました。
bob@their.example


-------server message
550 5.1.1 unknown user <bob@their.example>

-------SMTP command
DATA

-------original message
{original}""",
        ((BOB, "failed", "5.1.1"),),
        charset="iso-2022-jp",
    ),
    Bounce(
        "InterScan",
        '"InterScan MSS" <postmaster@their.example>',
        "Mail could not be delivered",
        """\
****** Message from InterScan Messaging Security Suite ******

Sent <<< RCPT TO:<bob@their.example>
Received >>> 550 5.1.1 <bob@their.example>... user unknown

Unable to deliver message to <bob@their.example>

************************     End of message     **********************
""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "MailMarshal",
        "postmaster@their.example",
        "Undeliverable Mail: [URGENT] disk full",
        """\
Your message:
   From:    alice@our.example
   Subject: [URGENT] disk full

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    bob@their.example

Additional Information:
    Original Sender:    <alice@our.example>
    Sender-MTA:         <192.0.2.1>
    Remote-MTA:         <192.0.2.3>
    Reporting-MTA:      <relay.their.example>
    MessageName:        <B549996730000.000000000001.0003.mml>
    Last-Attempt-Date:  <09:00:00 Tue, 3 February 2026>
""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "Sun Messaging Server",
        "Internet Mail Delivery <postmaster@their.example>",
        "Delivery Notification: Delivery has failed",
        """\
This report relates to a message you sent with the following header fields:

  Return-path: <alice@our.example>
  Message-id: <page-42@our.example>
  Date: Tue, 3 Feb 2026 09:00:00 +0900
  From: Alice <alice@our.example>
  To: bob@their.example, copied@their.example
  Subject: [URGENT] disk full

Your message cannot be delivered to the following recipients:

  Recipient address: bob@their.example
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <bob@their.example>... User Unknown
  Remote system: dns;mx.their.example (TCP|17.0.0.1|47323|192.0.2.3|25)

""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "SurfControl",
        "Mail Delivery System <postmaster@their.example>",
        "Message could not be sent",
        """\
Your message could not be sent.
A transcript of the attempts to send the message follows.
The number of attempts made: 1
Addressed To: bob@their.example

Tue 3 Feb 2026 09:00:00 +0900
Failed to send to identified host,
bob@their.example: [192.0.2.5], 550 bob@their.example... No such user

--- Message non-deliverable.
""",
        ((BOB, "failed", "5.0.0"),),
    ),
    Bounce(
        "WorkMail",
        "Mail Delivery System <MAILER-DAEMON@amazonses.example>",
        "Delivery Status Notification (Failure)",
        """\
An error occurred while trying to deliver the mail to the following recipients:
bob@their.example
""",
        ((BOB, "failed", ""),),
    ),
    Bounce(
        "MDaemon",
        "MDaemon at their.example <MDaemon@their.example>",
        "Permanent Delivery Failure",
        """\
The following data may contain sections which represent BASE64 encoded
file attachments.

The attached message had PERMANENT fatal delivery errors!

Failed address: bob@their.example

--- Session Transcript ---
 Tue 2026-02-03 09:00:00: [10:2] --> RCPT To:<bob@their.example>
 Tue 2026-02-03 09:00:00: [10:2] <-- 550 5.1.1 User unknown
--- End Transcript ---
""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "NetEase 163",
        "Postmaster@163.example",
        "=?utf-8?B?57O757uf6YCA5L+h?=/Systems bounce",
        """\
抱歉，您的邮件被退回来了……
原邮件信息：
　　时　间: 2026-02-03 09:00:00
　　主　题: [URGENT] disk full
　　收件人: bob@their.example
　　退信原因：收件人不存在 (SMTP 550 User not found: bob@their.example)
　　建议解决方案：请联系您的收件方 help@163.example
""",
        ((BOB, "failed", "5.0.0"),),
        charset="gb18030",
    ),
    Bounce(
        "QQ",
        "PostMaster <PostMaster@qq.example>",
        "=?utf-8?B?57O757uf6YCA5L+h?=",
        """\
抱歉，您的邮件被退回来了……
原邮件信息：
时间
2026-02-03 09:00:00
主题
[URGENT] disk full
收件人
bob@their.example
退信原因
收件人邮件地址（bob@their.example）不存在，邮件无法送达。
host mx3.qq.example[192.0.2.3] said: 550 Mailbox not found.
此外，您还可以 点击这里 获取更多关于退信的帮助信息。
""",
        ((BOB, "failed", "5.0.0"),),
    ),
    Bounce(
        "mail list server",
        "ml-admin@their.example",
        "fml system error message [fml]",
        """\
You are not a member of this mailing list <dev@their.example>.

Original mail as follows:

{original}""",
        (("dev@their.example", "failed", ""),),
        headers="X-MLServer: fml 4.0.3 release\n",
    ),
    Bounce(
        "a server with two shapes",
        "MAILER-DAEMON@their.example",
        "Undeliverable mail",
        """\
We had trouble delivering your message. Full details follow:

Subject: '[URGENT] disk full'
Date: 'Tue, 3 Feb 2026 09:00:00 +0900'

1 error(s):

SMTP Server <mx.their.example> rejected recipient <bob@their.example>
  (Error following RCPT command). It responded as follows: [550 5.1.1 <bob@their.example>... User unknown]
""",
        ((BOB, "failed", "5.1.1"),),
    ),
    Bounce(
        "vzwpix",
        "sysadmin@mms.vzwpix.example",
        "Undeliverable Message",
        """\
Message could not be delivered to mobile.
Error: No valid recipients for this MM

Original Message:
From: Alice <alice@our.example>
To: bob@their.example
Subject: [URGENT] disk full
Date:  Tue, 3 Feb 2026 09:00:00 +0900
""",
        ((BOB, "failed", ""),),
    ),
    Bounce(
        "Haraka",
        "MAILER-DAEMON@their.example",
        "failed email delivery",
        """\
I'm afraid I wasn't able to deliver the following email message because of an error. There is likely
nothing you can do.

Intended Recipients: <bob@their.example>
Failure Reason: Error: 550 5.7.1 Message rejected as spam

-- Returned Message --

{original}""",
        ((BOB, "failed", "5.7.1"),),
    ),
    Bounce(
        "IMail",
        '"Postmaster" <postmaster@their.example>',
        "Undeliverable Mail",
        "Unknown user: bob@their.example\n\n\nOriginal message follows.\n\n{original}",
        ((BOB, "failed", ""),),
        headers="X-Mailer: <SMTP32 v8.22>\n",
    ),
    Bounce(
        "Postfix without a report for machines: it has arrived",
        "MAILER-DAEMON@mx.their.example (Mail Delivery System)",
        "Successful Mail Delivery Report",
        """\
This is the mail system at host mx.their.example.

Your message was successfully delivered to the destination(s)
listed below. If the message was delivered to mailbox you will
receive no further notifications. Otherwise you may still receive
notifications of mail delivery errors from other systems.

<bob@their.example>: delivery via local: delivered to mailbox
""",
        ((BOB, "delivered", ""),),
    ),
    Bounce(
        "Gmail in Chinese, late",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Delay)",
        "未传递完毕\n\n将您的邮件传递给 bob@their.example 时暂时出现了问题。Gmail 将在接下来的 46 小时内重试。\n",
        ((BOB, "delayed", ""),),
    ),
    Bounce(
        "Exchange in Chinese, which asks its reader to try again",
        "postmaster@their.example",
        "传递失败",
        "您的邮件未能传递给以下收件人：\n\nbob@their.example\n\n请稍后重试发送该邮件，或与收件人联系。\n",
        ((BOB, "failed", ""),),
    ),
    Bounce(
        "Domino, late",
        "Postmaster@their.example",
        "DELIVERY DELAYED: disk full",
        """\
Your message

  Subject: disk full

has not yet been delivered to:

  bob@their.example

because:

  Router: Unable to open mailbox file

The server will continue to try.
""",
        ((BOB, "delayed", ""),),
    ),
    Bounce(
        "a carrier's web mail in Japanese",
        "postmaster@their.example",
        "メール配送エラー通知",
        "bob@their.example 様宛のメールは、メールボックスの容量が一杯のため配送できませんでした。\n",
        ((BOB, "failed", ""),),
    ),
    Bounce(
        "Outlook's names",
        "Microsoft Outlook <postmaster@their.example>",
        "Undeliverable: disk full",
        """\
Delivery has failed to these recipients or groups:

Jones, Bob<mailto:bob@their.example>
The e-mail address you entered couldn't be found. Please check it and try to resend the message.
For assistance, write to Helpdesk<mailto:help@their.example>.
""",
        ((BOB, "failed", ""),),
    ),
)
