"""What models and versions can be filtered and ordered by. Prompts are models, too, by a tag:
they are hidden from whoever does not ask for them."""

from collections.abc import Mapping

from core.domain.orders import Order
from core.domain.search import Comparison, Exists, Not, Operator, Or, Path, Tree, all_of
from core.errors import Invalid
from handlers.api.mlflow.filters import (
    LIST_OPERATORS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Attribute,
    Clause,
    Literal,
    attribute_tree,
    parse_clauses,
    tag_tree,
    text_only,
    whole_number,
)
from handlers.api.names import name_within, pattern_within

PROMPT = "mlflow.prompt.is_prompt"
IS_PROMPT = Comparison(Path("tags", (PROMPT,)), Operator.EQUAL, "true")


def _name(value: Literal) -> str:
    return name_within(text_only(value))


def _name_pattern(value: Literal) -> str:
    return pattern_within(text_only(value))


_NAME = Attribute(Path("name"), (*TEXT_OPERATORS, *LIST_OPERATORS), _name, _name_pattern)
MODEL_ATTRIBUTES = {"name": _NAME}
VERSION_ATTRIBUTES = {
    "name": _NAME,
    "run_id": Attribute(Path("origin", ("run_id",)), (*TEXT_OPERATORS, *LIST_OPERATORS)),
    "source_path": Attribute(Path("origin", ("source",))),
    "version_number": Attribute(Path("number"), NUMBER_OPERATORS, whole_number),
}
MODEL_ORDERS = {
    "name": Path("name"),
    "last_updated_timestamp": Path("updated_at"),
    "timestamp": Path("updated_at"),
}
VERSION_ORDERS = {
    "name": Path("name"),
    "version_number": Path("number"),
    "creation_timestamp": Path("created_at"),
    "last_updated_timestamp": Path("updated_at"),
}
MODEL_TIES = (Order(Path("name")),)
VERSION_TIES = (Order(Path("name")), Order(Path("number"), is_descending=True))
NEWEST_FIRST = (Order(Path("updated_at"), is_descending=True), *VERSION_TIES)


def parse_filter(text: str | None, known: Mapping[str, Attribute]) -> Tree | None:
    """The tree of a filter on models or versions, and that it is no prompt unless the filter says
    something of that. Raises `Invalid`."""
    clauses = parse_clauses(text)
    asks = any(clause.entity in {"tag", "tags"} and clause.key == PROMPT for clause in clauses)
    trees = [_tree(clause, known) for clause in clauses]
    return all_of(*trees, None if asks else Not(IS_PROMPT))


def _tree(clause: Clause, known: Mapping[str, Attribute]) -> Tree:
    match clause.entity:
        case None | "attribute":
            return attribute_tree(clause, known)
        case "tag" | "tags":
            if clause.key == PROMPT and (clause.operator, clause.value) == ("!=", "true"):
                return Not(IS_PROMPT)
            if clause.key == PROMPT and (clause.operator, clause.value) == ("=", "false"):
                return Or((Not(Exists(IS_PROMPT.path)), tag_tree(clause)))
            return tag_tree(clause)
    raise Invalid(
        f"Invalid entity type '{clause.entity[:60]}'.",
        next_step="Write name, attribute.name, tag.key or tags.key.",
    )
