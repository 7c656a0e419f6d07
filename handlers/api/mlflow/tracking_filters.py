"""What experiments, runs and logged models can be filtered and ordered by."""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from core.domain.logged_models import measured_on, read_logged_model_id
from core.domain.orders import ID, Order
from core.domain.search import (
    Comparison,
    Exists,
    In,
    Not,
    Operator,
    Or,
    Path,
    Tree,
    Value,
    all_of,
)
from core.errors import Invalid
from handlers.api.mlflow.filters import (
    LIST_OPERATORS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Attribute,
    Clause,
    Literal,
    Read,
    attribute_tree,
    parse_clauses,
    text_only,
)
from handlers.api.mlflow.wire.logged_models import STATUSES
from handlers.api.mlflow.wire.runs import NAME, PARENT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOWHERE = 0  # the id of nothing
_MAP_OPERATORS = (*TEXT_OPERATORS, "IS NULL", "IS NOT NULL")
_ORDER = re.compile(r"\s*(.+?)(?:\s+(ASC|DESC))?\s*", re.IGNORECASE | re.DOTALL)
_IDENTIFIER = re.compile(r"(?:([A-Za-z_]+)\.)?(`[^`]+`|\"[^\"]+\"|.+)", re.DOTALL)
_ENTITIES: dict[str | None, str | None] = {
    **dict.fromkeys(("metric", "metrics"), "metrics"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), "parameters"),
    **dict.fromkeys(("tag", "tags"), "tags"),
    **dict.fromkeys(("dataset", "datasets"), "inputs"),
    None: None,
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), None),
}


def _number(value: Literal) -> int | float:
    if isinstance(value, str):
        raise Invalid(f"{value[:60]!a} is no number.", next_step="Write a number without quotes.")
    return value


def _time(value: Literal) -> str:
    try:
        return (_EPOCH + timedelta(milliseconds=_number(value))).isoformat()
    except (OverflowError, ValueError):
        raise Invalid("That is no time.", next_step="Write milliseconds since 1970.") from None


