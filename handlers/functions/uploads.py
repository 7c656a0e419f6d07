"""The upload trigger as a function: storage notifications in, versions made ready."""

import gc

gc.disable()  # nothing that an import makes is garbage: collecting costs a tenth of a cold start

import os
from typing import Any

from core.bootstrap import assemble, configured
from handlers.events.uploads import receive_all
from handlers.logs import seen, set_up_logs

settings = configured(os.environ)
set_up_logs(settings.log_level)
registry = assemble(settings)

gc.enable()
gc.freeze()


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a notification or a batch of them; see `receive_all` for what failures do."""
    request_id = getattr(context, "aws_request_id", "")
    with seen(registry, "uploads"):
        return receive_all(registry.receipts, settings.s3_bucket, event, request_id)
