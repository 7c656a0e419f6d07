"""The keys of the audit log: Ed25519 through `cryptography`, imported by the first use of one."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from core.errors import Invalid

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Ed25519Signer:
    """See `core.ports.Signer`. `secret` is the seed of the key that signs (RFC 8032), in hex, or
    empty; `former` are public keys that signed before, in hex. A key's name is the beginning of
    the SHA-256 of its public half."""

    def __init__(self, secret: str, former: Sequence[str] = ()) -> None:
        self._secret = secret
        self._former = tuple(former)

    @property
    def signs(self) -> bool:
        return bool(self._secret)

    @property
    def key_id(self) -> str:
        return key_id_of(self._public)

    def sign(self, content: bytes) -> str:
        return self._key.sign(content).hex()

    def public_keys(self) -> dict[str, str]:
        keys = [_bytes("MODELRY_AUDIT_FORMER_KEYS", text) for text in self._former]
        if self.signs:
            keys.append(self._public)
        return {key_id_of(key): key.hex() for key in keys}

    @cached_property
    def _key(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(_bytes("MODELRY_AUDIT_KEY", self._secret))

    @cached_property
    def _public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()


def key_id_of(public: bytes) -> str:
    """The name of a public key: 16 hex digits."""
    return hashlib.sha256(public).hexdigest()[:16]


def _bytes(variable: str, text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise Invalid(
            f"{variable} holds something that is no key.",
            next_step="Write 32 bytes as 64 hex digits: `openssl rand -hex 32` makes a new key.",
        )
    return raw
