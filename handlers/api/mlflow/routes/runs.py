"""Operations on runs, and on the metrics of one."""

from handlers.api.mlflow.routes import group

router = group("runs")
