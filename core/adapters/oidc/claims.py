"""From the claims of a token whose signature holds to a principal (RFC 7519, RFC 9068)."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry

from core.adapters.oidc.compact import refused
from core.domain.access import Principal
from core.domain.names import check_text
from core.domain.publishers import MAX_CLAIM_CHARACTERS
from core.errors import Invalid, Unauthenticated
from core.settings import Issuer

LEEWAY_SECONDS = 60
MAX_GROUPS = 200
MAX_SUBJECT_CHARACTERS = 255
MAX_GROUP_CHARACTERS = 512

# What differs from token to token of one workload, or says nothing of it.
_OF_THE_TOKEN = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti"})
# Read inside the one claim: an older kind of token has claims whose names look like these paths.
_KUBERNETES = {
    "kubernetes.io/namespace": ("kubernetes.io", "namespace"),
    "kubernetes.io/serviceaccount/name": ("kubernetes.io", "serviceaccount", "name"),
    "kubernetes.io/serviceaccount/uid": ("kubernetes.io", "serviceaccount", "uid"),
}

# Only ID tokens have these (OpenID Connect Core 1.0, section 2). Whoever holds one has been
# signed in somewhere, which is no permission to use the registry in that person's name.
_ID_TOKEN_CLAIMS = ("nonce", "at_hash", "c_hash")
# How Keycloak (`typ`) and Cognito (`token_use`) mark the kinds of token in the claims.
_OTHER_KINDS = frozenset({"id", "refresh", "offline", "logout"})


def principal_of(issuer: Issuer, claims: Mapping[str, Any], *, now: int) -> Principal:
    """Who the issuer vouches for, at `now` (seconds since the epoch).

    Raises `Unauthenticated` unless the token is from this issuer, for its audience, valid now
    give or take `LEEWAY_SECONDS`, an access token, and names a subject.
    """
    _check_registered_claims(issuer, claims, now)
    _check_kind(claims)
    if issuer.platform is not None:
        return Principal(
            issuer=issuer.name,
            subject=_subject(claims["sub"]),
            platform=issuer.platform,
            claims=_workload_claims(issuer.platform, claims),
        )
    return Principal(
        issuer=issuer.name,
        subject=_subject(claims["sub"]),
        groups=_groups(claims.get(issuer.groups_claim)),
    )


def _check_registered_claims(issuer: Issuer, claims: Mapping[str, Any], now: int) -> None:
    registry = JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer.url},
        aud={"essential": True, "value": issuer.audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except JoseError as error:
        raise _refused_claim(issuer, error) from None


def _refused_claim(issuer: Issuer, error: JoseError) -> Unauthenticated:
    if isinstance(error, ExpiredTokenError):
        return refused("it has expired")
    if isinstance(error, InvalidClaimError) and error.claim == "aud":
        return refused(
            "it is for another audience",
            next_step=f"Ask the issuer for a token with the audience {issuer.audience!r}.",
        )
    if isinstance(error, MissingClaimError):
        return refused(f"it lacks the claim {error.claim}")
    if isinstance(error, InvalidClaimError) and error.claim in {"nbf", "iat"}:
        return refused(f"it is not valid yet, or its claim {error.claim} is no time")
    return refused(f"its claim {getattr(error, 'claim', '')} is not acceptable")


def _check_kind(claims: Mapping[str, Any]) -> None:
    marks = (claims.get("typ"), claims.get("token_use"))
    if any(name in claims for name in _ID_TOKEN_CLAIMS) or any(
        isinstance(mark, str) and mark.lower() in _OTHER_KINDS for mark in marks
    ):
        raise refused("it is no access token", next_step="Send the access token, not the ID token.")


def _workload_claims(
    platform: str, claims: Mapping[str, Any]
) -> tuple[tuple[str, str | bool | int], ...]:
    """What a publisher's table can name, where the token has a single value there."""
    if platform == "kubernetes":
        found = {name: _inside(claims, path) for name, path in _KUBERNETES.items()}
    else:
        found = {name: value for name, value in claims.items() if name not in _OF_THE_TOKEN}
    return tuple(
        (name, value)
        for name, value in sorted(found.items())
        if isinstance(value, (str, bool, int)) and len(str(value)) <= MAX_CLAIM_CHARACTERS
    )


def _inside(claims: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        claims = claims.get(step) if isinstance(claims, Mapping) else None
    return claims


def _subject(value: str) -> str:
    try:
        return check_text("subject", value, max_characters=MAX_SUBJECT_CHARACTERS)
    except Invalid as error:
        raise refused(f"its subject names nobody: {error.message.rstrip('.')}") from None


def _groups(value: object) -> tuple[str, ...]:
    """The group names, literally. What is no list of texts gives none: guessing how to split it
    would let a name that somebody chose freely become a group."""
    if not isinstance(value, list) or not all(isinstance(group, str) for group in value):
        return ()
    if len(value) > MAX_GROUPS:
        raise refused(
            f"it names {len(value)} groups; at most {MAX_GROUPS} are accepted",
            next_step="Let the issuer send only the groups that matter to the registry.",
        )
    return tuple(dict.fromkeys(group for group in value if _can_be_granted(group)))


def _can_be_granted(group: str) -> bool:
    try:
        check_text("group", group, max_characters=MAX_GROUP_CHARACTERS)
    except Invalid:
        return False
    return True
