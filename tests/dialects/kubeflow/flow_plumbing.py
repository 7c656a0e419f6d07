"""The calls beneath Kubeflow's client, which other tools make themselves. `flow.py` runs this."""

from model_registry import ModelRegistry
from model_registry.core import ModelRegistryAPIClient
from model_registry.types import ModelArtifact, ModelVersion, RegisteredModel


def connections(url: str, port: int, token: str) -> None:
    """Both ways to connect. The secure one is made and not used: the registry of this test has no
    certificate."""
    ModelRegistryAPIClient.insecure_connection(url, port, token)
    ModelRegistryAPIClient.secure_connection("https://registry", 443, user_token=token)


async def plumbing(registry: ModelRegistry) -> None:
    """Of models, versions and artifacts."""
    api = registry._api
    model = await api.upsert_registered_model(RegisteredModel(name="beneath", owner="me"))
    version = await api.upsert_model_version(
        ModelVersion(name="1", author="me", external_id="x"), str(model.id)
    )
    artifact = await api.upsert_model_version_artifact(
        ModelArtifact(name="weights", uri="s3://a"), str(version.id)
    )
    found = await api.get_registered_model_by_id(str(model.id))
    assert found is not None
    assert found.name == "beneath"
    by_id = await api.get_model_version_by_id(str(version.id))
    assert by_id is not None
    assert by_id.registered_model_id == model.id
    by_params = await api.get_model_version_by_params(external_id="x")
    assert by_params is not None
    assert by_params.id == version.id
    same = await api.get_model_artifact_by_id(str(artifact.id))
    assert same is not None
    assert same.uri == "s3://a"
    listed = await api.get_model_version_artifacts(str(version.id))
    assert [each.name for each in listed] == ["weights"]
    assert (await api.get_registered_model_by_params(name="beneath")).id == model.id
    assert model.id in {each.id for each in await api.get_registered_models()}
    assert [each.id for each in await api.get_model_versions(str(model.id))] == [version.id]
    loose = await api.upsert_model_artifact(ModelArtifact(name="loose", uri="s3://b"))
    loose.uri = "s3://c"
    assert (await api.upsert_model_artifact(loose)).uri == "s3://c"
    named = await api.get_model_artifact_by_params("weights", str(version.id))
    assert named is not None
    assert named.id == artifact.id
    of_version = await api.get_model_artifacts(str(version.id))
    assert [each.id for each in of_version] == [artifact.id]
    assert loose.id in {each.id for each in await api.get_model_artifacts()}
    assert {artifact.id, loose.id} <= {each.id for each in await api.get_artifacts()}


async def plumbing_of_runs(registry: ModelRegistry) -> None:
    """Of experiments, runs, and what they log; only the first generation's client has them."""
    from model_registry.types import Experiment, ExperimentRun, Metric

    api = registry._api
    made = await api.upsert_experiment(Experiment(name="beneath"))
    assert (await api.get_experiment_by_name("beneath")).id == made.id
    assert (await api.get_experiment_by_id(made.id)).name == "beneath"
    assert made.id in {each.id for each in await api.get_experiments()}
    run = await api.upsert_experiment_run(ExperimentRun(name="try", experiment_id=made.id))
    assert (await api.get_experiment_run_by_id(run.id)).name == "try"
    assert [each.id for each in await api.get_experiment_runs_by_experiment_id(made.id)] == [run.id]
    by_name = await api.get_experiment_runs_by_experiment_name("beneath")
    assert [each.id for each in by_name] == [run.id]
    found = await api.get_experiment_run_by_experiment_and_run_id(run.id, experiment_name="beneath")
    assert found.id == run.id
    # The client looks for the run that has the experiment's id: whatever it finds is an answer.
    await api.get_experiment_run_by_experiment_and_run_name(run_name="try", experiment_id=made.id)
    metric = Metric(name="loss", value=0.5, step=1, timestamp="1700000000000")
    kept = await api.upsert_experiment_run_artifact(experiment_run_id=run.id, artifact=metric)
    assert kept.value == 0.5
    logs = await api.get_artifacts_by_experiment_run_params(run_id=run.id)
    assert [each.name for each in logs] == ["loss"]
    await histories(registry)


async def histories(registry: ModelRegistry) -> None:
    """What the client has of metric histories: the operations, without a face of their own."""
    async with registry._api.get_client() as client:
        run = await client.find_experiment_run(
            parent_resource_id="1", name=(await client.get_experiment_run("1")).name
        )
        mine = await client.get_experiment_run_metric_history(run.id, name="loss")
        every = await client.get_experiment_runs_metric_history(
            filter_query=f"experimentRunId IN ('{run.id}','2')", step_ids="0,4"
        )
    assert [(each.step, each.value) for each in mine.items] == [(3, 0.5), (4, 0.25)]
    assert [each.value for each in every.items] == [0.25, 1.0]
