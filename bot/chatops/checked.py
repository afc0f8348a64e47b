"""What must be right of a command, however it was given: typed, by a form's fields or by a window. Pure."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from types import MappingProxyType

from bot.chatops import clause
from bot.chatops.command import Command, lacking_of, wrong_of
from bot.chatops.contact import CHANNELS
from bot.chatops.vocabulary import Name, key_of
from bot.chatops.when import read_when
from escalation.phrase import N_, Phrase

FILTERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("unread", "未読", "未读"), "unread"),
        **dict.fromkeys(("mine", "my", "自分", "自分の", "我的"), "mine"),
        **dict.fromkeys(("all", "すべて", "全て", "全部"), "all"),
        **dict.fromkeys(("resolved", "closed", "解決済み", "已解决"), "resolved"),
    }
)
LANGUAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("ja", "jp", "japanese", "日本語", "日语"), "ja"),
        **dict.fromkeys(("en", "english", "英語", "英语"), "en"),
        **dict.fromkeys(("zh", "cn", "chinese", "中国語", "中文"), "zh"),
    }
)
_ONE_OF = {
    Name.LIST: (FILTERS, N_("“%(text)s” is no part of the list")),
    Name.LANG: (LANGUAGE_NAMES, N_("“%(text)s” is no language that I speak")),
    Name.CONFIRM: (CHANNELS, N_("“%(text)s” is neither a code nor a channel")),
}
"""What the argument may be, and what is said of another."""
_STEP = re.compile(r"(step|ステップ|第)?\s*(\d{1,3})\s*(?:步|番目)?(?:へ|に)?")
_TO = re.compile(r"(?:to\s|→|->|給|给)\s*", re.IGNORECASE)
HONOURS = re.compile(r"(?:さん|様|氏)?(?:へ|に)?$")


def checked(command: Command) -> Command:
    """The command with its argument as the rest of Kidoku writes it. Raises NotUnderstoodError."""
    if wrong := clause.fault(command.name, asdict(command)):
        raise wrong_of(wrong, command.name)
    match command.name:
        case Name.LIST | Name.LANG | Name.CONFIRM:
            return replace(command, argument=_of(*_ONE_OF[command.name], command))
        case Name.ESCALATE:
            return replace(command, argument=target_of(command.argument))
        case Name.NOTE if not command.argument:
            raise wrong_of(Phrase("the note is empty"), command.name)
        case Name.SNOOZE:
            _check_time(command, command.argument, N_("for how long?"))
        case Name.OVERRIDE:
            if not command.person:
                raise lacking_of(Phrase("who takes the duty, and until when?"), command)
            if command.start:
                _check_time(command, command.start, "")
            _check_time(command, command.end, N_("until when?"))
    return command


def _of(known: Mapping[str, str], wrong: str, command: Command) -> str:
    if not command.argument:
        return ""
    found = known.get(key_of(command.argument))
    if found is None:
        raise wrong_of(Phrase(wrong, text=command.argument[:60]), command.name)
    return found


def _check_time(command: Command, text: str, asked: str) -> None:
    if not text:
        raise lacking_of(Phrase(asked), command)
    if read_when(text) is None:
        raise wrong_of(Phrase("“%(text)s” is no time", text=text[:60]), command.name)


def is_step(text: str) -> bool:
    """Whether it names a step in so many words: a number alone is an alert."""
    step = _STEP.fullmatch(key_of(text))
    return step is not None and step[1] is not None


def target_of(text: str) -> str:
    """ "3" for a step, else a person as they were named."""
    text = _TO.sub("", text.strip(), count=1) if _TO.match(text.strip()) else text
    step = _STEP.fullmatch(key_of(text))
    return str(int(step[2])) if step else HONOURS.sub("", text.strip()).lstrip("@")
