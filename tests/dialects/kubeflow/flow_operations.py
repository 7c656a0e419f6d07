"""Each operation of the contract by the method that the client's own generated class has for it,
which the clients in other languages have as well. `flow.py` runs this."""

import mr_openapi
from model_registry import ModelRegistry

PROPERTIES = {"a": {"string_value": "x", "metadataType": "MetadataStringValue"}}


def body(kind: str, **fields: object) -> object:
    """A body of the generated class of this name."""
    return getattr(mr_openapi, kind).from_dict(fields)


async def operations(registry: ModelRegistry, *, has_experiments: bool) -> None:
    """All of them, with what they answer held against what was sent."""
    async with registry._api.get_client() as api:
        model = await api.create_registered_model(body("RegisteredModelCreate", name="each"))
        assert (await api.find_registered_model(name="each")).id == model.id
        assert (await api.get_registered_model(model.id)).name == "each"
        await api.update_registered_model(
            model.id, body("RegisteredModelUpdate", description="d", customProperties=PROPERTIES)
        )
        assert model.id in {each.id for each in (await api.get_registered_models()).items}
        version = await versions(api, model.id)
        await artifacts(api, version)
        await serving(api, model.id, version)
        if has_experiments:
            await experiments(api)


async def versions(api: mr_openapi.ModelRegistryServiceApi, model: str) -> str:
    """Of model versions; the id of one."""
    first = await api.create_model_version(
        body("ModelVersionCreate", name="one", registeredModelId=model)
    )
    second = await api.create_registered_model_version(
        model, body("ModelVersion", name="two", registeredModelId=model)
    )
    found = await api.find_model_version(name="one", parent_resource_id=model)
    assert found.id == first.id
    assert (await api.get_model_version(second.id)).name == "two"
    changed = await api.update_model_version(
        first.id, body("ModelVersionUpdate", state="ARCHIVED", author="me")
    )
    assert (changed.state, changed.author) == ("ARCHIVED", "me")
    of_model = await api.get_registered_model_versions(model, sort_order="DESC")
    assert [each.name for each in of_model.items] == ["two", "one"]
    live = await api.get_model_versions(filter_query=f"registeredModelId={model} AND state='LIVE'")
    assert [each.id for each in live.items] == [second.id]
    return str(second.id)


async def artifacts(api: mr_openapi.ModelRegistryServiceApi, version: str) -> None:
    """Of artifacts, of models and of all kinds."""
    model = await api.create_model_artifact(
        body("ModelArtifactCreate", artifactType="model-artifact", name="m", uri="s3://a")
    )
    loose = await api.create_artifact(
        body("ArtifactCreate", artifactType="doc-artifact", name="d", externalId="doc")
    )
    document = loose.actual_instance
    found = await api.find_artifact(external_id="doc")
    assert found.actual_instance.id == document.id
    assert (await api.get_artifact(document.id)).actual_instance.name == "d"
    await api.update_artifact(
        document.id, body("ArtifactUpdate", artifactType="doc-artifact", description="x")
    )
    assert document.id in {
        each.actual_instance.id
        for each in (await api.get_artifacts(artifact_type="doc-artifact")).items
    }
    kept = await api.upsert_model_version_artifact(
        version, body("Artifact", artifactType="model-artifact", id=model.id)
    )
    assert kept.actual_instance.id == model.id
    assert (await api.find_model_artifact(name="m", parent_resource_id=version)).id == model.id
    changed = await api.update_model_artifact(
        model.id, body("ModelArtifactUpdate", artifactType="model-artifact", uri="s3://b")
    )
    assert (await api.get_model_artifact(model.id)).uri == changed.uri == "s3://b"
    assert model.id in {each.id for each in (await api.get_model_artifacts()).items}
    of_version = await api.get_model_version_artifacts(version)
    assert [each.actual_instance.id for each in of_version.items] == [model.id]


async def serving(api: mr_openapi.ModelRegistryServiceApi, model: str, version: str) -> None:
    """Of serving environments, inference services and serves."""
    prod = await api.create_serving_environment(body("ServingEnvironmentCreate", name="prod"))
    assert (await api.find_serving_environment(name="prod")).id == prod.id
    assert (await api.get_serving_environment(prod.id)).name == "prod"
    await api.update_serving_environment(
        prod.id, body("ServingEnvironmentUpdate", description="where it serves")
    )
    assert [each.id for each in (await api.get_serving_environments()).items] == [prod.id]
    place = {"registeredModelId": model, "servingEnvironmentId": prod.id}
    first = await api.create_inference_service(
        body("InferenceServiceCreate", name="one", modelVersionId=version, **place)
    )
    second = await api.create_environment_inference_service(
        prod.id, body("InferenceServiceCreate", name="two", **place)
    )
    found = await api.find_inference_service(name="one", parent_resource_id=prod.id)
    assert found.id == first.id
    assert (await api.get_inference_service(second.id)).name == "two"
    gone = await api.update_inference_service(
        second.id, body("InferenceServiceUpdate", desiredState="UNDEPLOYED")
    )
    assert gone.desired_state == "UNDEPLOYED"
    assert (await api.get_inference_services(page_size="1")).size == 1
    assert (await api.get_environment_inference_services(prod.id)).size == 2
    assert (await api.get_inference_service_model(first.id)).id == model
    assert (await api.get_inference_service_version(first.id)).id == version
    serve = await api.create_inference_service_serve(
        first.id, body("ServeModelCreate", modelVersionId=version, lastKnownState="RUNNING")
    )
    assert [each.id for each in (await api.get_inference_service_serves(first.id)).items] == [
        serve.id
    ]


async def experiments(api: mr_openapi.ModelRegistryServiceApi) -> None:
    """Of experiments and runs."""
    made = await api.create_experiment(body("ExperimentCreate", name="each"))
    assert (await api.find_experiment(name="each")).id == made.id
    assert (await api.get_experiment(made.id)).name == "each"
    await api.update_experiment(made.id, body("ExperimentUpdate", owner="team"))
    assert made.id in {each.id for each in (await api.get_experiments()).items}
    first = await api.create_experiment_run(
        body("ExperimentRunCreate", name="one", experimentId=made.id)
    )
    second = await api.create_experiment_experiment_run(
        made.id, body("ExperimentRun", name="two", experimentId=made.id)
    )
    found = await api.find_experiment_run(name="one", parent_resource_id=made.id)
    assert found.id == first.id
    assert (await api.get_experiment_run(second.id)).status == "RUNNING"
    ended = await api.update_experiment_run(first.id, body("ExperimentRunUpdate", status="FAILED"))
    assert ended.status == "FAILED"
    assert first.id in {each.id for each in (await api.get_experiment_runs()).items}
    assert (await api.get_experiment_experiment_runs(made.id)).size == 2
    await api.upsert_experiment_run_artifact(
        first.id, body("Artifact", artifactType="metric", name="loss", value=0.5, step=1)
    )
    logged = await api.get_experiment_run_artifacts(first.id)
    assert [each.actual_instance.value for each in logged.items] == [0.5]
    history = await api.get_experiment_run_metric_history(first.id, sort_order="DESC")
    assert [each.step for each in history.items] == [1]
    every = await api.get_experiment_runs_metric_history(filter_query=f"experimentRunId={first.id}")
    assert every.size == 1
