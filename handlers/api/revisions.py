"""Which revision a change is meant for, as its If-Match header says (RFC 9110, 13.1.1)."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from starlette.exceptions import HTTPException

from core.errors import Invalid, Stale
from handlers.api.conditional import expected_tags

_REVISION = re.compile(r'"(\d{1,18})"')
_VERSION = re.compile(r'"(?:(\d{1,9})\.)?(\d{1,18})"')

Required = Annotated[
    str | None, Header(description="The object's ETag, or * for whatever is there.")
]
Optional = Annotated[
    str | None, Header(description="The object's ETag, if the change depends on it.")
]


@dataclass(frozen=True, slots=True)
class Expected:
    """The version a change is meant for: number and revision, each None if it may be any.

    The ETag says the number if the version was read by a reference that moves (`version_tag`).
    """

    number: int | None = None
    revision: int | None = None

    def held_to(self, number: int) -> int:
        """The number of the version that is there. Raises `Stale` if it is not the one meant."""
        if self.number not in {None, number}:
            raise Stale(
                f"This names version {number} now, not {self.number} any more.",
                next_step="Read it again and repeat the change on what you see.",
            )
        return number


async def expected_revision(if_match: Required = None) -> int | None:
    """The revision a change is meant for; `*` gives None, nothing gives 428."""
    return _revision(_given(if_match))


async def optional_revision(if_match: Optional = None) -> int | None:
    """The revision a change is meant for, None if it does not say."""
    return _revision(if_match)


async def expected_version(if_match: Required = None) -> Expected:
    """The version a change is meant for; nothing gives 428."""
    return _version(_given(if_match))


async def optional_version(if_match: Optional = None) -> Expected:
    """The version a change is meant for, if it says."""
    return _version(if_match)


def _given(if_match: str | None) -> str:
    if if_match is None:
        raise HTTPException(428, "A change must say which revision it is meant for.")
    return if_match


def _revision(if_match: str | None) -> int | None:
    named = _named(if_match, _REVISION)
    return None if named is None else int(named[0])


def _version(if_match: str | None) -> Expected:
    named = _named(if_match, _VERSION)
    if named is None:
        return Expected()
    number, revision = named
    return Expected(int(number) if number else None, int(revision))


def _named(if_match: str | None, form: re.Pattern[str]) -> tuple[str, ...] | None:
    """The parts of the one strong ETag of this form; None if any will do. If there is none of
    the form it names nothing, so it gives the revision 0, which nothing ever has."""
    expected = None if if_match is None else expected_tags(if_match)
    if expected is None or expected.any:
        return None
    ours = [found.groups() for tag in expected.strong if (found := form.fullmatch(tag))]
    if len(ours) > 1:
        raise Invalid(
            "The If-Match header holds several ETags of this API.",
            next_step="Send the one of the object as it was read.",
        )
    return ours[0] if ours else ("0",) * form.groups


ExpectedRevision = Annotated[int | None, Depends(expected_revision)]
OptionalRevision = Annotated[int | None, Depends(optional_revision)]
ExpectedVersion = Annotated[Expected, Depends(expected_version)]
OptionalVersion = Annotated[Expected, Depends(optional_version)]
