"""Answers about access tokens."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.access import RoleName
from handlers.api.v1.document.common import Answer


class AccessToken(Answer):
    """What is known of an access token, which is not its text."""

    id: str
    kind: Literal["personal", "service"]
    owner: str
    name: str
    scope: str
    role: RoleName | None
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None


class NewAccessToken(AccessToken):
    """An access token that has just been made, with its text: it is shown this once."""

    token: str
