"""The issuer's signing keys, which outlive a restart so that tokens do too."""

import json
import os
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet, RSAKey


def write_secret(path: Path, text: str) -> None:
    """Write a file that nobody but its owner may read, in place of the one there was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def new_key() -> RSAKey:
    """A 2048-bit RSA key for RS256, named by its RFC 7638 thumbprint."""
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    return key


class SigningKeys:
    """The keys of one issuer; the newest signs, all of them are published."""

    def __init__(self, keys: list[RSAKey] | None = None) -> None:
        self._keys = list(keys) if keys else [new_key()]

    @classmethod
    def kept_in(cls, path: Path) -> "SigningKeys":
        """The keys of that file (a JWK set, mode 0600), made on first use."""
        if path.exists():
            stored = json.loads(path.read_text(encoding="utf-8"))["keys"]
            return cls([RSAKey.import_key(key) for key in stored])
        keys = cls()
        write_secret(path, json.dumps({"keys": [key.as_dict(private=True) for key in keys._keys]}))
        return keys

    @property
    def current(self) -> RSAKey:
        """The key that signs."""
        return self._keys[-1]

    def rotate(self, *, keep: int = 1) -> RSAKey:
        """Sign with a fresh key from now on, and go on publishing the `keep` newest before it."""
        former = self._keys[-keep:] if keep else []
        self._keys = [*former, new_key()]
        return self.current

    def public(self) -> dict[str, Any]:
        """The JWK set to publish (RFC 7517), without a private part."""
        return dict(KeySet(list(self._keys)).as_dict(private=False))
