"""Rules for every name a person chooses, so that each dialect refuses the same ones."""

import hashlib
import re
import unicodedata

from core.errors import Invalid

NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
ALIAS = re.compile(r"\w[\w.-]{0,254}")
STAGE = re.compile(r"\w[\w.-]{0,63}")
RESERVED_ALIAS = re.compile(
    r"latest|v?\d+|v?\d+\.\d+\.\d+(?:[-+].*)?|sha256|fingerprint", re.IGNORECASE
)

MAX_NAME_CHARACTERS = 255
MAX_PATH_BYTES = 768
MAX_KEY_SEGMENT = 120

# Unicode Standard Annex 9: characters that reorder or hide what a reader sees.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Cc control, Cs surrogate, Co private use, Cn unassigned, Zl/Zp line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def check_text(what: str, text: str, *, max_characters: int) -> str:
    """Return `text` if it is printable, in Unicode form NFC and short enough; raise `Invalid`."""
    if not text:
        raise Invalid(f"The {what} is empty.", next_step=f"Give the {what} at least one character.")
    if len(text) > max_characters:
        raise Invalid(
            f"The {what} has {len(text)} characters; at most {max_characters} are allowed.",
            next_step=f"Shorten the {what}.",
        )
    if text.isascii() and text.isprintable():  # nothing below can be wrong with it
        return text
    for character in text:
        if character in _BIDI or unicodedata.category(character) in _UNPRINTABLE:
            raise Invalid(
                f"The {what} holds the character U+{ord(character):04X}, which cannot be printed"
                " or reorders the text around it.",
                next_step=f"Remove it from the {what}.",
            )
    if unicodedata.normalize("NFC", text) != text:
        raise Invalid(
            f"The {what} is not in Unicode form NFC, so that it could look like another one.",
            next_step="Send it composed (NFC).",
        )
    return text


def check_namespace_name(name: str) -> str:
    """Namespace names are DNS labels (RFC 1123): they stand in URLs and in object keys."""
    if not NAMESPACE.fullmatch(name):
        raise Invalid(
            f"{_shown(name)} is no namespace name.",
            next_step="Use 1 to 63 lower-case letters, digits and inner hyphens: 'fraud-team'.",
        )
    return name


def check_label(what: str, name: str) -> str:
    """Names of what belongs to a namespace and stands in URLs are DNS labels too."""
    if not NAMESPACE.fullmatch(name):
        raise Invalid(
            f"{_shown(name)} is no name of a {what}.",
            next_step="Use 1 to 63 lower-case letters, digits and inner hyphens: 'nightly-build'.",
        )
    return name


def check_model_name(name: str) -> str:
    """Model names are printable text without slashes or colons, as in every dialect we serve."""
    check_text("model name", name, max_characters=MAX_NAME_CHARACTERS)
    if name != name.strip() or name in {".", ".."} or set(name) & set("/\\:@"):
        raise Invalid(
            f"{_shown(name)} is no model name.",
            next_step="Leave out slashes, colons, '@' and outer spaces; '.' and '..' are taken.",
        )
    return name


def name_key(name: str) -> str:
    """What must be unique instead of the name: look-alikes by case or width share one key."""
    return unicodedata.normalize("NFKC", name).casefold()


def check_alias_name(name: str) -> str:
    """Aliases are words; those that could be read as another way to name a version are refused."""
    if not ALIAS.fullmatch(name) or unicodedata.normalize("NFKC", name) != name:
        raise Invalid(
            f"{_shown(name)} is no alias.",
            next_step="Use 1 to 255 letters, digits, '_', '-' and '.': 'champion'.",
        )
    if RESERVED_ALIAS.fullmatch(name):
        raise Invalid(
            f"The alias {name!r} would read as a version reference of its own.",
            next_step="Choose a word that is no number and not 'latest', such as 'champion'.",
        )
    return name


def check_stage_name(name: str) -> str:
    """Stages are words, as aliases are; a version is named by one as `stage:Production`."""
    if not STAGE.fullmatch(name) or unicodedata.normalize("NFKC", name) != name:
        raise Invalid(
            f"{_shown(name)} is no name of a stage.",
            next_step="Use 1 to 64 letters, digits, '_', '-' and '.': 'Production'.",
        )
    return name


def check_file_path(path: str) -> str:
    """A relative POSIX path that means the same file on every system, and cannot climb.

    Raises `Invalid` for absolute or climbing paths, empty, '.' or '..' segments, backslashes,
    drive letters, segments ending in a dot or space (Windows drops those), unprintable text.
    """
    check_text("file path", path, max_characters=MAX_PATH_BYTES)
    reason = None
    if len(path.encode()) > MAX_PATH_BYTES:
        reason = f"is longer than {MAX_PATH_BYTES} bytes"
    elif "\\" in path or re.match(r"[A-Za-z]:", path):
        reason = "is not a POSIX path"
    elif any(segment in {"", ".", ".."} for segment in path.split("/")):
        reason = "has an empty, '.' or '..' segment"
    elif any(segment.endswith((".", " ")) or segment[0] == " " for segment in path.split("/")):
        reason = "has a segment that begins or ends in a space, or ends in a dot"
    if reason:
        raise Invalid(
            f"The file path {_shown(path)} {reason}.",
            next_step="Declare paths relative to the model's directory, such as 'weights/a.bin'.",
        )
    return path


def key_segment(name: str) -> str:
    """The name as one readable, portable segment of an object key.

    ASCII letters, digits and `._-` stay; every other byte of the UTF-8 becomes `~XX`, and what
    grows too long keeps its head and ends in a digest. Distinct names give distinct segments.
    """
    safe = "".join(
        chr(byte)
        if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "._-")
        else f"~{byte:02X}"
        for byte in name.encode()
    )
    if len(safe) <= MAX_KEY_SEGMENT:
        return safe
    return f"{safe[: MAX_KEY_SEGMENT - 33]}~~{hashlib.sha256(name.encode()).hexdigest()[:31]}"


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 60 else f"{text[:57]}...")
