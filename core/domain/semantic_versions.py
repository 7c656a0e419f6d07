"""Semantic versions (SemVer 2.0.0): reading, precedence, steps, and the ranges of `~=`."""

import re
from dataclasses import dataclass
from enum import IntEnum

from core.errors import Invalid

MAX_CHARACTERS = 99

_NUMERIC = r"0|[1-9][0-9]*"
_IDENTIFIER = rf"(?:{_NUMERIC}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_SYNTAX = re.compile(
    rf"({_NUMERIC})\.({_NUMERIC})\.({_NUMERIC})"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)
_COMPATIBLE = re.compile(rf"~=({_NUMERIC})\.({_NUMERIC})(?:\.({_NUMERIC}))?")


class Step(IntEnum):
    """How far a change moves a version; the higher wins."""

    PATCH = 0
    MINOR = 1
    MAJOR = 2


@dataclass(frozen=True, slots=True)
class SemanticVersion:
    """A version of SemVer 2.0.0. Numbers may be of any size, as the standard has it."""

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()
    build: tuple[str, ...] = ()

    def __str__(self) -> str:
        prerelease = f"-{'.'.join(self.prerelease)}" if self.prerelease else ""
        build = f"+{'.'.join(self.build)}" if self.build else ""
        return f"{self.major}.{self.minor}.{self.patch}{prerelease}{build}"

    @property
    def key(self) -> str:
        """ASCII text that sorts by code point exactly as versions do by precedence (§11).

        Versions that differ by build metadata alone have the same precedence, so the same key.
        """
        core = "".join(map(_numeric_key, (self.major, self.minor, self.patch)))
        if not self.prerelease:
            return f"{core}~"  # after every pre-release, whose keys go on with a digit
        return core + "".join(map(_identifier_key, self.prerelease))

    @property
    def release(self) -> "SemanticVersion":
        """The release that this is, or is a pre-release of."""
        return SemanticVersion(self.major, self.minor, self.patch)

    def after(self, step: Step) -> "SemanticVersion":
        """The least release above this version that tells of such a change.

        A pre-release has announced its step already: the release after `2.0.0-rc.1` is `2.0.0`,
        whatever changed.
        """
        match step:
            case Step.MAJOR:
                target = SemanticVersion(self.major, 0, 0)
                following = SemanticVersion(self.major + 1, 0, 0)
            case Step.MINOR:
                target = SemanticVersion(self.major, self.minor, 0)
                following = SemanticVersion(self.major, self.minor + 1, 0)
            case Step.PATCH:
                target = self.release
                following = SemanticVersion(self.major, self.minor, self.patch + 1)
        return target if self.prerelease and target == self.release else following


FIRST = SemanticVersion(1, 0, 0)


@dataclass(frozen=True, slots=True)
class ReleaseRange:
    """The releases from `least` up to, but without, `end`; pre-releases are in no range."""

    least: SemanticVersion
    end: SemanticVersion


def is_semantic_version(text: str) -> bool:
    """Whether the text is a version of SemVer 2.0.0, however long."""
    return _SYNTAX.fullmatch(text) is not None


def semantic_version(text: str) -> SemanticVersion | None:
    """The version that the text is; None if it is none."""
    try:
        return parse_version(text)
    except Invalid:
        return None


def parse_version(text: str) -> SemanticVersion:
    """Read a version exactly as the standard writes it, up to 99 characters. Raises `Invalid`."""
    found = _SYNTAX.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if found is None:
        raise Invalid(
            f"{text[:80]!a} is no semantic version.",
            next_step="Write MAJOR.MINOR.PATCH without leading zeros or 'v', such as 1.2.0 or"
            f" 2.0.0-rc.1, in at most {MAX_CHARACTERS} characters (https://semver.org).",
        )
    major, minor, patch, prerelease, build = found.groups()
    return SemanticVersion(
        int(major),
        int(minor),
        int(patch),
        tuple(prerelease.split(".")) if prerelease else (),
        tuple(build.split(".")) if build else (),
    )


def parse_compatible(text: str) -> ReleaseRange:
    """Read `~=1.2` (1.2.0 and up, below 2.0.0) or `~=1.2.3` (1.2.3 and up, below 1.3.0).

    The meaning is that of PEP 440. Raises `Invalid`.
    """
    found = _COMPATIBLE.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if found is None:
        raise Invalid(
            f"{text[:80]!a} is no range of versions.",
            next_step="Write ~=1.2 for the newest 1.x from 1.2 on, or ~=1.2.3 for the newest"
            " 1.2.x from 1.2.3 on; a pre-release is named exactly.",
        )
    major, minor = int(found[1]), int(found[2])
    if found[3] is None:
        return ReleaseRange(SemanticVersion(major, minor, 0), SemanticVersion(major + 1, 0, 0))
    least = SemanticVersion(major, minor, int(found[3]))
    return ReleaseRange(least, SemanticVersion(major, minor + 1, 0))


def _numeric_key(number: int) -> str:
    digits = str(number)
    return f"{len(digits):02d}{digits}"


def _identifier_key(identifier: str) -> str:
    """Numbers come before words, and `!` before whatever a longer word goes on with."""
    if identifier.isdigit():
        return f"0{_numeric_key(int(identifier))}"
    return f"1{identifier}!"
