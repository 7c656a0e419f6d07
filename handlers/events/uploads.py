"""What a batch of storage notifications does: each object that arrived is received."""

import logging
from typing import Any

from core.domain.access import Caller, system_caller
from core.errors import RegistryError
from core.services.receipts import Receipts
from handlers.events.notifications import Unreadable, notices

_log = logging.getLogger("modelry.uploads")


class BatchFailed(RuntimeError):
    """Some notifications could not be handled now; the platform shall deliver the event again."""


def receive_all(
    receipts: Receipts, bucket: str, event: Any, request_id: str = ""
) -> dict[str, Any]:
    """Receive every object that the event tells of, in the order told.

    One that fails does not keep back the others. Of a queue's batch, the failed messages are
    named in the answer (`batchItemFailures`) and come again alone; a direct notification that
    failed raises `BatchFailed`, so that the platform repeats it. Repeating is always safe.
    """
    caller = system_caller("uploads", request_id)
    outcomes: dict[str, int] = {}
    failed: dict[str | None, None] = {}
    for notice in notices(event):
        if isinstance(notice, Unreadable):
            _log.warning("ignored a record: %s", notice.reason)
            outcome = "ignored"
        elif notice.bucket != bucket:
            _log.warning("ignored an object of another bucket")
            outcome = "ignored"
        else:
            outcome = _receive(receipts, caller, notice.key)
        if outcome == "failed":
            failed[notice.message_id] = None
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    if None in failed:
        raise BatchFailed(f"{outcomes['failed']} notifications could not be handled now")
    return {
        "outcomes": outcomes,
        "batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed],
    }


def _receive(receipts: Receipts, caller: Caller, key: str) -> str:
    try:
        outcome = receipts.receive(caller, key)
    except RegistryError as error:
        _log.error("could not receive %r: %s", key, error.message)
        return "failed"
    _log.info("%r: %s", key, outcome)
    return outcome
