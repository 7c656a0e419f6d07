"""`python mlflow_rows.py URI`: writes the models that stdin names, one line each, `NAME VERSIONS`,
into the tables of an `mlflow server`, in its environment; much faster than the server would."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import MetaData, create_engine

BATCH = 2_000
AT = 1_770_000_000_000
Row = dict[str, Any]


def main(uri: str) -> None:
    """Write them: every version with a tag, the last one of each model with an alias."""
    models = [line.split() for line in sys.stdin]
    engine = create_engine(uri)
    tables = MetaData()
    tables.reflect(engine)
    common = {"workspace": "default"}
    times = {"creation_time": AT, "last_updated_time": AT}
    rows: dict[str, Iterator[Row]] = {
        "registered_models": ({**common, **times, "name": name} for name, _ in models),
        "model_versions": (
            {
                **({**common, **times, "name": name, "version": number}),
                "current_stage": "None",
                "source": f"s3://bench/{name}/{number}",
                "storage_location": f"s3://bench/{name}/{number}",
                "status": "READY",
            }
            for name, count in models
            for number in range(1, int(count) + 1)
        ),
        "model_version_tags": (
            {**common, "name": name, "version": number, "key": "team", "value": "fraud"}
            for name, count in models
            for number in range(1, int(count) + 1)
        ),
        "registered_model_aliases": (
            {**common, "name": name, "alias": "champion", "version": int(count)}
            for name, count in models
        ),
    }
    with engine.begin() as connection:
        for table, found in rows.items():
            while batch := list(islice(found, BATCH)):
                connection.execute(tables.tables[table].insert(), batch)
        if engine.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


if __name__ == "__main__":
    main(sys.argv[1])
