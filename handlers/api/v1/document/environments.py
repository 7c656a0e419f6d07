"""Answers about environments."""

from handlers.api.v1.document.common import Described


class Environment(Described):
    """A place where versions are deployed to."""

    id: str
    namespace: str
    name: str
    kind: str
