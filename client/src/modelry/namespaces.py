"""Operations on namespaces and what happens in them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from modelry.moments import moment
from modelry.records import Event, Identity, Namespace
from modelry.references import check_namespace
from modelry.session import Session, given


class Namespaces(Session):
    """Namespaces, events, and the caller itself."""

    def whoami(self) -> Identity:
        """Who the registry takes you for, and your roles."""
        return Identity.read(self.transport.get("/whoami").document)

    def namespaces(self, *, as_of: datetime | str | None = None) -> Iterator[Namespace]:
        """The namespaces that you may see, by name."""
        return map(Namespace.read, self.transport.items("/namespaces", as_of=moment(as_of)))

    def namespace(
        self, name: str | None = None, *, as_of: datetime | str | None = None
    ) -> Namespace:
        """A namespace. Raises `NotFound`."""
        answer = self.transport.get(self.in_namespace(name), as_of=moment(as_of))
        return Namespace.read(answer.document)

    def create_namespace(
        self,
        name: str,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        idempotency_key: str | None = None,
    ) -> Namespace:
        """Create a namespace. Raises `Conflict` if the name is in use.

        A call with the `idempotency_key` of an earlier one gives the namespace as that one made
        it.
        """
        body = given(
            name=check_namespace(name),
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
        )
        return Namespace.read(self.create("/namespaces", body, idempotency_key).document)

    def update_namespace(
        self, name: str, *, etag: str = "*", reason: str | None = None, **changes: Any
    ) -> Namespace:
        """Change fields by merge patch: None removes. Raises `Stale` if it is not at `etag`."""
        return Namespace.read(self.patch(self.in_namespace(name), etag, changes, reason))

    def events(
        self,
        *,
        kind: str | None = None,
        subject: str | None = None,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Event]:
        """What happened in the namespace, newest first; to one subject if both are given."""
        path = f"{self.in_namespace(namespace)}/events"
        items = self.transport.items(path, kind=kind, subject=subject, as_of=moment(as_of))
        return map(Event.read, items)
