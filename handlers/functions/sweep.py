"""The clean-up as a function, on a schedule: uploads and requests for approval that ran out of time
are closed, what was deleted is purged once its grace period is over, what happened is sealed."""

import gc

gc.disable()  # nothing that an import makes is garbage: collecting costs a tenth of a cold start

import os
from typing import Any

from core.bootstrap import assemble, configured
from handlers.events.schedules import sweep
from handlers.logs import seen, set_up_logs

settings = configured(os.environ)
set_up_logs(settings.log_level)
registry = assemble(settings)

gc.enable()
gc.freeze()


def handler(event: Any, context: Any) -> dict[str, int]:
    """One run; see `handlers.events.schedules.sweep`."""
    with seen(registry, "sweep"):
        return sweep(registry, getattr(context, "aws_request_id", ""))
