"""One relay's time with one webhook: what is new is read, sent, and recorded as it goes.

Every record is one transaction: what was sent, how far all has come, and that this relay is at it
for some while more. It fails as a whole if another relay has taken over, and if this one dies
before it, what it sent is sent again: at least once, and of each subject in order.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.domain.checkpoints import LATENESS
from core.domain.deliveries import Answer, Cursor, Delivery, DeliveryState, Retrying, before
from core.domain.events import Event, last_event_id
from core.domain.messages import group_of
from core.ports import Clock, Database, Stores
from core.services.dispatches import Dispatch
from core.services.lanes import Lanes
from core.services.receivers import moved

LEASE = timedelta(seconds=60)
PAGE = 500
MAX_WAITING = 5_000
GIVE_UP = 10
"""So many failures in a row, with no success between, and a target is left alone for a while."""
LONGEST_BREAK = timedelta(minutes=15)

_BATCH = 200
_RECORD_EVERY = timedelta(seconds=2)
_STEP_SECONDS = 0.25

_log = logging.getLogger("modelry.relay")


@dataclass(slots=True)
class Task:
    """An event to be told of, and what is known of its delivery."""

    event: Event
    delivery: Delivery


@dataclass(slots=True)
class Tally:
    """How many deliveries ended in which way."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0

    @property
    def worked(self) -> bool:
        """Whether anything was sent."""
        return self.delivered + self.failed + self.dead > 0

    def add(self, delivery: Delivery) -> None:
        """Count one more."""
        match delivery.state:
            case DeliveryState.DELIVERED:
                self.delivered += 1
            case DeliveryState.DEAD:
                self.dead += 1
            case _:
                self.failed += 1


