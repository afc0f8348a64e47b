"""The first words of an answer by which a machine says that it wrote it, where neither headers nor subject do.

Old vacation programs, web hosting and groupware answer with ``Re:`` and the old subject, and no header of RFC 3834.
What they all do is begin with what they are, or with where their owner is: so only the first lines count, and nothing
that is quoted. A person may begin so, too ("I am on leave, Bob takes it"): they are paged once more, no less.
"""

import re

MOST_LINES = 4
MOST_LINE = 200
MOST_TEXT = 4_000

_QUOTED = re.compile(
    r"^[ \t]*(?:>|\||-{2,} ?(?:original|ursprüngliche|forwarded|元の|原始)|_{10,}|-- $|-{10,}"
    r"|(?:from|von|de|差出人|发件人|寄件者)[ \t]*[:：]"
    r"|.{0,120}(?:wrote|schrieb|a écrit|さん?は書きました|写道)[ \t]*[:：])",
    re.IGNORECASE | re.MULTILINE,
)
"""Where what was written before begins."""
_GREETING = (
    r"(?:(?:dear|hello|hi|hallo|guten tag|sehr geehrte|bonjour|hola)\b[^,.:!\n]{0,60}[,.:!]\s*|[您你]好[，,！!：:]?\s*"
    r"|お世話になっております。?\s*)?"
)
_ITSELF = (
    r"(?:this|the following) (?:is|was|message is|e-?mail is|mail is|reply is) (?:an? )?"
    r"(?:auto\w*[ -]?)(?:generated |sent )?(?:repl(?:y|ies)|response|answer|message|e-?mail|notification)\b"
    r"|this (?:message|e-?mail|reply) (?:was|is|has been) (?:generated|sent|created) automatically"
    r"|auto(?:matic|mated)?[ -]?(?:reply|response)\b"
    r"|(?:dies|das) ist eine automatische|diese (?:nachricht|e-?mail) wurde automatisch"
    r"|ceci est une? (?:réponse|message) automati|est[ae] es una? (?:respuesta|mensaje) automátic"
    r"|questa è una risposta automatica|это автоматическ"
    r"|(?:この|本|当)(?:メール|メッセージ|返信|通知)は[^。\n]{0,20}自動|自動(?:返信|応答|配信)(?:です|メール|にて)"
    r"|(?:这是|此(?:邮件|信)|本(?:邮件|信)|這是|此郵件|本郵件)[^。\n]{0,12}(?:自动|自動)|(?:系统|系統)?(?:自动|自動)(?:回复|答复|回覆|應答)"
    r"|자동 ?(?:응답|회신|답장)"
)
_ABSENT = (
    r"(?:thank you for [^.\n]{1,60}\. *)?(?:i|we)(?: ?[’']?(?:m|re|ll be)| am| are| will be) "
    r"(?:currently |now |presently )?"
    r"(?:out of (?:the |my )?office|away from (?:the |my )?(?:office|desk|mail|e-?mail)"
    r"|(?:away )?on (?:\w+ ){0,2}(?:leave|vacation|holidays?))\b"
    r"|ich bin (?:derzeit |zurzeit |momentan |vom |bis )[^.\n]{0,60}"
    r"(?:nicht im (?:büro|hause)|abwesend|im urlaub|nicht erreichbar)"
    r"|je suis (?:actuellement )?(?:absente?|en congés?)|estoy fuera de la oficina"
    r"|(?:ただいま|ただ今|只今|現在|誠に勝手ながら)[^。\n]{0,30}(?:不在|休暇|出張|休業|外出)(?!中の(?!ため))"
    r"|(?:不在|休暇|出張|休業)(?:中(?!の(?!ため))|のため|にして)"
    r"|(?:我|本人)(?:现在|目前|正在|現在)?[^。，,\n]{0,10}(?:休假|出差|外出|不在办公室|不在辦公室)"
)
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_FIRST = re.compile(rf"^\W{{0,6}}{_GREETING}(?:{_ITSELF}|{_ABSENT})", re.IGNORECASE)


def says_automatic(text: str) -> bool:
    """Whether a sentence of the first lines of an answer, before what it quotes, says that no person wrote it."""
    text = text[:MOST_TEXT]
    quoted = _QUOTED.search(text)
    own = text[: quoted.start()] if quoted else text
    lines = [line.strip()[:MOST_LINE] for line in own.splitlines() if line.strip()][:MOST_LINES]
    return any(_FIRST.match(one.strip()) is not None for line in lines for one in _END.split(line))
