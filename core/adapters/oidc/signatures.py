"""Keys and signatures, by joserfc. Imported at the first token, since loading it takes a while."""

from collections.abc import Iterable
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

MIN_RSA_BITS = 2048

_KEY_TYPES: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_UNREADABLE = (
    JoseError,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    KeyError,
    SecurityWarning,  # of a weak key, where warnings are made errors
)


class _OneAlgorithm(jws.JWSRegistry):
    """The algorithm that has been checked against the issuer's, and no other.

    joserfc warns at each use of the name EdDSA (RFC 9864 has a newer one), which is the name
    that issuers use; unknown header fields are ignored, as RFC 7515 asks.
    """

    def __init__(self, algorithm: str) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=False)
        self._algorithm = algorithm

    def get_alg(self, name: str) -> Any:
        if name == self._algorithm == "EdDSA":
            return self.algorithms[name]
        return super().get_alg(name)


def usable_keys(published: Iterable[object]) -> tuple[Key, ...]:
    """The keys of a JWK set (RFC 7517) that can vouch for a token: public, asymmetric, for
    signatures, not weak. One that cannot be read is left out, not the whole set."""
    keys = (_usable_key(value) for value in published)
    return tuple(key for key in keys if key is not None)


def _usable_key(value: object) -> Key | None:
    if not isinstance(value, dict) or value.get("use", "sig") != "sig" or "d" in value:
        return None
    try:
        key = _KEY_TYPES[value["kty"]].import_key(value)
        key.check_key_op("verify")
    except _UNREADABLE:
        return None
    if isinstance(key, RSAKey) and key.raw_value.key_size < MIN_RSA_BITS:
        return None
    return key


def pick(keys: Iterable[Key], key_id: str | None, algorithm: str) -> Key | None:
    """The key of that id which fits the algorithm; without an id, the only one that fits."""
    key_type = jws.JWSRegistry.algorithms[algorithm].key_type
    fitting = [key for key in keys if key.key_type == key_type and key.alg in (None, algorithm)]
    if key_id is None:
        return fitting[0] if len(fitting) == 1 else None
    return next((key for key in fitting if key.kid == key_id), None)


def is_signed(token: str, key: Key, algorithm: str) -> bool:
    """Whether the token's signature is by this key with this algorithm."""
    try:
        jws.deserialize_compact(token, key, registry=_OneAlgorithm(algorithm))
    except _UNREADABLE:
        return False
    return True
