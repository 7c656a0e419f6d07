"""The driver's errors as the registry's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import InvalidDocument
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from core.errors import Invalid, Taken, TooLarge, Unavailable

TRANSIENT = "TransientTransactionError"
UNKNOWN = "UnknownTransactionCommitResult"

# BSONObjectTooLarge, and what inserts and updates of too large documents are refused with.
_TOO_LARGE = frozenset({10334, 17419, 17420, 17280})
# WriteConflict and LockTimeout.
_CONFLICTS = frozenset({112, 24})


@contextmanager
def translated(*, retried: bool = False) -> Iterator[None]:
    """Raise `Unavailable`, `TooLarge` or `Invalid` for what the driver raises; the rest passes.

    `retried`: this runs in a transaction that is run again after a transient error, so such an
    error must pass untouched. A server that could not be found has been waited for.
    """
    try:
        yield
    except ServerSelectionTimeoutError as error:
        raise _unavailable() from error
    except DocumentTooLarge as error:
        raise _too_large() from error
    except (InvalidDocument, OverflowError) as error:
        raise Invalid(
            "The database cannot store one of the values.",
            next_step="Use text, finite numbers of 64 bits, booleans, null, lists and maps.",
        ) from error
    except PyMongoError as error:
        if retried and error.has_error_label(TRANSIENT):
            raise
        if _is_outage(error):
            raise _unavailable() from error
        if isinstance(error, OperationFailure) and not _TOO_LARGE.isdisjoint(_codes(error)):
            raise _too_large() from error
        raise


def _is_outage(error: PyMongoError) -> bool:
    if isinstance(error, (ConnectionFailure, ExecutionTimeout, WTimeoutError)) or error.timeout:
        return True
    if error.has_error_label(TRANSIENT) or error.has_error_label(UNKNOWN):
        return True
    return isinstance(error, OperationFailure) and error.code in _CONFLICTS


def _codes(error: OperationFailure) -> list[int | None]:
    """The error's code, and those of the single writes of a batch."""
    problems = (error.details or {}).get("writeErrors", ())
    return [error.code, *(problem.get("code") for problem in problems)]


def _unavailable() -> Unavailable:
    return Unavailable("The database does not answer.")


def _too_large() -> TooLarge:
    return TooLarge(
        "All that would be stored in one document is over 16 MiB.",
        next_step="Push large content as a file of the version.",
    )


@contextmanager
def taken(what: str) -> Iterator[None]:
    """Raise `Taken`, saying `what` is, for what a unique index has already."""
    try:
        yield
    except (DuplicateKeyError, BulkWriteError) as error:
        if isinstance(error, BulkWriteError) and not _is_duplicate(error):
            raise
        said = next((said for key, said in _KEYS.items() if key in str(error)), what)
        raise Taken(
            f"The {said} is taken.", next_step="Choose another one, or use what exists."
        ) from error


_KEYS = {
    "external_key": "external id",
    "called_key": "name",
}
"""What to say of a derived field that must be unique."""


def _is_duplicate(error: BulkWriteError) -> bool:
    return any(problem.get("code") == 11000 for problem in error.details["writeErrors"])
