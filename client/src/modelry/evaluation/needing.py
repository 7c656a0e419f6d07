"""Libraries that only those who evaluate have: imported when used, or a word on how to get them."""

import importlib
from typing import Any

from modelry.errors import Invalid


def needed(module: str, what: str, package: str = "modelry[evaluate]") -> Any:
    """The module. Raises `Invalid` saying what to install for `what`."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Invalid(
            f"{what} needs {module.partition('.')[0]}, which cannot be imported here: {error}.",
            next_step=f"pip install '{package}'",
        ) from error


def wanted(module: str) -> Any | None:
    """The module if it is installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None
