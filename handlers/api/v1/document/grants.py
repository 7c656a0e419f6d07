"""Answers about grants."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Answer


class Grant(Answer):
    """Who has which role where, or is denied it, and until when."""

    scope: str
    grantee: str
    role: Literal["reader", "writer", "approver", "owner", "admin", "auditor"]
    effect: Literal["allow", "deny"]
    expires_at: datetime | None
    created_at: datetime
    created_by: str
