"""Everything in one process, where containers are run and not functions: the API, and the events
that its platform sends over HTTP. `python -m handlers.functions.container` serves it."""

import os

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from core.bootstrap import assemble, configured
from handlers.api.app import create_app
from handlers.functions.arrivals import event_app
from handlers.logs import set_up_logs

GRACE_SECONDS = 10
"""How long requests that are under way may take to end when the platform asks to stop."""

settings = configured(os.environ)
set_up_logs(settings.log_level)
registry = assemble(settings)
app = Starlette(
    routes=[
        Mount("/events", event_app(registry, settings)),
        Mount("/", create_app(registry, settings)),
    ]
)


def main() -> None:
    """Serve on the port that the platform names in PORT (8080), until SIGTERM."""
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104 - a container has an interface of its own
        port=int(os.environ.get("PORT", "8080")),
        server_header=False,
        access_log=False,
        log_config=None,  # the log is set up already
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
