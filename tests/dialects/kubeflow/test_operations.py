"""Every operation of both contracts by plain REST: a request that is good, and one that is not."""

import pytest

from tests.api.client import Api
from tests.dialects.kubeflow.cases import PREFIX, Operation, case_of, operations, prepare
from tests.dialects.kubeflow.conftest import Kubeflow

EVERY = pytest.mark.parametrize(
    "operation", operations(), ids=lambda operation: f"{operation.generation}-{operation.id}"
)


@pytest.fixture
def kubeflow(api: Api, operation: Operation) -> Kubeflow:
    """The generation that the operation is of."""
    made = Kubeflow(api, f"{PREFIX}/{operation.generation}")
    prepare(made)
    return made


def test_the_contracts_have_forty_and_fifty_six_operations() -> None:
    counts = [each.generation for each in operations()]

    assert (counts.count("v1"), counts.count("v1alpha3")) == (40, 56)


@EVERY
def test_what_is_good_is_answered(kubeflow: Kubeflow, operation: Operation) -> None:
    case_of(operation, good=True).ask(kubeflow, operation)


@EVERY
def test_what_is_not_good_is_refused(kubeflow: Kubeflow, operation: Operation) -> None:
    case_of(operation, good=False).ask(kubeflow, operation)
