"""Answers about aliases."""

from handlers.api.v1.document.common import Answer


class Alias(Answer):
    """A mutable pointer to a version."""

    namespace: str
    model: str
    alias: str
    version: int
