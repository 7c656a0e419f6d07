"""Access tokens: what clients that cannot sign in carry, and what is kept of them.

`mdl_pat_…` is a person's, `mdl_sat_…` a service account's: the prefix and a checksum let scanners
of secrets find them in texts, and let a typing error be told without a query.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.access import PERMISSIONS, Action, Principal, Role
from core.domain.grants import check_scope
from core.domain.names import check_text
from core.domain.rules import EVERYWHERE, Origin, Rule
from core.errors import Invalid

PREFIX = "mdl_"
MAX_NAME_CHARACTERS = 128

_FORM = re.compile(r"mdl_(pat|sat)_([0-9A-Za-z]{10})([0-9A-Za-z]{32})([0-9A-Za-z]{6})", re.ASCII)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

NEVER_BY_TOKEN = frozenset({Action.GRANT_CHANGE, Action.SYSTEM_GRANT_CHANGE})
"""What needs somebody who has signed in: what a stolen token does must end with the token."""


class TokenKind(StrEnum):
    """Whose it is."""

    PERSONAL = "pat"
    SERVICE = "sat"


@dataclass(frozen=True, slots=True)
class Pepper:
    """A key of the settings under which tokens are hashed; the database never has it."""

    id: str
    key: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """What is kept of a token's text: its HMAC-SHA-256 (hex) under a pepper, and which one."""

    pepper: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token of `owner` (`subject:ISSUER:NAME`) that is good until `expires_at`, unless it is
    revoked, in a scope and for what a role permits (None: whatever the owner may do).

    `groups` are those the owner had when it was made: a denial of one reaches the token, what is
    given to one does not. `namespace` is the service account's, else `*`; `slot` which of the
    account's two tokens it is while it is good.
    """

    id: str
    kind: TokenKind
    owner: str
    name: str
    namespace: str = EVERYWHERE
    scope: str = EVERYWHERE
    role: Role | None = None
    groups: tuple[str, ...] = ()
    slot: int | None = None
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revision: int = 1

    def __post_init__(self) -> None:
        check_text("token's name", self.name, max_characters=MAX_NAME_CHARACTERS)
        check_scope(self.scope)
        if self.role in {Role.ADMIN, Role.AUDITOR} and self.scope != EVERYWHERE:
            raise Invalid(
                f"The role {self.role} reaches everywhere, so a token for {self.scope!r} cannot"
                " have it.",
                next_step="Choose reader, writer, approver or owner, or the scope '*'.",
            )

    def is_good(self, at: datetime) -> bool:
        """Whether it can be used at the moment."""
        return self.revoked_at is None and at < self.expires_at

    @property
    def principal(self) -> Principal:
        """Who acts by it."""
        _, issuer, subject = self.owner.split(":", 2)
        return Principal(issuer, subject)

    @property
    def rule(self) -> Rule:
        """What it can be used for at most."""
        permitted = frozenset(Action) if self.role is None else PERMISSIONS[self.role]
        return Rule(
            Origin.TOKEN,
            f"{self.name} ({self.id})",
            self.scope,
            permitted - NEVER_BY_TOKEN,
            role=self.role,
            expires_at=self.expires_at,
        )


def new_token(kind: TokenKind) -> tuple[str, str]:
    """A new token's id and text. The text has 190 bits that nobody can guess."""
    token_id, secret = _random(10), _random(32)
    body = f"{PREFIX}{kind}_{token_id}{secret}"
    return token_id, body + _checksum(body)


def token_id_of(text: str) -> str | None:
    """The id in a token's text; None if it is none: cut short, mistyped, or made up."""
    form = _FORM.fullmatch(text)
    if form is None or not hmac.compare_digest(_checksum(text[:-6]), form[4]):
        return None
    return form[2]


def keyed(text: str, pepper: Pepper) -> Keyed:
    """What is kept of the text."""
    digest = hmac.new(pepper.key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return Keyed(pepper.id, digest)


def is_token(text: str, kept: Keyed, peppers: tuple[Pepper, ...]) -> bool:
    """Whether the text is the token of which this was kept, in time that tells nothing."""
    pepper = next((each for each in peppers if each.id == kept.pepper), None)
    if pepper is None:
        return False
    return hmac.compare_digest(keyed(text, pepper).digest, kept.digest)


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits
