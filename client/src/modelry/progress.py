"""How far a transfer is: arithmetic that threads share, and one line that shows it."""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

WINDOW_SECONDS = 5.0
REPORT_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How far it is. `rate` is bytes a second over the last seconds; `seconds_left` is None
    while nobody can say."""

    stage: str
    done_bytes: int
    total_bytes: int
    rate: float
    seconds_left: float | None
    finished: bool = False


Report = Callable[[Snapshot], None]


class Meter:
    """Counts bytes from many threads and reports at most ten times a second."""

    def __init__(
        self, report: Report | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._report = report
        self._clock = clock
        self._lock = threading.Lock()
        self.begin("", 0)

    def begin(self, stage: str, total_bytes: int, *, done_bytes: int = 0) -> None:
        """Start counting anew; `done_bytes` were there already and don't count for the rate."""
        with self._lock:
            self._stage, self._total, self._done = stage, total_bytes, done_bytes
            self._reported_at = float("-inf")
            self._samples: deque[tuple[float, int]] = deque([(self._clock(), done_bytes)])

    def add(self, count: int) -> None:
        """Count bytes; a negative count takes back what has to be sent again."""
        with self._lock:
            now = self._clock()
            self._done += count
            if now - self._reported_at < REPORT_EVERY_SECONDS:
                return
            self._reported_at = now
            self._samples.append((now, self._done))
            while len(self._samples) > 2 and now - self._samples[0][0] > WINDOW_SECONDS:
                self._samples.popleft()
            snapshot = self._snapshot(finished=False)
            if self._report:
                self._report(snapshot)

    def skip(self, count: int) -> None:
        """Count bytes that need no transfer: done, but no part of the rate."""
        with self._lock:
            self._done += count
            self._samples = deque((at, done + count) for at, done in self._samples)

    def finish(self) -> None:
        """Report the end of this stage."""
        with self._lock:
            if self._report:
                self._report(self._snapshot(finished=True))

    def snapshot(self) -> Snapshot:
        """How far it is now."""
        with self._lock:
            return self._snapshot(finished=False)

    def _snapshot(self, *, finished: bool) -> Snapshot:
        began, before = self._samples[0]
        elapsed = self._clock() - began
        rate = max(0, self._done - before) / elapsed if elapsed > 0 else 0.0
        left = max(0, self._total - self._done) / rate if rate > 0 else None
        return Snapshot(self._stage, self._done, self._total, rate, left, finished)


class ProgressLine:
    """One line on a terminal, rewritten in place; silent on anything else."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shows = self._stream.isatty()

    def __call__(self, snapshot: Snapshot) -> None:
        """Show the snapshot."""
        if not self._shows:
            return
        self._stream.write(f"\r\x1b[K{describe(snapshot)}" + ("\n" if snapshot.finished else ""))
        self._stream.flush()


def report_for(progress: Report | bool | None) -> Report | None:
    """What `progress=` of the SDK means: a callable as it is, True a line on the terminal."""
    if progress is True:
        return ProgressLine()
    return progress or None


def describe(snapshot: Snapshot) -> str:
    """The snapshot in words: `sending 1.2 of 5.0 GiB, 24 %, 110.0 MiB/s, 0:34 left`."""
    total = snapshot.total_bytes
    percent = 100 if not total else min(100, 100 * snapshot.done_bytes // total)
    text = f"{snapshot.stage} {size(snapshot.done_bytes)} of {size(total)}, {percent} %"
    if snapshot.rate:
        text += f", {size(snapshot.rate)}/s"
    if snapshot.seconds_left is not None and not snapshot.finished:
        minutes, seconds = divmod(round(snapshot.seconds_left), 60)
        hours, minutes = divmod(minutes, 60)
        text += (
            f", {hours}:{minutes:02}:{seconds:02} left"
            if hours
            else (f", {minutes}:{seconds:02} left")
        )
    return text


def size(count: float) -> str:
    """Bytes for people: `5.0 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
