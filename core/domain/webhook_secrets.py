"""Secrets that receivers verify deliveries with, as Standard Webhooks 1.0 has them."""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from core.domain.names import check_text

PREFIX = "whsec_"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and until when it is good; None for ever."""

    text: str
    until: datetime | None = None

    @property
    def key(self) -> bytes:
        """What is signed with: what stands after `whsec_` in base64; any other text as it is."""
        if self.text.startswith(PREFIX):
            try:
                return base64.b64decode(self.text.removeprefix(PREFIX), validate=True)
            except binascii.Error:
                pass
        return self.text.encode()


def new_secret() -> str:
    """A new secret: 256 bits that nobody can guess."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def check_secret(text: str) -> str:
    """Return a secret that somebody brings. Raise `Invalid` for one that is none."""
    return check_text("secret", text, max_characters=512)


def good(kept: tuple[Secret, ...], at: datetime) -> tuple[Secret, ...]:
    """Those that are good at the moment, the newest first."""
    return tuple(each for each in kept if each.until is None or at < each.until)


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA-256 over id, time and body, joined by dots, in base64."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
