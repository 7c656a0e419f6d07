"""Operations on access: who may do what, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modelry.moments import moment
from modelry.records import Grant, Record
from modelry.references import Reference
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class AccessEntry(Record):
    """What permits or denies something: a grant, a publisher, a setting of the registry."""

    origin: str = ""
    name: str = ""
    scope: str = ""
    role: str | None = None
    effect: str = "allow"
    expires_at: datetime | None = None
    in_force: bool = True
    because: Sequence[str] = ()
    actions: Sequence[str] = ()

    def _shown(self) -> str:
        return f"{self.name}: {self.effect} {self.role or 'some actions'} in {self.scope}"


@dataclass(frozen=True, repr=False)
class Explanation(Record):
    """Whether you may do something, and why."""

    allowed: bool = False
    action: str = ""
    namespace: str | None = None
    model: str | None = None
    reason: str = ""

    def _shown(self) -> str:
        return f"{'yes' if self.allowed else 'no'}: {self.reason}"


class Access(Session):
    """Grants on namespaces and single models, and the decisions that follow from them."""

    def can_i(
        self, action: str, on: str | Reference | None = None, *, namespace: str | None = None
    ) -> Explanation:
        """Whether you may do `action` (such as `version.register`) to a model, or without one to
        the namespace; with `namespace="*"` to the registry."""
        if on is None and namespace == "*":
            place: dict[str, Any] = {}
        elif on is None:
            place = {"namespace": namespace or self.namespace_name}
        else:
            model = self.resolve(on, namespace)
            place = {"namespace": model.namespace, "model": model.model}
        return Explanation.read(self.transport.get("/can-i", action=action, **place).document)

    def access(self, namespace: str | None = None) -> Iterator[AccessEntry]:
        """Everything that lets anybody into the namespace, for its owners and auditors."""
        items = self.transport.items(f"{self.in_namespace(namespace)}/access")
        return map(AccessEntry.read, items)

    def grants(
        self,
        namespace: str | None = None,
        *,
        model: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Grant]:
        """Who has which role in the namespace and for its models; with `model`, for that one."""
        path = f"{self.in_namespace(namespace)}/grants"
        return map(Grant.read, self.transport.items(path, model=model, as_of=moment(as_of)))

    def grant(
        self,
        grantee: str,
        role: str,
        *,
        namespace: str | None = None,
        model: str | None = None,
        expires_at: datetime | str | None = None,
        reason: str | None = None,
    ) -> Grant:
        """Give a role to `subject:ISSUER:NAME` or `group:ISSUER:NAME` in a namespace or for one
        model, in place of what it had there, until `expires_at`."""
        return self._put_grant("allow", grantee, role, namespace, model, expires_at, reason)

    def deny(
        self,
        grantee: str,
        role: str,
        *,
        namespace: str | None = None,
        model: str | None = None,
        expires_at: datetime | str | None = None,
        reason: str | None = None,
    ) -> Grant:
        """Deny what a role adds, whatever else allows it; `reader` denies everything."""
        return self._put_grant("deny", grantee, role, namespace, model, expires_at, reason)

    def revoke(
        self,
        grantee: str,
        *,
        namespace: str | None = None,
        model: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Take back what was given or denied there."""
        self.transport.request(
            "DELETE",
            self._grants(namespace),
            query={"grantee": grantee, "model": model, "reason": reason},
        )

    def _put_grant(
        self,
        effect: str,
        grantee: str,
        role: str,
        namespace: str | None,
        model: str | None,
        expires_at: datetime | str | None,
        reason: str | None,
    ) -> Grant:
        end = moment(expires_at)
        body = given(grantee=grantee, role=role, effect=effect, model=model, expires_at=end)
        answer = self.transport.request(
            "PUT", self._grants(namespace), query={"reason": reason}, body=body
        )
        return Grant.read(answer.document)

    def _grants(self, namespace: str | None) -> str:
        return "/grants" if namespace == "*" else f"{self.in_namespace(namespace)}/grants"
