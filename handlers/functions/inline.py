"""One request at a time in a function's sandbox: endpoints run in place, not in a thread pool.

Handing each call to a thread costs 0.4 ms of 0.9 ms there and gains nothing. In a server the pool
stays, so the endpoints are the same plain functions in both.
"""

from collections.abc import Callable
from typing import Any


def run_inline() -> None:
    """Make Starlette and FastAPI, in this process, call plain endpoints directly."""
    import fastapi.concurrency
    import fastapi.dependencies.utils
    import fastapi.routing
    import starlette._exception_handler
    import starlette.concurrency
    import starlette.middleware.errors
    import starlette.routing

    async def run(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    for module in (
        starlette.concurrency,
        starlette.middleware.errors,
        starlette.routing,
        starlette._exception_handler,
        fastapi.concurrency,
        fastapi.routing,
        fastapi.dependencies.utils,
    ):
        if hasattr(module, "run_in_threadpool"):
            setattr(module, "run_in_threadpool", run)  # noqa: B010  # mypy: modules have no such attribute
