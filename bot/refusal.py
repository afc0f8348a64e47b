"""What somebody asked for and does not get. Nothing was changed."""


class RefusalError(ValueError):
    """The text, worded or a ``Phrase``, says why; ``at_terminal`` says it there, where commands are typed otherwise."""

    def __init__(self, text: str, at_terminal: str = "") -> None:
        super().__init__(text)
        self.at_terminal = at_terminal or text


class BadArgumentError(RefusalError):
    """It can't be done as it was asked for; the text says what to write instead."""


class DeniedError(RefusalError):
    """Their role does not allow it; the text says which would."""
