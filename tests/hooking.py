"""Plug-ins made of functions, and a world whose changes they are asked about."""

from collections.abc import Callable
from typing import Any, cast

import pluggy

from core.adapters.plugins.database import HookedDatabase
from core.adapters.plugins.loading import Plugins
from core.bootstrap import bundle
from core.ports import Database
from tests.builders import World

hook = pluggy.HookimplMarker("modelry")


def plugin(**functions: Callable[..., Any]) -> object:
    """A plug-in of these functions."""
    return type("Plugin", (), {name: staticmethod(hook(it)) for name, it in functions.items()})()


def hooked(world: World, plugins: Plugins) -> World:
    """The world, once these plug-ins are asked and told."""
    database = cast(Database, HookedDatabase(world.database, plugins))
    world.registry = bundle(
        world.settings, database, world.blobs, world.tokens, world.clock, plugins.gate_hooks
    )
    return world
