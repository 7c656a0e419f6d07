"""The relay as a function, on a schedule and whenever somebody calls it: webhooks are told."""

import gc

gc.disable()  # nothing that an import makes is garbage: collecting costs a tenth of a cold start

import os
from typing import Any

from core.bootstrap import assemble, configured
from handlers.events.schedules import relay

registry = assemble(configured(os.environ))

gc.enable()
gc.freeze()


def handler(event: Any, context: Any) -> dict[str, int]:
    """One run; see `handlers.events.schedules.relay`."""
    return relay(registry, getattr(context, "aws_request_id", ""))
