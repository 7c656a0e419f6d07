"""Progress: arithmetic by a clock that the test turns, and one line on a terminal."""

import io
import threading

from hypothesis import given
from hypothesis import strategies as st

from modelry.progress import Meter, ProgressLine, Snapshot, describe, size


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_rate_and_the_time_left_follow_from_what_was_counted() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    meter.begin("sending", 1000)

    clock.now += 2
    meter.add(400)

    assert meter.snapshot() == Snapshot("sending", 400, 1000, 200.0, 3.0)


def test_what_was_there_already_is_done_but_was_never_fast() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    meter.begin("receiving", 1000)
    meter.skip(500)

    clock.now += 1
    meter.add(100)

    assert meter.snapshot() == Snapshot("receiving", 600, 1000, 100.0, 4.0)


def test_the_rate_is_of_the_last_seconds() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    meter.begin("sending", 10_000)
    for count in [10] * 20 + [100] * 20:
        clock.now += 1
        meter.add(count)

    assert meter.snapshot().rate == 100.0


def test_before_anything_is_counted_nobody_knows_how_long() -> None:
    assert Meter(clock=Clock()).snapshot().seconds_left is None


def test_reports_come_at_most_ten_times_a_second_and_at_the_end() -> None:
    clock = Clock()
    reported: list[Snapshot] = []
    meter = Meter(reported.append, clock=clock)
    meter.begin("sending", 100)
    for _ in range(100):
        clock.now += 0.01
        meter.add(1)
    meter.finish()

    assert 9 <= len(reported) <= 12
    assert reported[-1].finished
    assert reported[-1].done_bytes == 100


@given(st.lists(st.integers(-50, 100), max_size=30))
def test_bytes_taken_back_are_taken_back(counts: list[int]) -> None:
    meter = Meter(clock=Clock())
    meter.begin("sending", 1000)
    for count in counts:
        meter.add(count)

    assert meter.snapshot().done_bytes == sum(counts)


def test_threads_lose_no_bytes() -> None:
    meter = Meter()
    meter.begin("sending", 4000)

    def count() -> None:
        for _ in range(1000):
            meter.add(1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert meter.snapshot().done_bytes == 4000


def test_a_terminal_gets_one_line_and_anything_else_nothing() -> None:
    terminal, file = Terminal(), io.StringIO()
    snapshot = Snapshot("sending", 512, 1024, 256.0, 2.0)
    for stream in (terminal, file):
        ProgressLine(stream)(snapshot)

    assert terminal.getvalue() == "\r\x1b[Ksending 512 B of 1.0 KiB, 50 %, 256 B/s, 0:02 left"
    assert file.getvalue() == ""


def test_sizes_and_times_are_written_for_people() -> None:
    assert size(5 << 30) == "5.0 GiB"
    assert size(3 << 40) == "3.0 TiB"
    assert describe(Snapshot("reading", 0, 0, 0.0, None)) == "reading 0 B of 0 B, 100 %"
    assert describe(Snapshot("sending", 1, 100, 1.0, 3700.0)).endswith("1:01:40 left")
