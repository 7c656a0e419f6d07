"""Model names: those of other dialects are free text, ours stand in URLs and object keys.

The characters that ours may not have are written `%XX` in them, and read back.
"""

import re

_ESCAPES = r"(?:0[1-9A-F]|1[0-9A-F]|20|25|2E|2F|3A|40|5C|7F|[89][0-9A-F])"
_UNSAFE_ANYWHERE = re.compile(r"[\x01-\x1f/\\:@\x7f-\x9f]")
_UNSAFE = re.compile(rf"[\x01-\x1f/\\:@\x7f-\x9f]|%(?={_ESCAPES})|^[ .]|[ .]$")
_ESCAPED = re.compile(rf"%({_ESCAPES})")


def name_within(name: str) -> str:
    """The registry's name of what clients of another dialect call so."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", name)


def pattern_within(pattern: str) -> str:
    """The same for a pattern of LIKE, whose `%` stay what they are."""
    return _UNSAFE_ANYWHERE.sub(lambda found: f"%{ord(found[0]):02X}", pattern)


def name_outside(name: str) -> str:
    """What clients of another dialect call a model of this name."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), name)
