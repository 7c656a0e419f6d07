"""Tags as MLflow's clients may write them."""

import posixpath
import re
from collections.abc import Mapping

from core.errors import Invalid

MAX_KEY_CHARACTERS = 250
_KEY = re.compile(r"[\w /.:-]+")


def checked(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags. Raises `Invalid` for a key that MLflow has no room for."""
    return {check_tag(key): value for key, value in tags.items()}


def check_tag(key: str) -> str:
    """Return the key: word characters, spaces, `/.:-`, and as a path it climbs nowhere."""
    if len(key) > MAX_KEY_CHARACTERS:
        raise Invalid(
            f"The tag key has {len(key)} characters; at most {MAX_KEY_CHARACTERS} are allowed.",
            next_step="Shorten it.",
        )
    plain = posixpath.normpath(key)
    if not _KEY.fullmatch(key) or plain != key or plain.startswith(("..", "/")) or plain == ".":
        raise Invalid(
            f"Invalid tag key {key[:60]!a}.",
            next_step="Use letters, digits, spaces and _-./: in it; it is no path that climbs.",
        )
    return key
