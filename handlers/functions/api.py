"""The API as a function: gateway events (v1, v2, load balancer, function URL) in, answers out."""

import gc

gc.disable()  # nothing that an import makes is garbage: collecting costs a tenth of a cold start

import os
import sys
from typing import Any

from mangum import Mangum
from pydantic import BaseModel

BaseModel.model_config["defer_build"] = True  # FastAPI's own OpenAPI classes stay unbuilt
# FastAPI asks of every parameter whether it is of pydantic's old kind, which it would load first.
sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]  # None: not to be imported

from core.bootstrap import assemble, configured
from handlers.api.app import create_app
from handlers.functions.gateway import refusal
from handlers.functions.inline import run_inline
from handlers.logs import set_up_logs

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    run_inline()
    # A function takes 6 MB in all, of bytes three quarters of that: they come as text.
    os.environ.setdefault("MODELRY_MAX_PROXIED_BYTES", str(4 << 20))

settings = configured(os.environ)
set_up_logs(settings.log_level)
registry = assemble(settings)
app = create_app(registry, settings)
_gateway = Mangum(
    app,  # type: ignore[arg-type]  # Mangum asks for positional-only parameters
    lifespan="off",
    text_mime_types=["text/", "application/json", "application/problem+json"],
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The answer to one event of a gateway."""
    try:
        return refusal(event) or _gateway(event, context)
    finally:
        if registry.telemetry is not None:
            registry.telemetry.flush()  # the sandbox may be frozen as soon as this returns


gc.enable()
gc.freeze()
