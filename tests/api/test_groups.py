"""The native API builds the operations of a noun when it is asked for: that it finds them."""

import re

import pytest
from fastapi.routing import APIRoute

from handlers.api.groups import group_at
from handlers.api.v1.app import GROUPS, router_of
from tests.api.client import MODEL, Api, problem

PATHS = [
    (group, route.path) for group in GROUPS for route in router_of(group).routes
    if isinstance(route, APIRoute)
]  # fmt: skip


@pytest.mark.parametrize(("group", "path"), PATHS)
@pytest.mark.parametrize("value", ["x", "@champion", "a.b c\né"])
def test_every_operation_is_found_in_its_group_and_no_other(
    group: str, path: str, value: str
) -> None:
    path = path.replace("{noun}", "runs")  # one of a few words
    filled = re.sub(r"\{(\w+)(:path)?\}", lambda name: f"{value}/y" if name[2] else value, path)

    assert [name for name, paths in GROUPS.items() if paths.fullmatch(filled)] == [group]
    assert group_at(GROUPS, filled) == group


@pytest.mark.parametrize(
    "path",
    ["", "/", "/models", "/namespaces/", "/namespaces/a/b", "/namespaces/a/models/b/c", "//whoami"],
)
def test_what_is_no_operation_belongs_to_nobody(path: str) -> None:
    assert group_at(GROUPS, path) is None


def test_an_unknown_path_is_a_problem_like_any_other() -> None:
    api = Api()

    unknown = api.get(f"{MODEL}/versions/1/nothing")
    wrong_method = api.put(MODEL)

    problem(unknown, 404, "not-found")
    problem(wrong_method, 405, "method-not-allowed")
