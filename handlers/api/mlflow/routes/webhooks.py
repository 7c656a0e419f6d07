"""Operations on webhooks."""

from handlers.api.mlflow.routes import group

router = group("webhooks")
