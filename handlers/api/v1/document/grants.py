"""Answers about grants."""

from datetime import datetime
from typing import Literal

from handlers.api.v1.document.common import Answer


class Grant(Answer):
    """Who has which role where."""

    scope: str
    grantee: str
    role: Literal["reader", "writer", "approver", "owner", "admin", "auditor"]
    created_at: datetime
    created_by: str
