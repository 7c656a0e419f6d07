"""Where a version's files come from if nobody has to send them."""

from dataclasses import dataclass

from core.domain.logged_files import FileOwner
from core.domain.versions import VersionReference


@dataclass(frozen=True, slots=True)
class FromLogged:
    """A folder of what a run or a logged model keeps; an empty one is all of it."""

    owner: FileOwner
    folder: str = ""


@dataclass(frozen=True, slots=True)
class FromVersion:
    """All files of another ready version of the namespace."""

    model: str
    reference: VersionReference


Source = FromLogged | FromVersion
