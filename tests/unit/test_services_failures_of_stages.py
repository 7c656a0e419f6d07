"""The database goes down at every step of releasing a version and taking it back."""

from collections import Counter
from collections.abc import Callable

from core.domain.pages import PageRequest
from core.domain.versions import parse_reference
from core.errors import Unavailable
from tests.builders import ADMIN
from tests.failing import FailingWorld

IRIS = (ADMIN, "default", "iris")
RELEASES = [(1, "Staging"), (1, "Production"), (2, "Staging"), (2, "Production")]


def ready() -> FailingWorld:
    """Two ready versions under the default lifecycle."""
    world = FailingWorld()
    for number in (1, 2):
        world.pushed({"a": str(number).encode()})
    return world


def release(world: FailingWorld) -> None:
    """Both to production, one after the other, and back; each step until it is answered."""
    promotions, rollbacks = world.registry.promotions, world.registry.rollbacks
    for number, stage in RELEASES:
        _until_answered(
            lambda n=number, s=stage: promotions.promote(*IRIS, parse_reference(str(n)), s)
        )
    _until_answered(lambda: rollbacks.stage(*IRIS, "Production", away_from=2))


def _until_answered(step: Callable[[], object]) -> None:
    try:
        step()
    except Unavailable:
        step()


def outcome(world: FailingWorld) -> tuple[object, ...]:
    model = world.registry.models.get(*IRIS)
    versions = world.registry.versions.page(*IRIS, PageRequest()).items
    events = world.registry.events.page(ADMIN, "default", PageRequest(1000)).items
    return (
        dict(model.stages),
        dict(model.aliases),
        {version.number: (version.stage, version.revision) for version in versions},
        Counter(event.action for event in events),
    )


def test_a_release_that_fails_at_any_step_and_is_repeated_comes_right_and_nothing_twice() -> None:
    undisturbed = ready()
    release(undisturbed)
    wanted = outcome(undisturbed)

    for step in range(1, 500):
        world = ready()
        world.database.fuse.steps_left = step
        release(world)
        world.database.fuse.steps_left = None
        assert outcome(world) == wanted, step
        if not world.database.fuse.has_blown:
            assert step > 20
            return
    raise AssertionError("the work never ends")
