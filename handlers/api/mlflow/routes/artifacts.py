"""Operations on artifacts: those of runs, and the stored files that a client reads and writes."""

from handlers.api.mlflow.routes import group

router = group("artifacts")
