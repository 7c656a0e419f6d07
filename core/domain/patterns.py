"""Regular expressions from strangers: a subset whose cost is known before one is run.

Python's engine backtracks, so that `(a+)+$` takes for ever on thirty characters. Here groups are
not repeated, nothing refers back or looks around; what is left costs at most the number of choices
times a power of the text's length, and `cost` says how much that is.
"""

import re

from core.errors import Invalid

MAX_PATTERN_CHARACTERS = 256
MAX_CHOICES = 1_000
MAX_REPEATS = 4

_TOKEN = re.compile(
    r"""(?P<escape>\\[^0-9kgxuUNAZzGQE]|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4})
    | (?P<set>\[\^?\]?(?:\\.|(?!--|&&|~~|\|\|)[^\[\]\\])*\])
    | (?P<open>\((?:\?:)?)(?!\?)
    | (?P<close>\))
    | (?P<alternative>\|)
    | (?P<repeat>[*+]|\{\d{1,4}(?:,\d{0,4})?\})
    | (?P<optional>\?)
    | (?P<anchor>[\^$])
    | (?P<literal>[^\\\[\](){}|*+?^$])""",
    re.VERBOSE | re.DOTALL,
)


def check_pattern(place: str, pattern: str) -> None:
    """Raise `Invalid` for what is no regular expression, or not one of the subset."""
    fault = _fault(pattern)
    if fault:
        raise Invalid(
            f"The pattern at {place} cannot be used: {fault}.",
            next_step="Use literals, sets, groups that are not repeated, and at most"
            f" {MAX_REPEATS} repetitions in {MAX_PATTERN_CHARACTERS} characters.",
            problems=[(place, fault)],
        )


def cost(pattern: str, characters: int) -> int:
    """The most steps that searching a text of so many characters can take."""
    choices, repeats = _measured(pattern)
    starts = 0 if pattern.startswith("^") and "|" not in pattern else 1
    return choices * max(2, characters) ** (repeats + starts)


def _fault(pattern: str) -> str | None:
    if len(pattern) > MAX_PATTERN_CHARACTERS:
        return f"it is over {MAX_PATTERN_CHARACTERS} characters"
    before = ""
    at = 0
    while at < len(pattern):
        matched = _TOKEN.match(pattern, at)
        if matched is None:
            return f"it holds what is not allowed, at {pattern[at : at + 8]!a}"
        kind = str(matched.lastgroup)
        if kind == "repeat" and before not in {"escape", "set", "literal"}:
            return "it repeats a group, or a repetition"
        if kind == "optional" and before not in {"escape", "set", "literal", "close", "repeat"}:
            return "a question mark follows nothing that can be left out"
        before = kind
        at = matched.end()
    choices, repeats = _measured(pattern)
    if choices > MAX_CHOICES or repeats > MAX_REPEATS:
        return "it has too many alternatives or repetitions"
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"it is no regular expression ({error})"
    return None


def _measured(pattern: str) -> tuple[int, int]:
    """(how many ways there are through its alternatives, how many repetitions without end)."""
    choices, repeats = 1, 0
    for matched in _TOKEN.finditer(pattern):
        match matched.lastgroup:
            case "optional" | "alternative":
                choices *= 2
            case "repeat":
                repeats += not re.fullmatch(r"\{\d+\}", matched[0])
    return choices, repeats
