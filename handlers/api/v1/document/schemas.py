"""Answers about schemas."""

from datetime import datetime
from typing import Any

from handlers.api.v1.document.common import Answer


class Schema(Answer):
    """What new versions of a model type must satisfy."""

    namespace: str
    model_type: str
    document: dict[str, Any]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int
