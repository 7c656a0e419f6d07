"""Operations on model versions."""

from handlers.api.mlflow.routes import group

router = group("versions")
