"""The native dialect's operations, one module per noun: each calls one use case."""

from fastapi import APIRouter

from handlers.api.requests import StrictRoute


def group(noun: str, prefix: str = "") -> APIRouter:
    """A router for one noun's operations, on strict requests."""
    return APIRouter(
        prefix=prefix,
        tags=[noun],
        route_class=StrictRoute,
        generate_unique_id_function=lambda route: route.name,
    )
