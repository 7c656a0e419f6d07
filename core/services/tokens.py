"""How an access token comes to be and ends, whoever owns it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.access import Action, Caller
from core.domain.access_tokens import AccessToken, Pepper, keyed
from core.domain.rules import Origin
from core.domain.subjects import event_of
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from core.ports import Stores

DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token and its text, which is shown this once and kept nowhere."""

    token: AccessToken
    text: str


def check_signed_in(caller: Caller) -> None:
    """Raise `Forbidden` for who came by an access token, or as a workload or the registry."""
    if caller.within is None and caller.principal.platform is None and not caller.is_system:
        return
    raise Forbidden(
        "Access tokens are made and revoked by people who have signed in.",
        next_step="Sign in: `modelry login`.",
        refusal=Refusal(Action.GRANT_CHANGE.value),
    )


def check_days(days: int | None, max_days: int) -> timedelta:
    """How long the token shall be good. Raises `Invalid`."""
    days = min(DEFAULT_DAYS, max_days) if days is None else days
    if not 1 <= days <= max_days:
        raise Invalid(
            f"A token for {days} days was asked for.",
            next_step=f"Here they are good for 1 to {max_days} days.",
        )
    return timedelta(days=days)


def check_peppers(peppers: tuple[Pepper, ...]) -> Pepper:
    """The pepper for new tokens. Raises `Conflict` if there is none."""
    if not peppers:
        raise Conflict(
            "This registry makes no access tokens.",
            next_step="An operator sets MODELRY_TOKEN_PEPPERS; until then, sign in.",
        )
    return peppers[0]


def issued(
    stores: Stores, caller: Caller, token: AccessToken, text: str, pepper: Pepper, reason: str
) -> NewToken:
    """Store a token that was made, and its event."""
    stores.access_tokens.insert(token, keyed(text, pepper))
    stores.events.add(
        event_of(caller, "token.created", at=token.created_at, after=token, reason=reason)
    )
    return NewToken(token, text)


def revoked(
    stores: Stores, caller: Caller, token: AccessToken, at: datetime, reason: str
) -> AccessToken:
    """End a token now; nothing if it is ended already."""
    found = stores.access_tokens.find(token.id)
    if found is None or found[0].revoked_at is not None:
        return token if found is None else found[0]
    before, kept = found
    after = replace(
        before,
        revoked_at=at,
        revoked_by=caller.principal.name,
        slot=None,
        revision=before.revision + 1,
    )
    stores.access_tokens.replace(after, kept)
    stores.events.add(
        event_of(caller, "token.revoked", at=at, before=before, after=after, reason=reason)
    )
    return after


def token_of(stores: Stores, owner: str, token_id: str) -> AccessToken:
    """The owner's token of this id, or `NotFound`."""
    found = stores.access_tokens.find(token_id)
    if found is None or found[0].owner != owner:
        raise no_token(token_id)
    return found[0]


def no_token(token_id: str, refusal: Refusal | None = None) -> NotFound:
    """The error for a token that is not there, or, with the refusal, is somebody else's."""
    return NotFound(
        f"There is no access token with the id {token_id[:40]!a}.",
        next_step="List the tokens to see their ids.",
        refusal=refusal,
    )


def reaches(caller: Caller, scope: str) -> bool:
    """Whether anything that was given to the caller's own name lies in the scope or around it."""
    return any(
        not rule.denies
        and rule.is_in_force(caller.at)
        and (rule.origin is Origin.CONFIGURATION or rule.name == caller.principal.name)
        and _overlap(rule.scope, scope)
        for rule in caller.rules
    )


def _overlap(one: str, other: str) -> bool:
    return (
        "*" in {one, other}
        or one == other
        or one.startswith(f"{other}/")
        or other.startswith(f"{one}/")
    )
