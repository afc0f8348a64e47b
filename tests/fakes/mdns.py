"""Read receipts as mail programs write them: their shapes follow Thunderbird's and KMime's sources, what
Roundcube was seen to send, and a real one of Exchange. Every name in them is made up."""

from dataclasses import dataclass

THUNDERBIRD = """\
Date: Tue, 3 Feb 2026 09:00:00 +0900
From: Guest <{recipient}>
Message-ID: <1f0e9a@partner.example>
Subject: Return Receipt (displayed) - Works tonight
To: NOC <receipts@team.example>
References: {message_id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification;
	boundary="------------mdn020308090706050403020100"

--------------mdn020308090706050403020100
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

This is a Return Receipt for the mail that you sent to {recipient}.

--------------mdn020308090706050403020100
Content-Type: message/disposition-notification; name="MDNPart2.txt"
Content-Disposition: inline
Content-Transfer-Encoding: 7bit

Reporting-UA: pc.partner.example; Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0
Final-Recipient: rfc822;{recipient}
Original-Message-ID: {message_id}
Disposition: manual-action/MDN-sent-automatically; displayed

--------------mdn020308090706050403020100
Content-Type: text/rfc822-headers; name="MDNPart3.txt"
Content-Transfer-Encoding: 7bit
Content-Disposition: inline

From: NOC <noc@team.example>
Subject: Works tonight
Message-ID: {message_id}

--------------mdn020308090706050403020100--
"""

KMAIL = """\
From: Guest <{recipient}>
To: receipts@team.example
Subject: Message Disposition Notification
Date: Tue, 03 Feb 2026 09:00:00 +0900
Message-ID: <5512345.abcDE@pc>
In-Reply-To: {message_id}
MIME-Version: 1.0
Content-Type: multipart/report; boundary="nextPart1234567.89AbCdEfGh"; report-type="disposition-notification"
Content-Transfer-Encoding: 7Bit

--nextPart1234567.89AbCdEfGh
Content-Transfer-Encoding: 7Bit
Content-Type: text/plain; charset="us-ascii"

The message sent on 2026-02-03 to Guest with subject "Works tonight" has been displayed.

--nextPart1234567.89AbCdEfGh
Content-Type: message/disposition-notification
Content-Transfer-Encoding: 7bit

Reporting-UA: pc; KMime 6.4.0
Final-Recipient: rfc822; Guest <{recipient}>
Original-Message-ID: {message_id}
Disposition: manual-action/MDN-sent-manually; displayed

--nextPart1234567.89AbCdEfGh--
"""

ROUNDCUBE = """\
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification;
 boundary="=_0a1b2c3d4e5f60718293a4b5c6d7e8f9"
Date: Tue, 03 Feb 2026 09:00:00 +0900
From: Guest <{recipient}>
To: NOC <receipts@team.example>
Subject: Return Receipt (displayed)
References: {message_id}
Message-ID: <0123456789abcdef@partner.example>
User-Agent: Roundcube Webmail/1.6.11

--=_0a1b2c3d4e5f60718293a4b5c6d7e8f9
Content-Transfer-Encoding: 7bit
Content-Type: text/plain; charset=UTF-8

This is a Return Receipt for your message.

--=_0a1b2c3d4e5f60718293a4b5c6d7e8f9
Content-Transfer-Encoding: 7bit
Content-Type: message/disposition-notification; name=MDNPart2.txt
Content-Disposition: inline; filename=MDNPart2.txt

Reporting-UA: Roundcube Webmail/1.6.11
Original-Recipient: rfc822;Guest <{recipient}>
Final-Recipient: rfc822;{recipient}
Original-Message-ID: {message_id}
Disposition: manual-action/MDN-sent-manually; displayed
--=_0a1b2c3d4e5f60718293a4b5c6d7e8f9--
"""

EXCHANGE = """\
From: Guest <{recipient}>
To: NOC <receipts@team.example>
Subject: =?iso-2022-jp?B?GyRCMytJdTpRJF8bKEI=?=: Works tonight
Thread-Topic: Works tonight
Date: Tue, 3 Feb 2026 00:00:00 +0000
Message-ID: <59b1d0c94a8d4834b7ab779a76647d44@mail.partner.example>
In-Reply-To: {message_id}
Content-Language: ja-JP
X-MS-Has-Attach:
Content-Type: multipart/report;
	boundary="_000_59b1d0c94a8d4834b7ab779a76647d44mailpartnerexample_";
	report-type=disposition-notification
MIME-Version: 1.0

--_000_59b1d0c94a8d4834b7ab779a76647d44mailpartnerexample_
Content-Type: text/plain; charset="us-ascii"

Your message was read.

--_000_59b1d0c94a8d4834b7ab779a76647d44mailpartnerexample_
Content-Type: message/disposition-notification

Final-recipient: RFC822; {recipient}
Disposition: automatic-action/MDN-sent-automatically; displayed
X-MSExch-Correlation-Key: nf7/jgN6Qk+WzsrkY5s9WA==
X-Display-Name: Guest

--_000_59b1d0c94a8d4834b7ab779a76647d44mailpartnerexample_--
"""


@dataclass(frozen=True)
class Written:
    """``given``: what a probe says of it. ``counts``: it proves that somebody has read."""

    program: str
    text: str
    counts: bool
    given: str


MDNS = (
    Written("Thunderbird", THUNDERBIRD, True, "displayed automatic"),
    Written("KMail", KMAIL, True, "displayed manual"),
    Written("Roundcube", ROUNDCUBE, True, "displayed manual"),
    Written("Exchange", EXCHANGE, False, "empty"),
)
