"""The relay as a function, on a schedule and whenever somebody calls it: webhooks are told."""

import gc

gc.disable()  # nothing that an import makes is garbage: collecting costs a tenth of a cold start

import os
from typing import Any

from core.bootstrap import assemble, configured
from handlers.events.schedules import relay
from handlers.logs import seen, set_up_logs

settings = configured(os.environ)
set_up_logs(settings.log_level)
registry = assemble(settings)

gc.enable()
gc.freeze()


def handler(event: Any, context: Any) -> dict[str, int]:
    """One run; see `handlers.events.schedules.relay`."""
    with seen(registry, "relay"):
        return relay(registry, getattr(context, "aws_request_id", ""))
