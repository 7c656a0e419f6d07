"""The operations of MLflow's dialect, one module per resource, each over the core's use cases."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from core.domain.access import Caller
from core.registry import Registry
from handlers.api.dependencies import (
    CreatingCaller,
    CurrentCaller,
    CurrentRegistry,
    IdentifiedRoute,
)
from handlers.api.mlflow.bodies import CurrentFields, Fields
from handlers.api.mlflow.scope import CurrentNamespace


def group(resource: str) -> APIRouter:
    """A router for one resource's operations, for callers who are known."""
    return APIRouter(tags=[resource], route_class=IdentifiedRoute)


@dataclass(frozen=True, slots=True)
class Asked:
    """What every operation takes: whose registry, who asks, where, and for what."""

    registry: Registry
    caller: Caller
    namespace: str
    fields: Fields


async def asked(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    fields: CurrentFields,
) -> Asked:
    """The request of an operation."""
    return Asked(registry, caller, namespace, fields)


async def asked_to_create(
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: CurrentNamespace,
    fields: CurrentFields,
) -> Asked:
    """The request of an operation that creates, which an `Idempotency-Key` makes safe to
    repeat."""
    return Asked(registry, caller, namespace, fields)


Request = Annotated[Asked, Depends(asked)]
CreationRequest = Annotated[Asked, Depends(asked_to_create)]
