"""Operations on deployments: what should run where, what does, and what was seen of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from modelry.errors import Conflict, Invalid, NotFound
from modelry.moments import moment
from modelry.records import Change, Described, Record
from modelry.references import Reference
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class Deployment(Described):
    """A version that should run in an environment, or whichever `follows` leads to.

    What does run: `serving`, the number of the version that answers most requests, and `traffic`,
    the shares of all that answer, in percent.
    """

    id: str = ""
    namespace: str = ""
    environment_id: str = ""
    environment: str = ""
    name: str = ""
    model_id: str = ""
    model: str = ""
    follows: str = ""
    pinned: int | None = None
    desired_state: str = ""
    runtime: str | None = None
    observed_state: str = ""
    serving: int | None = None
    traffic: Mapping[str, int] = field(default_factory=dict)
    endpoint: str | None = None
    message: str = ""
    observed_at: datetime | None = None

    def _shown(self) -> str:
        runs = f"serving {self.serving}" if self.serving else self.observed_state
        return f"{self.environment}/{self.name}, {self.model} {self.follows}, {runs}"


@dataclass(frozen=True, repr=False)
class Target(Record):
    """The version that a deployment leads to now, and whether it is what answers: `in_sync`."""

    number: int | None = None
    version: str | None = None
    digest: str | None = None
    desired_state: str = ""
    serving: int | None = None
    in_sync: bool = False


@dataclass(frozen=True, repr=False)
class ServeRecord(Described):
    """What was seen of a deployment at a time."""

    id: str = ""
    deployment_id: str = ""
    name: str = ""
    model: str = ""
    number: int = 0
    traffic: Mapping[str, int] = field(default_factory=dict)
    endpoint: str | None = None
    message: str = ""


class Deployments(Session):
    """Deployments are named by their id, or by `ENVIRONMENT/NAME`."""

    def deployments(
        self,
        *,
        environment: str | None = None,
        model: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Deployment]:
        """The deployments of a namespace, oldest first; with `as_of`, what ran where then."""
        path = f"{self.in_namespace(namespace)}/deployments"
        query = {
            "environment": environment,
            "model": model,
            "filter": filter,
            "order_by": order_by,
            "as_of": moment(as_of),
        }
        return map(Deployment.read, self.transport.items(path, **query))

    def deployment(
        self, name: str, *, namespace: str | None = None, as_of: datetime | str | None = None
    ) -> Deployment:
        """A deployment, now or as it was at a time. Raises `NotFound`."""
        path = self._deployment_path(name, namespace)
        return Deployment.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def deploy(
        self,
        model: str | Reference,
        environment: str,
        *,
        name: str | None = None,
        runtime: str | None = None,
        namespace: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        reason: str | None = None,
    ) -> Deployment:
        """Say that a version (`MODEL:3`) or whichever a reference leads to (`MODEL@champion`,
        `MODEL`: the latest) should run in an environment.

        A deployment has the model's name unless it is given another one; one of that name that is
        there already follows the new reference from now on. Raises `NotFound`, `Conflict`.
        """
        reference = self.resolve(model, namespace)
        body = given(
            name=name or reference.model,
            environment=environment,
            model=reference.model,
            follows=reference.version or "latest",
            runtime=runtime,
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
        )
        there = self._found(environment, body["name"], reference.namespace)
        if there is None:
            try:
                path = f"{self.in_namespace(reference.namespace)}/deployments"
                return Deployment.read(self.create(path, body).document)
            except Conflict:
                there = self._found(environment, body["name"], reference.namespace)
                if there is None:
                    raise
        if there.model != reference.model:
            raise Conflict(
                f"{there.environment}/{there.name} deploys the model {there.model!r}.",
                next_step="Give the deployment another name.",
            )
        changes = {name: body[name] for name in body.keys() - {"name", "environment", "model"}}
        return self.update_deployment(
            there.id,
            namespace=reference.namespace,
            reason=reason,
            desired_state="deployed",
            **changes,
        )

    def undeploy(
        self, name: str, *, namespace: str | None = None, reason: str | None = None
    ) -> Deployment:
        """Say that it should run no more; the deployment and its past stay."""
        return self.update_deployment(
            name, namespace=namespace, reason=reason, desired_state="undeployed"
        )

    def update_deployment(
        self,
        name: str,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Deployment:
        """Change fields by merge patch: None removes. Raises `Stale` if it is not at `etag`."""
        path = self._deployment_path(name, namespace)
        return Deployment.read(self.patch(path, etag, changes, reason))

    def deployment_target(self, name: str, *, namespace: str | None = None) -> Target:
        """What a controller goes by: the version that it leads to now."""
        path = self._deployment_path(name, namespace)
        return Target.read(self.transport.get(f"{path}/target").document)

    def observe_deployment(
        self,
        name: str,
        number: int,
        state: str = "running",
        *,
        traffic: Mapping[int | str, int] | None = None,
        endpoint: str | None = None,
        message: str | None = None,
        namespace: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, Any] | None = None,
    ) -> ServeRecord:
        """Note what was seen of it: version `number` in a `state`, and how requests are shared
        out, in percent by number. The deployment then says so too."""
        shares = {str(each): share for each, share in traffic.items()} if traffic else None
        body = given(
            number=number,
            state=state,
            traffic=shares,
            endpoint=endpoint,
            message=message,
            external_id=external_id,
            custom_properties=custom_properties,
        )
        path = self._deployment_path(name, namespace)
        return ServeRecord.read(self.create(f"{path}/serve-records", body).document)

    def serve_records(self, name: str, *, namespace: str | None = None) -> Iterator[ServeRecord]:
        """What was seen of a deployment, newest first."""
        path = self._deployment_path(name, namespace)
        return map(ServeRecord.read, self.transport.items(f"{path}/serve-records"))

    def deployment_history(self, name: str, *, namespace: str | None = None) -> Iterator[Change]:
        """What happened to a deployment, newest first, field by field."""
        path = self._deployment_path(name, namespace)
        return map(Change.read, self.transport.items(f"{path}/history"))

    def _deployment_path(self, name: str, namespace: str | None) -> str:
        if not name.isdigit():
            environment, slash, rest = name.partition("/")
            if not slash or not environment or not rest:
                raise Invalid(
                    f"{name!r} names no deployment.", next_step="Write its id or ENVIRONMENT/NAME."
                )
            found = self._found(environment, rest, namespace)
            if found is None:
                raise NotFound(
                    f"There is no deployment {rest!r} in an environment {environment!r}.",
                    next_step="See `modelry deployments` for those that there are.",
                )
            name = found.id
        return f"{self.in_namespace(namespace)}/deployments/{name}"

    def _found(self, environment: str, name: str, namespace: str | None) -> Deployment | None:
        path = f"{self.in_namespace(namespace)}/deployments"
        query = {"environment": environment, "name": name, "page_size": 1}
        found = next(self.transport.items(path, **query), None)
        return None if found is None else Deployment.read(found)
