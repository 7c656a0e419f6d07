"""Answers about legal holds."""

from datetime import datetime

from handlers.api.v1.document.common import Answer


class Hold(Answer):
    """A matter that a model or version is kept for."""

    reference: str
    reason: str
    by: str
    at: datetime
