"""Finding an evaluator by name: built in, of an installed package, or a function by its module."""

import importlib
import importlib.metadata
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from modelry.errors import Invalid
from modelry.evaluation.findings import Findings, Predictions

GROUP = "modelry.evaluators"
"""The entry points under which packages offer evaluators."""


class Evaluate(Protocol):
    """`evaluate(model, dataset, **options)`: `model` is the directory (or file) of the model,
    `dataset` a `Dataset`, options are what the caller says with `--option`.

    It gives `Predictions`, from which a report follows; a map of metrics; or `Findings`.
    """

    def __call__(
        self, model: Any, dataset: Any, /, **options: Any
    ) -> Predictions | Findings | Mapping[str, float]: ...


@dataclass(frozen=True, slots=True)
class Evaluator:
    """An evaluator, and what a report calls it."""

    name: str
    run: Callable[..., Any]
    version: str | None = None

    def check_options(self, options: Mapping[str, Any]) -> None:
        """Raise `Invalid` for options that it does not take."""
        try:
            inspect.signature(self.run).bind(None, None, **options)
        except TypeError as error:
            raise Invalid(
                f"The evaluator {self.name!r} cannot be called with a model, a data set and the"
                f" options {', '.join(options) or '(none)'}: {error}.",
                next_step="Give the options that it has, as --option name=value.",
            ) from error
        except ValueError:  # of some functions that are not Python's nothing is known
            return


def find_evaluator(named: "str | Evaluator | Callable[..., Any]") -> Evaluator:
    """The evaluator of this name: `sklearn`, an entry point of the group `modelry.evaluators`, or
    `module:function`, which is imported from here or from the current directory.

    Raises `Invalid` for one that is not there.
    """
    if isinstance(named, Evaluator):
        return named
    if not isinstance(named, str):
        name = f"{getattr(named, '__module__', '')}:{getattr(named, '__qualname__', 'callable')}"
        return Evaluator(name, named)
    if named == "sklearn":
        from modelry.evaluation import scikit_learn

        return Evaluator("sklearn", scikit_learn.evaluate, scikit_learn.version())
    for entry in importlib.metadata.entry_points(group=GROUP):
        if entry.name == named:
            version = None if entry.dist is None else entry.dist.version
            return Evaluator(named, _loaded(named, entry.load), version)
    if ":" in named:
        return Evaluator(named, _loaded(named, lambda: _function(named)))
    raise Invalid(
        f"There is no evaluator {named!r}.",
        next_step=f"There are: {', '.join(evaluator_names())}; or name a function, as in"
        " my_module:evaluate.",
    )


def evaluator_names() -> list[str]:
    """The evaluators that are installed here."""
    found = {entry.name for entry in importlib.metadata.entry_points(group=GROUP)}
    return sorted({"sklearn", *found})


def _loaded(named: str, load: Callable[[], Any]) -> Callable[..., Any]:
    try:
        found = load()
    except (ImportError, AttributeError) as error:
        raise Invalid(
            f"The evaluator {named!r} cannot be imported: {error}.",
            next_step="Install what it needs, or name it as module:function.",
        ) from error
    if not callable(found):
        raise Invalid(f"The evaluator {named!r} is no function.", next_step="Name a function.")
    function: Callable[..., Any] = found
    return function


def _function(named: str) -> Any:
    module, _, path = named.partition(":")
    here, quiet = os.getcwd(), sys.dont_write_bytecode
    if here not in sys.path:
        sys.path.insert(0, here)
    sys.dont_write_bytecode = True  # a __pycache__ in the model's directory would be one file more
    try:
        found: Any = importlib.import_module(module)
    finally:
        sys.dont_write_bytecode = quiet
    for step in path.split("."):
        found = getattr(found, step)
    return found
