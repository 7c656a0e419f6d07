"""Secrets locked with AES-256-GCM through `cryptography`, imported when one is locked or opened."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.domain.access_tokens import Pepper
from core.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class AesVault:
    """See `core.ports.Vault`. The first of the keys locks, the others still open what they locked:
    `ID:BASE64` of a random nonce and the sealed text, bound to its context."""

    def __init__(self, keys: Sequence[Pepper]) -> None:
        self._keys = tuple(keys)

    @property
    def locks(self) -> bool:
        return bool(self._keys)

    def lock(self, text: str, context: str) -> str:
        key = self._keys[0]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _cipher(key).encrypt(nonce, text.encode(), context.encode())
        return f"{key.id}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, locked: str, context: str) -> str:
        from cryptography.exceptions import InvalidTag

        name, _, coded = locked.partition(":")
        key = next((each for each in self._keys if each.id == name), None)
        if key is None:
            raise Unavailable(
                f"The key {name[:40]!a} that a secret was locked with is not among the settings.",
                next_step="Add it to MODELRY_RELAY_KEYS, behind the one that locks new ones.",
            )
        raw = base64.b64decode(coded)
        try:
            sealed = raw[_NONCE_BYTES:]
            return _cipher(key).decrypt(raw[:_NONCE_BYTES], sealed, context.encode()).decode()
        except InvalidTag:
            raise Invalid(
                "A secret was altered, or belongs to something else.",
                next_step="Rotate the secret of the webhook.",
            ) from None


def _cipher(key: Pepper) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(hashlib.sha256(b"modelry-relay\0" + key.key.encode()).digest())
