"""Operations on experiments."""

from handlers.api.mlflow.routes import group

router = group("experiments")
