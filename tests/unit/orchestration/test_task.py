"""Only infrastructure is retried; everything else fails at once, with its sentence."""

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from daywatch.errors import AccountingError, DaywatchError, InfrastructureError, SetupError
from daywatch.orchestration.task import stage_task


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("error", [InfrastructureError("S3 did not answer."), AirflowSkipException("no")])
def test_infrastructure_and_skips_pass_through_for_airflow_to_handle(error: Exception) -> None:
    with pytest.raises(type(error)):
        stage_task(_raise).function(error)


@pytest.mark.parametrize(
    "error",
    [SetupError("There is no baseline."), AccountingError("Lost."), DaywatchError("Other."), KeyError("x")],
)
def test_everything_else_fails_without_a_retry(error: Exception) -> None:
    with pytest.raises(AirflowFailException, match=type(error).__name__) as caught:
        stage_task(_raise).function(error)
    assert str(error) in str(caught.value)
    assert caught.value.__cause__ is error


def test_a_result_comes_back() -> None:
    def double(value: int) -> int:
        return 2 * value

    assert stage_task(double).function(21) == 42
