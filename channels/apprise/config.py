"""The settings of what is told by apprise: one section for each service, under the name that rooms and people use."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

from channels.timeout import at_most
from escalation.phrase import Phrase, advice

STAND_IN = "-"
"""For commands that talk to nobody outside: the URL is neither read nor understood."""


def _url(secret: SecretStr) -> SecretStr:
    """A URL that apprise understands. Raises ValueError, which never repeats it: it holds tokens."""
    text = secret.get_secret_value().strip()
    if text == STAND_IN:
        return secret
    # Here, not above: apprise costs half a second and twenty megabytes, and most teams have no use for it.
    from channels.apprise.service import is_known, is_understood

    if not is_known(text):
        fix = Phrase(
            "write one URL that begins with the service's name, such as ntfys://HOST/TOPIC: see apprise's wiki"
        )
        raise ValueError(advice(Phrase("apprise knows no such service"), fix))
    if not is_understood(text):
        fix = Phrase("compare it, part by part, with the service's page in apprise's wiki")
        raise ValueError(advice(Phrase("apprise knows the service, but something in the URL is wrong or missing"), fix))
    return SecretStr(text)


_TIMEOUT = AfterValidator(at_most(timedelta(minutes=1), Phrase("write 1s to 1m")))


class AppriseService(BaseModel):
    """One service. Its URL holds tokens, and comes from the environment: KIDOKU_APPRISE__NAME__URL.

    ``updates``: when somebody takes an alert, and when it is closed, that is told as one more short message, because
    what was posted can't be changed. ``timeout`` is how long one delivery may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[SecretStr, AfterValidator(_url)]
    timeout: Annotated[timedelta, _TIMEOUT] = timedelta(seconds=15)
    updates: bool = True
