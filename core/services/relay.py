"""The use case that tells webhooks of what happened: the outbox is read, writes never wait."""

import logging
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.domain.access import Action, Caller
from core.domain.deliveries import Cursor, Retrying
from core.domain.webhooks import WebhookState
from core.errors import RegistryError, Stale, Unavailable
from core.ports import Channel, Clock, Database, Stores, Vault
from core.services.dispatches import Dispatch
from core.services.passes import LEASE, Pass, Tally, has_work
from core.services.receivers import changed, kept_of, moved, opened, store_changed

BUDGET = timedelta(seconds=50)
BOX = timedelta(seconds=10)
MAX_DUE = 1_000

_log = logging.getLogger("modelry.relay")


@dataclass(slots=True)
class Turn:
    """What became of one webhook's turn."""

    tally: Tally = field(default_factory=Tally)
    outage: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class Relay:
    """Delivers from the events, for each webhook from its own cursor.

    `at_once` webhooks are served at a time, `width` subjects of each; with both 1, everything
    happens in this thread.
    """

    database: Database
    clock: Clock
    channel: Channel
    vault: Vault
    source: str
    retrying: Retrying
    at_once: int = 8
    width: int = 8
    chance: Callable[[], float] = random.random

    def deliver(self, caller: Caller, *, budget: timedelta = BUDGET) -> Tally:
        """Deliver what is due, of every webhook for ten seconds in turn, until nothing is or the
        budget is spent. Two relays at once share the webhooks; repeating is harmless.

        Raises `Unavailable`, once every webhook had its turn.
        """
        caller.require(Action.EVENT_RELAY)
        ends_at = self.clock.now() + budget
        whole = Tally()
        while True:
            due = self.database.deliveries.due(self.clock.now(), MAX_DUE)
            turns = self._each(lambda cursor: self._serve(caller, cursor, ends_at), due)
            for turn in turns:
                whole.delivered += turn.tally.delivered
                whole.failed += turn.tally.failed
                whole.dead += turn.tally.dead
            for turn in turns:
                if turn.outage is not None:
                    raise turn.outage
            worked = any(turn.tally.worked for turn in turns)
            if self.clock.now() >= ends_at or not worked:
                return whole

    def _each(self, serve: Callable[[Cursor], Turn], due: Iterable[Cursor]) -> list[Turn]:
        if self.at_once == 1:
            return [serve(cursor) for cursor in due]
        with ThreadPoolExecutor(self.at_once, thread_name_prefix="webhook") as pool:
            return list(pool.map(serve, due))

    def _serve(self, caller: Caller, cursor: Cursor, ends_at: datetime) -> Turn:
        """One webhook's turn. What goes wrong with it is no other one's business."""
        turn = Turn()
        try:
            self._take_and_send(caller, cursor, ends_at, turn.tally)
        except Stale:  # another relay has it, or it was changed: it is nothing of this one's now
            pass
        except Unavailable as error:
            turn.outage = error
        except RegistryError:
            _log.exception("Nothing can be sent to the webhook %s", cursor.webhook_id)
        return turn

    def _take_and_send(
        self, caller: Caller, cursor: Cursor, ends_at: datetime, tally: Tally
    ) -> None:
        at = self.clock.now()
        found = self.database.webhooks.kept(cursor.webhook_id)
        if found is None or found[0].state is not WebhookState.ACTIVE:
            return
        if at >= ends_at or not cursor.is_free(at):
            return
        webhook, kept = found
        secrets = opened(self.vault, webhook.id, kept)
        dispatch = Dispatch(webhook, secrets, self.channel, self.clock, self.source)
        if not has_work(self.database, dispatch, cursor, at):
            return
        own = moved(cursor, leased_until=at + LEASE)
        self.database.transaction(lambda stores: stores.deliveries.move(own))
        turn = Pass(
            database=self.database,
            clock=self.clock,
            dispatch=dispatch,
            retrying=self.retrying,
            chance=self.chance,
            cursor=own,
            ends_at=min(ends_at, at + BOX),
            width=self.width,
            tally=tally,
        )
        turn.run()
        if turn.is_gone:
            self._disable(caller, webhook.namespace, webhook.id)

    def _disable(self, caller: Caller, namespace: str, webhook_id: str) -> None:
        """Its receiver has said that it wants nothing any more (410)."""

        def work(stores: Stores) -> None:
            before, kept = kept_of(stores, namespace, webhook_id)
            at = max(self.clock.now(), before.updated_at)
            after = changed(before, caller, at, state=WebhookState.DISABLED)
            why = "its receiver answered 410 Gone"
            store_changed(stores, caller, before, after, kept, "webhook.disabled", why)

        self.database.transaction(work)
