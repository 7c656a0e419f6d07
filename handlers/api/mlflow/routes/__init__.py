"""The operations of MLflow's dialect, one module per resource, each over the core's use cases."""

from fastapi import APIRouter

from handlers.api.dependencies import IdentifiedRoute


def group(resource: str) -> APIRouter:
    """A router for one resource's operations, for callers who are known."""
    return APIRouter(tags=[resource], route_class=IdentifiedRoute)
