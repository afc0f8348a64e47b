"""What somebody asked for and does not get. Nothing was changed."""


class RefusalError(ValueError):
    """The text, worded or a ``Phrase``, says why."""


class BadArgumentError(RefusalError):
    """It can't be done as it was asked for; the text says what to write instead."""


class DeniedError(RefusalError):
    """Their role does not allow it; the text says which would."""