def _id(value: Literal) -> int:
    text = text_only(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else _NOWHERE


def _logged_id(value: Literal) -> int:
    return read_logged_model_id(text_only(value)) or _NOWHERE


def _status(value: Literal) -> str:
    """Statuses are written as they are shown; no other text is one."""
    text = text_only(value)
    return text.lower() if text.isupper() else f"no such status: {text}"


def _logged_status(value: Literal) -> str:
    text = text_only(value)
    return STATUSES.get(text, STATUSES.get(f"LOGGED_MODEL_{text}", text))


_EQUAL = ("=", "!=")
_AMONG = (*_EQUAL, *LIST_OPERATORS)
_TEXT = (*TEXT_OPERATORS, *LIST_OPERATORS)


def _timed(name: str) -> Attribute:
    return Attribute(Path(name), NUMBER_OPERATORS, _time)


EXPERIMENT_ATTRIBUTES = {
    "name": Attribute(Path("name"), TEXT_OPERATORS),
    "experiment_id": Attribute(ID, _AMONG, _id),
    "creation_time": _timed("created_at"),
    "last_update_time": _timed("updated_at"),
}
EXPERIMENT_ORDERS = {
    "name": Path("name"),
    "experiment_id": ID,
    "creation_time": Path("created_at"),
    "last_update_time": Path("updated_at"),
}
RUN_ATTRIBUTES = {
    "run_id": Attribute(ID, _AMONG, _id),
    "run_name": Attribute(Path("name"), _TEXT),
    "status": Attribute(Path("status"), _TEXT, _status),
    "user_id": Attribute(Path("owner"), _TEXT),
    "start_time": _timed("started_at"),
    "end_time": _timed("ended_at"),
    **dict.fromkeys(("created", "Created"), _timed("started_at")),
    **dict.fromkeys(("run name", "Run name", "Run Name"), Attribute(Path("name"), _TEXT)),
}
RUN_ORDERS = {
    "run_id": ID,
    "run_name": Path("name"),
    "status": Path("status"),
    "user_id": Path("owner"),
    "start_time": Path("started_at"),
    "end_time": Path("ended_at"),
    **dict.fromkeys(("created", "Created"), Path("started_at")),
    **dict.fromkeys(("run name", "Run name", "Run Name"), Path("name")),
}
LOGGED_MODEL_ATTRIBUTES = {
    "name": Attribute(Path("name"), _TEXT),
    "model_id": Attribute(ID, _AMONG, _logged_id),
    "model_type": Attribute(Path("model_type"), _TEXT),
    "status": Attribute(Path("status"), _AMONG, _logged_status),
    "source_run_id": Attribute(Path("run_id"), _AMONG, _id),
    **dict.fromkeys(("creation_timestamp", "creation_timestamp_ms"), _timed("created_at")),
    **dict.fromkeys(("last_updated_timestamp", "last_updated_timestamp_ms"), _timed("updated_at")),
}
LOGGED_MODEL_ORDERS = {
    "name": Path("name"),
    "model_id": ID,
    "model_type": Path("model_type"),
    "source_run_id": Path("run_id"),
    **dict.fromkeys(
        ("creation_timestamp", "creation_timestamp_ms", "creation_time"), Path("created_at")
    ),
    **dict.fromkeys(("last_updated_timestamp", "last_updated_timestamp_ms"), Path("updated_at")),
}


def parse_filter(
    text: str | None, known: Mapping[str, Attribute], sections: Sequence[str]
) -> Tree | None:
    """The tree of a filter on these attributes, and on what lies in these maps: `tags`, `metrics`,
    `parameters`, `inputs`. Raises `Invalid`."""
    return all_of(*(_tree(clause, known, sections) for clause in parse_clauses(text)))


def parse_logged_filter(text: str | None, datasets: Sequence[tuple[str, str]]) -> Tree | None:
    """The tree of a filter on logged models, whose metrics are those on one of the data sets, if
    any are named. Raises `Invalid`."""
    trees = []
    for clause in parse_clauses(text):
        found = _tree(clause, LOGGED_MODEL_ATTRIBUTES, ("tags", "metrics", "parameters"))
        if datasets and isinstance(found, Comparison) and found.path.field == "metrics":
            places = [measured_on(clause.key, *dataset) for dataset in datasets]
            on = tuple(
                Comparison(Path("metrics", (place,)), found.operator, found.value)
                for place in dict.fromkeys(places)
            )
            found = on[0] if len(on) == 1 else Or(on)
        trees.append(found)
    return all_of(*trees)


def _tree(clause: Clause, known: Mapping[str, Attribute], sections: Sequence[str]) -> Tree:
    section = _ENTITIES.get(clause.entity, "")
    if section is None:
        return _among(clause) if clause.key == "artifact_uri" else attribute_tree(clause, known)
    if section not in sections:
        raise Invalid(
            f"Invalid entity type '{str(clause.entity)[:60]}'.",
            next_step="Write an attribute's name, tags.key, metrics.key or params.key.",
        )
    path = Path(section, (clause.key,))
    match section:
        case "metrics":
            return tree(clause, path, NUMBER_OPERATORS, _number)
        case "inputs":
            return _on_inputs(clause)
    if clause.operator in {"IS NULL", "IS NOT NULL"}:
        there = Exists(path)
        return there if clause.operator == "IS NOT NULL" else Not(there)
    if clause.key == NAME and section == "tags":
        return tree(clause, Path("name"), TEXT_OPERATORS, text_only)
    found = tree(clause, path, TEXT_OPERATORS, text_only)
    if section == "parameters" and clause.operator == "=":
        return In(path, _readings(text_only(clause.value)))  # type: ignore[arg-type]  # IN was refused
    if clause.key == PARENT and section == "tags" and clause.operator == "=":
        return Or((found, Comparison(Path("parent_id"), Operator.EQUAL, _id(clause.value))))  # type: ignore[arg-type]  # IN was refused
    return found


def _readings(text: str) -> tuple[Value, ...]:
    """All values that are shown as this text: other clients' parameters are typed."""
    with suppress(ValueError):
        number = int(text) if text.lstrip("-").isdigit() else float(text)
        if len(text) < 19 and math.isfinite(number) and str(number) == text:
            return text, number
    return (text, text == "True") if text in {"True", "False"} else (text,)


def _among(clause: Clause) -> Tree:
    """The run that an artifact URI of ours belongs to."""
    found = re.fullmatch(r"mlflow-artifacts:/\d+/(\d{1,9})/artifacts", str(clause.value))
    is_it = Comparison(ID, Operator.EQUAL, int(found[1]) if found else _NOWHERE)
    if clause.operator not in _EQUAL:
        raise Invalid(
            f"Invalid comparator '{clause.operator}' for artifact_uri.",
            next_step="It can be compared with = and !=.",
        )
    return is_it if clause.operator == "=" else Not(is_it)


_OF_INPUTS = {
    "name": ("name",),
    "digest": ("digest",),
    "context": ("tags", "mlflow.data.context"),
}


def tree(clause: Clause, path: Path, operators: Sequence[str], read: Read) -> Tree:
    """The tree of a condition on what lies at this path. Raises `Invalid`."""
    return attribute_tree(clause, {clause.key: Attribute(path, operators, read)})


def _on_inputs(clause: Clause) -> Tree:
    keys = _OF_INPUTS.get(clause.key)
    if keys is None:
        raise Invalid(
            f"Invalid dataset key '{clause.key[:60]}'.",
            next_step=f"Known are: {', '.join(_OF_INPUTS)}.",
        )
    return tree(clause, Path("inputs", keys), _TEXT, text_only)


def parse_orders(
    texts: Sequence[str], known: Mapping[str, Path], sections: Sequence[str] = ()
) -> tuple[Order, ...]:
    """The orders of `order_by`, such as `metrics.auc DESC`. Raises `Invalid`."""
    orders = []
    for text in texts:
        found = _ORDER.fullmatch(text[:1_000])
        if found is None:
            raise Invalid(f"Invalid order_by clause {text[:60]!a}.", next_step="Write name DESC.")
        is_descending = (found[2] or "").upper() == "DESC"
        orders.append(Order(ordered_by(found[1], known, sections), is_descending))
    return tuple(orders)


def ordered_by(
    text: str,
    known: Mapping[str, Path],
    sections: Sequence[str] = (),
    dataset: tuple[str, str] | None = None,
) -> Path:
    """What a field of an order names; of a metric, as it was measured on the data set. Raises
    `Invalid`."""
    if (plain := text.strip('`"')) in known:
        return known[plain]
    found = _IDENTIFIER.fullmatch(text)
    entity, key = (found[1], found[2].strip('`"')) if found else (None, text)
    section = _ENTITIES.get(entity, "")
    if section is None and key in known:
        return known[key]
    if section == "metrics" and dataset:
        return Path(section, (measured_on(key, *dataset),))
    if section in {"metrics", "parameters", "tags"} and section in sections:
        return Path("name") if (section, key) == ("tags", NAME) else Path(section, (key,))
    raise Invalid(
        f"Invalid order_by clause {text[:60]!a}.",
        next_step=f"Order by one of {', '.join(known)}, or by what lies in a map, such as"
        " metrics.auc; each with ASC or DESC or neither.",
    )


def belongs_to(experiments: Sequence[int]) -> Tree:
    """That a run or logged model is of one of these experiments."""
    return In(Path("experiment_id"), tuple(experiments))
