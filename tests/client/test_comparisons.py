"""Comparing versions through the SDK and the command, on the real registry."""

import json
import secrets
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelry import Invalid, Modelry, NotFound
from modelry.cli import modelry


@pytest.fixture
def pair(registry: Modelry, tmp_path: Path) -> tuple[str, str]:
    """Two versions of one model that differ in a parameter, two metrics and a file."""
    name = f"model-{secrets.token_hex(4)}"
    for number, accuracy in ((1, 0.75), (2, 0.875)):
        (tmp_path / "weights.bin").write_bytes(b"x" * number)
        registry.push(
            tmp_path / "weights.bin",
            name,
            parameters={"C": number, "seed": 7},
            metrics={"accuracy": accuracy, "loss": 1 - accuracy},
            code={},
            environment={},
        )
    return f"{name}:1", f"{name}:2"


def test_the_sdk_tells_what_differs(registry: Modelry, pair: tuple[str, str]) -> None:
    found = registry.compare(*pair)

    rows = {(row.section, row.name): row for row in found.rows}
    assert [text.rpartition("/")[2] for text in found.versions] == list(pair)
    assert list(rows) == [
        ("parameters", "C"),
        ("metrics", "accuracy"),
        ("metrics", "loss"),
        ("files", "weights.bin"),
    ]
    assert rows["metrics", "accuracy"].deltas == (0, 0.125)
    assert rows["metrics", "accuracy"].best == (1,)
    assert rows["metrics", "loss"].direction == "lower"


def test_everything_is_told_if_asked_for(registry: Modelry, pair: tuple[str, str]) -> None:
    rows = registry.compare(*pair, everything=True).rows

    assert ("parameters", "seed") in {(row.section, row.name) for row in rows}


def test_one_version_or_one_that_is_not_there_is_an_error(
    registry: Modelry, pair: tuple[str, str]
) -> None:
    with pytest.raises(Invalid):
        registry.compare(pair[0])
    with pytest.raises(NotFound):
        registry.compare(pair[0], f"{pair[0]}9")


def test_the_command_prints_a_table_with_the_best_marked(
    registry: Modelry, pair: tuple[str, str], owner_token: str
) -> None:
    surroundings = {"MODELRY_URL": registry.url, "MODELRY_TOKEN": owner_token}

    table = CliRunner().invoke(modelry, ["compare", *pair], env=surroundings)
    raw = CliRunner().invoke(modelry, ["compare", "--json", *pair], env=surroundings)

    lines = [" ".join(line.split()) for line in table.stdout.splitlines()]
    assert table.exit_code == 0
    assert "PARAMETERS" in lines
    assert "C 1 2" in lines
    assert "accuracy 0.75 0.875 (+0.125) *" in lines
    assert "loss 0.25 0.125 (-0.125) *" in lines
    assert json.loads(raw.stdout)["rows"][0]["name"] == "C"
