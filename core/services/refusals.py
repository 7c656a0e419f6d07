"""Telling of access that was refused: an event for each, and few of them for a flood."""

import logging
from dataclasses import dataclass

from core.domain.access import Caller
from core.domain.audit import is_told, refusal, tally_key
from core.errors import RegistryError
from core.ports import Clock, Database

_log = logging.getLogger("modelry.audit")


@dataclass(frozen=True, slots=True)
class Refusals:
    """Tell of decisions that went against somebody."""

    database: Database
    clock: Clock

    def tell(self, refused: Caller, error: RegistryError, route: str) -> None:
        """Store the event if the error is such a decision.

        It never raises: the answer is the same whether the event could be stored or not. What
        could not be stored goes to the log `modelry.audit`.
        """
        if error.refusal is None or refused.is_system:
            return
        at = self.clock.now()
        try:
            count = self.database.audit.count(*tally_key(refused, at))
            if is_told(count):
                event = refusal(refused, error, at=at, route=route, count=count)
                self.database.audit.note(event)
        except Exception as failure:  # whatever it is, the refusal is the answer
            _log.warning(
                "a refusal has no event (%s): actor=%s wanted=%s namespace=%s request=%s",
                failure,
                refused.principal.name,
                error.refusal.action,
                error.refusal.namespace,
                refused.request_id,
            )
