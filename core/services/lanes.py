"""Several sendings at a time, of each subject one: each subject is a lane of its own."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
A = TypeVar("A")


class Lanes(Generic[T, A]):
    """Sends up to `width` items at a time, those of one lane one after another.

    Of a width of 1 everything happens in this thread, in order.
    """

    def __init__(self, send: Callable[[T], A], width: int) -> None:
        self._send = send
        self._width = width
        self._queues: dict[str, deque[T]] = {}
        self._ready: deque[str] = deque()
        self._running: dict[Future[A], tuple[str, T]] = {}
        self._busy: set[str] = set()
        self._pool: ThreadPoolExecutor | None = None
        self._is_stopped = False

    def __enter__(self) -> "Lanes[T, A]":
        if self._width > 1:
            self._pool = ThreadPoolExecutor(self._width, thread_name_prefix="relay")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def add(self, lane: str, item: T) -> None:
        """Put the item behind the others of its lane."""
        if lane not in self._queues:
            self._queues[lane] = deque()
            if lane not in self._busy:
                self._ready.append(lane)
        self._queues[lane].append(item)

    def drop(self, lane: str) -> list[T]:
        """Take out what waits in a lane."""
        return list(self._queues.pop(lane, ()))

    def stop(self) -> None:
        """Begin nothing more; what runs ends."""
        self._is_stopped = True

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing will."""
        return not self._running and (self._is_stopped or not self._queues)

    def done(self, seconds: float) -> Iterator[tuple[T, A]]:
        """What has been sent, each with its answer, once something has or the time is over. A lane
        goes on when its answer has been taken from here."""
        self._begin()
        if not self._running:
            return
        finished, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in finished:
            lane, item = self._running.pop(future)
            yield item, future.result()
            self._busy.discard(lane)
            if lane in self._queues:
                self._ready.append(lane)

    def _begin(self) -> None:
        while self._ready and len(self._running) < self._width and not self._is_stopped:
            lane = self._ready.popleft()
            if lane not in self._queues:  # it was dropped
                continue
            item = self._queues[lane].popleft()
            if not self._queues[lane]:
                del self._queues[lane]
            self._busy.add(lane)
            self._running[self._started(item)] = (lane, item)

    def _started(self, item: T) -> "Future[A]":
        if self._pool is not None:
            return self._pool.submit(self._send, item)
        future: Future[A] = Future()
        future.set_result(self._send(item))
        return future
