"""Operations on trusted publishers: workloads that sign in with their platform's token."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from modelry.moments import moment
from modelry.records import Record
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class Publisher(Record):
    """A workload that may act in a namespace, told by the claims of its token."""

    namespace: str = ""
    name: str = ""
    model: str | None = None
    issuer: str = ""
    platform: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    role: str | None = None
    actions: Sequence[str] = ()
    expires_at: datetime | None = None
    revision: int = 0

    def _shown(self) -> str:
        return f"{self.namespace} {self.name}, revision {self.revision}"


class Publishers(Session):
    """The workloads that a namespace trusts."""

    def publishers(self, namespace: str | None = None) -> Iterator[Publisher]:
        """The publishers of a namespace, by name."""
        return map(Publisher.read, self.transport.items(self._publishers(namespace)))

    def set_publisher(
        self,
        name: str,
        issuer: str,
        claims: Mapping[str, Any],
        *,
        model: str | None = None,
        role: str | None = None,
        actions: Sequence[str] = (),
        expires_at: datetime | str | None = None,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Publisher:
        """Trust the workload whose token has all of these claims, for a role, for actions, in the
        namespace or for one model. Raises `Invalid` naming what the table lacks."""
        body = given(
            issuer=issuer,
            claims=dict(claims),
            model=model,
            role=role,
            actions=list(actions),
            expires_at=moment(expires_at),
        )
        answer = self.transport.request(
            "PUT", self._publisher(name, namespace), query={"reason": reason}, body=body
        )
        return Publisher.read(answer.document)

    def remove_publisher(
        self, name: str, *, namespace: str | None = None, reason: str | None = None
    ) -> None:
        """Trust it no more."""
        self.transport.request("DELETE", self._publisher(name, namespace), query={"reason": reason})

    def _publishers(self, namespace: str | None) -> str:
        return f"{self.in_namespace(namespace)}/publishers"

    def _publisher(self, name: str, namespace: str | None) -> str:
        return f"{self._publishers(namespace)}/{quote(name, safe='')}"
