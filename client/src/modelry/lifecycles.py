"""The lifecycle of a namespace: its stages, and the gates on the ways between them."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from modelry.errors import Invalid
from modelry.moments import moment
from modelry.records import Record
from modelry.session import Session

_SET = ("stages", "transitions", "protected_aliases")


@dataclass(frozen=True, repr=False)
class Lifecycle(Record):
    """Stages in their order, and transitions with their gates. Revision 0 is the default one."""

    namespace: str = ""
    stages: list[Mapping[str, Any]] = field(default_factory=list)
    transitions: list[Mapping[str, Any]] = field(default_factory=list)
    protected_aliases: list[str] = field(default_factory=list)
    revision: int = 0

    def _shown(self) -> str:
        return f"{self.namespace}: {' → '.join(stage['name'] for stage in self.stages)}"


class Lifecycles(Session):
    """Read and set what stages there are."""

    def lifecycle(
        self, *, namespace: str | None = None, as_of: datetime | str | None = None
    ) -> Lifecycle:
        """The lifecycle of the namespace, now or at a moment."""
        path = self._lifecycle_path(namespace)
        return Lifecycle.read(self.transport.get(path, as_of=moment(as_of)).document)

    def set_lifecycle(
        self,
        lifecycle: Mapping[str, Any] | Lifecycle,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Lifecycle:
        """Set it: `stages`, `transitions` and `protected_aliases`, as `lifecycle` gives them.

        With a `revision` in it, only if it is the one that is there still (`Stale`). Raises
        `Invalid` naming places that make no sense, and `Conflict` naming versions in the way.
        """
        whole = lifecycle.raw if isinstance(lifecycle, Lifecycle) else lifecycle
        body = {name: whole[name] for name in _SET if name in whole}
        revision = whole.get("revision")
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        answer = self.transport.request(
            "PUT",
            self._lifecycle_path(namespace),
            query={"reason": reason},
            body=body,
            headers=headers,
        )
        return Lifecycle.read(answer.document)

    def _lifecycle_path(self, namespace: str | None) -> str:
        return f"{self.in_namespace(namespace)}/lifecycle"


def read_lifecycle(file: Path) -> Mapping[str, Any]:
    """The lifecycle in a JSON or (.toml) TOML file. Raises `Invalid` if it is none."""
    text = file.read_text(encoding="utf-8")
    try:
        read = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise Invalid(
            f"{file} cannot be read: {error}.", next_step="Write it as JSON, or as TOML in a .toml."
        ) from None
    if not isinstance(read, Mapping):
        raise Invalid(
            f"{file} holds no lifecycle.",
            next_step="See `modelry lifecycle --json` for what one looks like.",
        )
    return read
