"""What can go wrong, by what the caller can do about it; every error ends with what to try."""

from collections.abc import Mapping, Sequence
from typing import Any


class ModelryError(Exception):
    """Base of every error this package raises on purpose.

    `message` says what was asked and what is true, `next_step` what to do about it, `problems`
    names the offending places as (place, message) pairs. `status` and `request_id` are the
    registry's, None where it was never asked.
    """

    default_next_step = "Try again; if it keeps failing, tell the operator of the registry."

    def __init__(
        self,
        message: str,
        *,
        next_step: str = "",
        problems: Sequence[tuple[str, str]] = (),
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step or self.default_next_step
        self.problems = tuple(problems)
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        lines = [self.message]
        lines += [f"  {place}: {problem}" for place, problem in self.problems]
        if self.request_id:
            lines.append(f"  (request {self.request_id})")
        return "\n".join([*lines, self.next_step])


class Invalid(ModelryError):
    """The request breaks a rule, whoever sends it."""

    default_next_step = "Correct the request and send it again."


class NotSignedIn(ModelryError):
    """There is no token, or none that the registry accepts."""

    default_next_step = "Sign in with `modelry login`, or set MODELRY_TOKEN."


class Forbidden(ModelryError):
    """The caller is known, but may not do this."""

    default_next_step = "Ask an owner of the namespace for a role that allows it."


class NotFound(ModelryError):
    """It does not exist, or the caller may not know that it does."""

    default_next_step = "Check the name with `modelry ls`; you may also lack the right to see it."


class Conflict(ModelryError):
    """The request is sound, but not in the present state of the resource."""

    default_next_step = "Look at the present state with `modelry show`."


class Stale(ModelryError):
    """What was to be changed has changed since it was read."""

    default_next_step = "Read it again and repeat the change on what it is now."


class TooLarge(ModelryError):
    """Over a limit of the registry on size or number."""

    default_next_step = "Send less, or ask the operator of the registry to raise the limit."


class Unavailable(ModelryError):
    """The registry or its store does not answer now, after all retries."""

    default_next_step = "Try again in a minute; a push or pull goes on where it stopped."


class Damaged(ModelryError):
    """Bytes that were sent or received are not the ones that were declared."""

    default_next_step = "Run the same command again; nothing damaged was kept."


_BY_STATUS: Mapping[int, type[ModelryError]] = {
    400: Invalid,
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Stale,
    413: TooLarge,
    422: Invalid,
    428: Stale,
    429: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def error_from_answer(asked: str, status: int, problem: Any) -> ModelryError:
    """The typed error for an answer of the registry: RFC 9457 problem details where it sent them.

    `asked` is the request in words ("GET https://…"), for answers that explain nothing.
    """
    kind = _BY_STATUS.get(status, ModelryError)
    if not isinstance(problem, Mapping):
        return kind(f"{asked} was answered with HTTP status {status}.", status=status)
    detail = problem.get("detail") or problem.get("title")
    return kind(
        str(detail or f"{asked} was answered with HTTP status {status}."),
        next_step=str(problem.get("next_step") or ""),
        problems=_places(problem.get("problems")),
        status=status,
        request_id=problem.get("request_id"),
    )


def _places(problems: Any) -> list[tuple[str, str]]:
    if not isinstance(problems, list):
        return []
    return [
        (str(problem.get("place", "")), str(problem.get("message", "")))
        for problem in problems
        if isinstance(problem, Mapping)
    ]