@dataclass(slots=True)
class Pass:
    """From a cursor that is this relay's, until `ends_at` or until there is no more to do."""

    database: Database
    clock: Clock
    dispatch: Dispatch
    retrying: Retrying
    chance: Callable[[], float]
    cursor: Cursor
    ends_at: datetime
    width: int
    tally: Tally = field(default_factory=Tally)
    is_gone: bool = False
    _seen: set[str] = field(default_factory=set)
    _open: dict[str, None] = field(default_factory=dict)
    _blocked: dict[str, datetime] = field(default_factory=dict)
    _waiting: dict[str, datetime] = field(default_factory=dict)
    _records: list[Delivery] = field(default_factory=list)
    _failures: int = 0
    _is_read: bool = False
    _recorded_at: datetime = field(init=False)

    def run(self) -> None:
        """Send what there is. Raises `Stale` if another relay or a change of the webhook has taken
        the cursor away, `Unavailable`."""
        self._recorded_at = self.clock.now()
        with Lanes(self._attempt, self.width) as lanes:
            self._retry(lanes)
            while True:
                if self._may_read():
                    self._read(lanes)
                if self._must_stop():
                    lanes.stop()
                for task, answer in lanes.done(_STEP_SECONDS):
                    self._settle(lanes, task, answer)
                late = self.clock.now() >= self._recorded_at + _RECORD_EVERY
                if len(self._records) >= _BATCH or late:
                    self._record()
                if lanes.is_idle and (self._must_stop() or not self._may_read()):
                    break
        self._release()

    def _attempt(self, task: Task) -> Answer:
        try:
            return self.dispatch.send(task.event)
        except Exception as error:  # a fault of ours with one event must not keep back the others
            _log.exception("The event %s cannot be sent", task.event.id)
            return Answer(accepted=False, detail=f"a fault of the relay: {type(error).__name__}")

    def _may_read(self) -> bool:
        """Whether there may be something new, and not too much that waits or is under way."""
        return not self._is_read and len(self._waiting) < MAX_WAITING and len(self._open) < PAGE

    def _must_stop(self) -> bool:
        is_over = self.clock.now() >= self.ends_at
        return is_over or self.is_gone or self._failures >= GIVE_UP

    def _retry(self, lanes: "Lanes[Task, Answer]") -> None:
        """Queue what waits and is due; block the subjects of what is not."""
        webhook_id, at = self.cursor.webhook_id, self.clock.now()
        waiting = self.database.deliveries.waiting(webhook_id, MAX_WAITING)
        due: list[Delivery] = []
        for delivery in waiting:
            self._waiting[delivery.event_id] = delivery.next_at or at
            is_due = delivery.next_at is None or delivery.next_at <= at
            if delivery.again:
                due += [delivery] if is_due else []
            elif delivery.subject in self._blocked:
                continue
            elif not is_due and delivery.next_at is not None:
                self._blocked[delivery.subject] = delivery.next_at
            else:
                due.append(delivery)
        for start in range(0, len(due), PAGE):
            some = {each.event_id: each for each in due[start : start + PAGE]}
            for event in self.database.events.with_ids(some):
                delivery = some[event.id]
                lane = f"again {event.id}" if delivery.again else delivery.subject
                lanes.add(lane, Task(event, delivery))

    def _read(self, lanes: "Lanes[Task, Answer]") -> None:
        """Queue a page of what is new. It is read until nothing more has become visible before its
        end: an event that is seen is never sent before an earlier one of its subject."""
        events, namespace = self.database.events, self.cursor.namespace
        floor = self.cursor.floor
        self._seen = {each for each in self._seen if each > floor}
        wanted = len(self._seen) + PAGE
        found = events.ids(namespace, after=floor, until=None, limit=wanted)
        page = {each for each in found if each not in self._seen}
        while page:
            until = max(page)
            more = events.ids(namespace, after=floor, until=until, limit=wanted + len(page))
            late = {each for each in more if each not in self._seen and each not in page}
            if not late:
                break
            page |= late
        self._is_read = not page
        known = self.database.deliveries.known(self.cursor.webhook_id, page)
        for event in events.with_ids(page - known):
            if self.dispatch.webhook.wants(event):
                self._queue(lanes, event)
        self._seen |= page

    def _queue(self, lanes: "Lanes[Task, Answer]", event: Event) -> None:
        at = self.clock.now()
        delivery = Delivery(
            webhook_id=self.cursor.webhook_id,
            event_id=event.id,
            action=event.action,
            subject=group_of(event),
            created_at=at,
            expires_at=at + self.retrying.age + self.retrying.log,
        )
        if delivery.subject in self._blocked:
            self._hold(delivery)
        else:
            self._open[event.id] = None
            lanes.add(delivery.subject, Task(event, delivery))

    def _settle(self, lanes: "Lanes[Task, Answer]", task: Task, answer: Answer) -> None:
        tried = self.retrying.after(task.delivery, answer, self.clock.now(), self.chance())
        self.tally.add(tried)
        self._records.append(tried)
        self._open.pop(tried.event_id, None)
        self._waiting.pop(tried.event_id, None)
        if tried.next_at is not None:
            self._waiting[tried.event_id] = tried.next_at
        self._failures = 0 if answer.accepted else self._failures + 1
        self.is_gone = self.is_gone or answer.gone
        if tried.next_at is not None and not tried.again:
            self._blocked[tried.subject] = tried.next_at
            for behind in lanes.drop(tried.subject):
                self._open.pop(behind.event.id, None)
                self._hold(behind.delivery)

    def _hold(self, delivery: Delivery) -> None:
        """Let it wait behind an earlier one of its subject."""
        self._waiting[delivery.event_id] = self._blocked[delivery.subject]
        self._records.append(replace(delivery, next_at=self._blocked[delivery.subject]))

    def _record(self, **changes: object) -> None:
        at = self.clock.now()
        floor = min(last_event_id(at - LATENESS), max(self._seen, default=self.cursor.floor))
        if self._open:
            floor = min(floor, before(min(self._open)))
        cursor = moved(
            self.cursor,
            floor=max(floor, self.cursor.floor),
            **{"leased_until": at + LEASE, "retry_at": at, **changes},
        )
        records = tuple(self._records)

        def work(stores: Stores) -> None:
            stores.deliveries.move(cursor)
            stores.deliveries.record(records)

        self.database.transaction(work)
        self.cursor, self._recorded_at = cursor, at
        self._records.clear()

    def _release(self) -> None:
        """Leave it to whoever comes next, which is soon unless the target does not answer."""
        at, failures = self.clock.now(), 0
        due_at = at
        if self._failures >= GIVE_UP:
            failures = self.cursor.failures + 1
            due_at += min(self.retrying.wait(failures, self.chance()), LONGEST_BREAK)
        elif self._failures and not self.tally.delivered:
            due_at += self.retrying.first
        retry_at = min(self._waiting.values(), default=None)
        self._record(leased_until=None, due_at=due_at, retry_at=retry_at, failures=failures)


def has_work(database: Database, dispatch: Dispatch, cursor: Cursor, at: datetime) -> bool:
    """Whether a relay has anything to do here; reads only."""
    webhook_id = cursor.webhook_id
    if cursor.retry_at is not None and cursor.retry_at <= at:
        return True
    ids = database.events.ids(cursor.namespace, after=cursor.floor, until=None, limit=PAGE)
    if not ids:
        return False
    if len(ids) == PAGE or ids[0] <= last_event_id(at - 2 * LATENESS):
        return True
    new = set(ids) - database.deliveries.known(webhook_id, ids)
    return any(dispatch.webhook.wants(event) for event in database.events.with_ids(new))
