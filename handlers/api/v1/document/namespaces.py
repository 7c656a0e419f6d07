"""Answers about namespaces."""

from typing import Literal

from handlers.api.v1.document.common import Described


class Namespace(Described):
    """A team's room."""

    name: str
    state: Literal["active"]
