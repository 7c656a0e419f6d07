"""Checkpoints as they are signed, and the keys that they are held to."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from modelry.audit.canonical import canonical_json
from modelry.errors import Invalid, ModelryError

FORM = "modelry-checkpoint/1"
FIRST = "0" * 64
"""What the first checkpoint names as the one before."""

_UNSIGNED = frozenset({"signature", "published_at"})


def signed_bytes(checkpoint: Mapping[str, Any]) -> bytes:
    """What its signature is over."""
    return canonical_json({k: v for k, v in checkpoint.items() if k not in _UNSIGNED})


def digest(checkpoint: Mapping[str, Any]) -> str:
    """What the next checkpoint calls this one by."""
    return hashlib.sha256(signed_bytes(checkpoint)).hexdigest()


def read_keys(document: Any) -> dict[str, bytes]:
    """The Ed25519 keys of a JSON Web Key Set (RFC 7517, RFC 8037), by name. Raises `Invalid`."""
    try:
        keys = {str(key["kid"]): _decoded(key["x"]) for key in document["keys"]}
    except (KeyError, TypeError, ValueError, binascii.Error):
        keys = {}
    if not keys or any(len(key) != 32 for key in keys.values()):
        raise Invalid(
            "There are no public keys to verify with.",
            next_step="Keep what /.well-known/modelry-audit-keys answers, and give it with --keys.",
        )
    return keys


def is_signed(checkpoint: Mapping[str, Any], keys: Mapping[str, bytes]) -> bool | None:
    """Whether the signature is good; None if none of the keys is the one that it names."""
    key = keys.get(str(checkpoint.get("key_id")))
    if key is None:
        return None
    ed25519, invalid = _ed25519()
    try:
        signature = bytes.fromhex(str(checkpoint.get("signature")))
        ed25519.from_public_bytes(key).verify(signature, signed_bytes(checkpoint))
    except (invalid, ValueError, TypeError):
        return False
    return True


def _ed25519() -> tuple[Any, Any]:
    """Imported here: only who verifies needs it."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise ModelryError(
            "Signatures cannot be verified: the package `cryptography` is not installed.",
            next_step="Install it with `pip install 'modelry[audit]'`.",
        ) from None
    return Ed25519PublicKey, InvalidSignature


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
