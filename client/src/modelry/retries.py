"""When a failed request is sent again, and how long to wait before."""

import email.utils
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

RETRIED_STATUSES = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """At most `attempts` tries; waits double up to `longest_seconds` and are cut at random, so
    that many clients don't come back together. A `Retry-After` (RFC 9110, 10.2.3) of the server
    is the least that is waited, up to `longest_retry_after_seconds`.
    """

    attempts: int = 6
    first_seconds: float = 0.5
    longest_seconds: float = 20.0
    longest_retry_after_seconds: float = 120.0
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: int, headers: Mapping[str, str] | None = None) -> bool:
        """Wait before trying again after failure number `attempt` (from 1); False to give up."""
        if attempt >= self.attempts:
            return False
        jittered = random.uniform(
            0, min(self.longest_seconds, self.first_seconds * 2 ** (attempt - 1))
        )
        asked = retry_after_seconds(headers or {})
        if asked is not None and asked > self.longest_retry_after_seconds:
            return False
        self.sleep(jittered if asked is None else asked + jittered)
        return True


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` asks for, as a number of seconds or as a date; None without one."""
    text = headers.get("Retry-After")
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
