"""How long to wait before the next try."""

import random

LONGEST = 60.0


def wait_after(failures: int) -> float:
    """Seconds: 2, 4, 8 … up to a minute, with jitter so that nodes part."""
    return min(LONGEST, 2.0 ** min(failures, 10)) * random.uniform(0.67, 1.33)  # noqa: S311 - jitter, no secret
