"""Operations on environments: the places where versions are deployed to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from modelry.moments import moment
from modelry.records import Described
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class Environment(Described):
    """A place where versions are deployed to; `kind` says what serves there."""

    id: str = ""
    namespace: str = ""
    name: str = ""
    kind: str = ""

    def _shown(self) -> str:
        return f"{self.namespace}/{self.name}, {self.kind}"


class Environments(Session):
    """Environments of a namespace."""

    def environments(
        self,
        *,
        namespace: str | None = None,
        filter: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Environment]:
        """The environments of a namespace, oldest first."""
        path = f"{self.in_namespace(namespace)}/environments"
        query = {"filter": filter, "as_of": moment(as_of)}
        return map(Environment.read, self.transport.items(path, **query))

    def environment(
        self, name: str, *, namespace: str | None = None, as_of: datetime | str | None = None
    ) -> Environment:
        """An environment by name or id. Raises `NotFound`."""
        path = self._environment_path(name, namespace)
        return Environment.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def create_environment(
        self,
        name: str,
        kind: str | None = None,
        *,
        namespace: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        idempotency_key: str | None = None,
    ) -> Environment:
        """Create an environment, such as `prod` of the kind `kserve`. Raises `Conflict` if the
        name is in use."""
        body = given(
            name=name,
            kind=kind,
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
        )
        path = f"{self.in_namespace(namespace)}/environments"
        return Environment.read(self.create(path, body, idempotency_key).document)

    def update_environment(
        self,
        name: str,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Environment:
        """Change fields by merge patch: None removes. Raises `Stale` if it is not at `etag`."""
        path = self._environment_path(name, namespace)
        return Environment.read(self.patch(path, etag, changes, reason))

    def _environment_path(self, name: str, namespace: str | None) -> str:
        if "/" in name:  # no path can hold it: the id is looked up
            path = f"{self.in_namespace(namespace)}/environments"
            found = next(self.transport.items(path, name=name), None)
            name = str(found["id"]) if found else name.replace("/", "")
        return f"{self.in_namespace(namespace)}/environments/{quote(name, safe='')}"
