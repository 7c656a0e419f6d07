"""Answers about service accounts."""

from datetime import datetime

from handlers.api.v1.document.common import Answer


class ServiceAccount(Answer):
    """A name for a program that no issuer knows; grants name it by its `grantee`."""

    namespace: str
    name: str
    grantee: str
    description: str
    created_at: datetime
    created_by: str
