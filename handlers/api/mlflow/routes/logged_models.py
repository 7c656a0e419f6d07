"""Operations on logged models."""

from handlers.api.mlflow.routes import group

router = group("logged_models")
