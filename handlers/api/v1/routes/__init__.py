"""The native dialect's operations, one module per noun: each calls one use case."""

from fastapi import APIRouter

from handlers.api.dependencies import IdentifiedRoute


def group(noun: str, prefix: str = "") -> APIRouter:
    """A router for one noun's operations, for callers who are known."""
    return APIRouter(
        prefix=prefix,
        tags=[noun],
        route_class=IdentifiedRoute,
        generate_unique_id_function=lambda route: route.name,
    )
