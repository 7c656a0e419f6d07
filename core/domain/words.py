"""Words as people search for them: without case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

MAX_ENTITY_WORDS = 1_000
MAX_WORD_CHARACTERS = 64

_WORD = re.compile(r"[^\W_]+")


def folded_words(text: str) -> Iterator[str]:
    """Each word of the text, folded: Unicode form NFKD without marks, case folded, cut at 64."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(
        character for character in decomposed if not unicodedata.category(character).startswith("M")
    )
    for match in _WORD.finditer(plain):
        yield match[0][:MAX_WORD_CHARACTERS]


def searched_words(text: str) -> tuple[str, ...]:
    """The different words of what somebody typed, in order."""
    return tuple(dict.fromkeys(folded_words(text)))


def entity_words(entity: Any) -> tuple[str, ...]:
    """The words an entity is found by: of its names, tags and description.

    The first 1 000 different ones, the names' first.
    """
    words: dict[str, None] = {}
    names = (getattr(entity, "model", None) or "", entity.name or "")
    for text in (*names, *entity.tags, *entity.tags.values(), entity.description):
        for word in folded_words(text):
            words[word] = None
            if len(words) == MAX_ENTITY_WORDS:
                return tuple(words)
    return tuple(words)
