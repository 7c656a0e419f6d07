"""Every operation of both contracts by plain REST: a request that is good, and one that is not."""

import pytest

from tests.dialects.kubeflow.cases import Operation, case_of, operations, prepared


def test_the_contracts_have_forty_and_fifty_six_operations() -> None:
    counts = [each.generation for each in operations()]

    assert (counts.count("v1"), counts.count("v1alpha3")) == (40, 56)


@pytest.mark.parametrize(
    "operation", operations(), ids=lambda operation: f"{operation.generation}-{operation.id}"
)
def test_what_is_good_is_answered_and_what_is_not_is_refused(operation: Operation) -> None:
    kubeflow = prepared(operation.generation)

    case_of(operation, good=False).ask(kubeflow, operation)
    case_of(operation, good=True).ask(kubeflow, operation)
