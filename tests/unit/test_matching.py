"""What a filter means, by example: the table of the guide."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.fields import VERSION_FIELDS, bound
from core.domain.matching import like_expression, matches
from core.domain.search import Like, Path
from core.domain.versions import VersionState
from core.domain.words import MAX_ENTITY_WORDS, entity_words, searched_words
from handlers.api.v1.filters import parse_filter
from tests.contract.entities import version

VERSION: dict[str, Any] = {
    "model": "Churn",
    "description": "Gradient boosting, trained on Übergänge\nof 2026",
    "tags": {"team": "fraud", "a.b": "c", "n": "5"},
    "metrics": {"accuracy": 0.9, "count": 5},
    "parameters": {
        "learning": {"rate": 0.1},
        "learning.rate": 0.2,
        "deep": True,
        "none": None,
        "layers": [1, 2],
        "text": "5",
    },
    "framework": {"name": "sklearn"},
    "model_type": "classifier",
    "training_metrics": {"loss": 0.1},
    "datasets": (
        {"name": "adult", "version": "3", "rows": 10, "preprocessing": {"scaler": "z"}},
        {"name": "census", "features": [{"name": "age"}]},
    ),
    "artifacts": ({"name": "card", "kind": "document"},),
    "authors": ("Ada", "Grace"),
    "approval_note": "fine",
    "aliases": ("champion", "blue"),
    "state": VersionState.READY,
}
TRUE = [
    "tags.team = 'fraud'",
    "tags.team != 'risk'",
    "tags.a.b = 'c'",
    "tags.\"a.b\" = 'c'",
    "metrics.accuracy >= 0.9",
    "metrics.count = 5",
    "metrics.count = 5.0",
    "metrics.count > 4.5",
    "parameters.learning.rate = 0.1",
    'parameters."learning.rate" = 0.2',
    "parameters.deep = true",
    "parameters.deep != false",
    "parameters.text = '5'",
    "EXISTS(parameters.none)",
    "EXISTS(parameters.layers)",
    "EXISTS(alias)",
    "NOT EXISTS(owner)",
    "NOT owner = 'x'",
    "NOT tags.missing = 'x'",
    "NOT parameters.layers = 1",
    "alias = 'blue'",
    "alias LIKE 'cham%'",
    "alias != 'blue'",
    "NOT alias = 'green'",
    "name ILIKE 'CHURN'",
    "name LIKE 'C_ur%'",
    "description LIKE '%of 2026'",
    "framework.name IN ('xgboost', 'sklearn')",
    "state = 'ready'",
    "created_at > '2026-05-06T07:08:09.122Z'",
    "created_at = '2026-05-06T09:08:09.1239+02:00'",
    "created_at >= '2026-05-06'",
    "WORDS('ubergange GRADIENT churn')",
    "number = 1 AND id > 0",
    "model_type = 'classifier' AND approval_note LIKE 'f%'",
    "training_metrics.loss < 0.2",
    "authors = 'Ada' AND authors LIKE 'Gr%'",
    "datasets.name = 'census'",
    "datasets.name = 'adult' AND datasets.name = 'census'",
    "datasets.rows >= 10",
    "datasets.preprocessing.scaler = 'z'",
    "EXISTS(datasets.features)",
    "artifacts.kind = 'document'",
]
FALSE = [
    "tags.missing = 'x'",
    "tags.missing != 'x'",
    "tags.n = 5",
    "owner != 'x'",
    "EXISTS(owner)",
    "parameters.text = 5",
    "parameters.text != 5",
    "parameters.deep = 1",
    "parameters.deep IN (1, 1.0)",
    "parameters.none = 'x'",
    "parameters.none != 'x'",
    "parameters.layers = 1",
    "parameters.learning != 'x'",
    "EXISTS(parameters.layers.a)",
    "metrics.count < 5",
    "name LIKE 'churn'",
    "name LIKE 'hur'",
    "framework.name IN ()",
    "alias = 'champ'",
    "description LIKE '%Übergänge'",
    "WORDS('churning')",
    "created_at > '2026-05-06T07:08:09.1235Z'",
    "inference_metrics.loss < 0.2",
    "authors = 'ada'",
    "datasets.name = 'iris'",
    "datasets.features = 'age'",
    "EXISTS(datasets.digest)",
    "EXISTS(artifacts.uri)",
]


@pytest.mark.parametrize("text", TRUE)
def test_it_matches(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize("text", FALSE)
def test_it_does_not_match(text: str) -> None:
    assert not holds(text)


def holds(text: str) -> bool:
    tree = parse_filter(text)
    assert tree is not None
    return matches(bound(tree, VERSION_FIELDS), version(1, **VERSION), VERSION_FIELDS)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("100\\%", "100%", True),
        ("100\\%", "100x", False),
        ("a\\_b", "a_b", True),
        ("a\\_b", "axb", False),
        ("\\\\", "\\", True),
        ("a\\", "a\\", True),
        ("%ab%ab", "ab xx ab", True),
        ("%ab%ab", "ab", False),
        ("%a%b%", "ba", False),
        ("a", "a\n", False),
        ("", "", True),
        ("%", "", True),
        ("_", "😀", True),
        ("(a+)+$", "(a+)+$", True),
        ("(a+)+$", "aaa", False),
        (".*.*.*x", "yyyx", False),
    ],
)
def test_like_is_about_whole_texts_and_nothing_in_it_is_a_regular_expression(
    pattern: str, text: str, expected: bool
) -> None:
    assert (re.match(like_expression(Like(Path("name"), pattern)), text) is not None) is expected


@given(st.text("ab%_", max_size=6), st.text("ab", max_size=8))
def test_like_means_what_trying_every_way_finds(pattern: str, text: str) -> None:
    def tried(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "%":
            return tried(pattern[1:], text) or (bool(text) and tried(pattern, text[1:]))
        return bool(text) and pattern[0] in ("_", text[0]) and tried(pattern[1:], text[1:])

    expression = like_expression(Like(Path("name"), pattern))

    assert (re.match(expression, text) is not None) is tried(pattern, text)


@pytest.mark.parametrize("pattern", ["%a" * 120 + "b", "%_a" * 80 + "%", "(a+)+$", "%a%a%a%a%a%x%"])
def test_no_pattern_is_tried_in_every_way(pattern: str) -> None:
    expression = re.compile(like_expression(Like(Path("name"), pattern)))

    found = expression.match("a" * 100_000)  # for ever, if it were

    assert (found is not None) is (pattern == "%_a" * 80 + "%")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fraud_detector-v2 (NEW)", ("fraud", "detector", "v2", "new")),
        ("Crème brûlée, straße ﬁn", ("creme", "brulee", "strasse", "fin")),
        ("İstanbul ΣΊΣΥΦΟΣ", ("istanbul", "σισυφοσ")),
        ("a' OR \"1\"=\\'1-- $where", ("a", "or", "1", "where")),
        ("x" * 100, ("x" * 64,)),
        (" \t\n!?", ()),
        ("機械 학습", ("機械", "학습")),
    ],
)
def test_words_are_folded(text: str, words: tuple[str, ...]) -> None:
    assert searched_words(text) == tuple(unicodedata.normalize("NFKD", word) for word in words)


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    words = searched_words(text)

    assert searched_words(" ".join(words)) == words


def test_an_entity_has_so_many_words_and_its_name_is_among_them() -> None:
    long = version(1, model="needle", description=" ".join(f"w{n}" for n in range(3_000)))

    words = entity_words(long)

    assert len(words) == MAX_ENTITY_WORDS
    assert words[0] == "needle"
