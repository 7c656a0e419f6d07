"""`python -m local.demo`: what a team does with a registry, in one minute, on the one that runs.

A writer trains a classifier and pushes it, an approver makes it the champion, and a reader
somewhere else pulls it by that name.
"""

import os
import sys
import tempfile
from pathlib import Path

import joblib
import sklearn
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from local.state import Home
from local.token import NoToken, token_of
from modelry import Modelry, ModelryError, Version

MODEL = "default/breast-cancer"
PARAMETERS = {"algorithm": "logistic-regression", "C": 0.5, "max_iter": 500, "seed": 7}
FILE = "model.joblib"


class DemoFailed(Exception):
    """Something that was promised is not so."""


class Demo:
    """The three people of the demonstration, and what each does."""

    def __init__(self, url: str, home: Home, folder: Path) -> None:
        self.folder = folder
        self.writer = Modelry(url, token=token_of(home, "writer"))
        self.approver = Modelry(url, token=token_of(home, "approver"))
        self.reader = Modelry(url, token=token_of(home, "reader"))
        table = load_breast_cancer()
        self.columns = [str(name) for name in table.feature_names]
        self.train, self.test, self.train_labels, self.test_labels = train_test_split(
            table.data, table.target, test_size=0.25, random_state=7, stratify=table.target
        )

    def run(self) -> None:
        """Every step, each said before it is taken. Raises `DemoFailed`."""
        say(1, f"Training a classifier on {len(self.train)} rows of {len(self.columns)} columns")
        model, metrics = self.fit()
        told(", ".join(f"{name} {value:.4f}" for name, value in metrics.items()))

        say(2, f"Pushing it to {self.writer.url} as {MODEL}, as a writer")
        version = self.push(model, metrics)
        told(f"{version.reference}, {version.state}, {version.size_bytes:,} bytes")
        told(f"{version.digest}")

        say(3, f"Making version {version.number} the champion, as an approver")
        self.approver.set_alias(MODEL, "champion", version.number, reason="The demo's newest")
        told(f"{MODEL}@champion is version {self.reader.version(f'{MODEL}@champion').number}")

        say(4, f"Pulling {MODEL}@champion into another folder, as a reader")
        pulled = self.reader.pull(f"{MODEL}@champion", self.folder / "pulled")
        told(f"{pulled.path}")
        check(pulled.digest == version.digest, "the digest of what was pulled is another one")
        told("every byte matches the digest of the version")

        say(5, f"Predicting {len(self.test)} rows with both")
        twin = joblib.load(pulled.path / FILE)
        same = (twin.predict_proba(self.test) == model.predict_proba(self.test)).all()
        check(bool(same), "the pulled model predicts something else")
        told("the pulled model gives exactly the same probabilities")

    def fit(self) -> tuple[Pipeline, dict[str, float]]:
        """A trained model, and how good it is on rows it has not seen."""
        model = make_pipeline(
            StandardScaler(),
            LogisticRegression(C=PARAMETERS["C"], max_iter=PARAMETERS["max_iter"]),
        ).fit(self.train, self.train_labels)
        scores = model.predict_proba(self.test)[:, 1]
        return model, {
            "accuracy": float(accuracy_score(self.test_labels, model.predict(self.test))),
            "roc_auc": float(roc_auc_score(self.test_labels, scores)),
        }

    def push(self, model: Pipeline, metrics: dict[str, float]) -> Version:
        """The model as the next version, with what one has to know to use it."""
        artifact = self.folder / "artifact"
        artifact.mkdir()
        joblib.dump(model, artifact / FILE)
        (artifact / "README.md").write_text(
            "Malignant or benign, from 30 measurements. `joblib.load('model.joblib')`.\n",
            encoding="utf-8",
        )
        return self.writer.push(
            artifact,
            MODEL,
            parameters=PARAMETERS,
            metrics=metrics,
            signature={
                "inputs": [{"name": name, "type": "double"} for name in self.columns],
                "outputs": [{"name": "benign", "type": "long"}],
            },
            framework={"name": "scikit-learn", "version": sklearn.__version__},
            datasets=[{"name": "breast-cancer-wisconsin", "rows": len(self.train)}],
            license="Apache-2.0",
            description="Trained by `make demo`.",
        )


def say(step: int, text: str) -> None:
    """What is done next."""
    print(f"{step}. {text}", flush=True)


def told(text: str) -> None:
    """What came of it."""
    print(f"   {text}", flush=True)


def check(is_so: bool, otherwise: str) -> None:
    """Raise `DemoFailed` unless it is so."""
    if not is_so:
        raise DemoFailed(f"This should not be: {otherwise}.")


def main() -> int:
    """Run the demonstration; return the exit status."""
    home = Home(Path(os.environ.get("DATA_DIR") or ".modelry").resolve())
    try:
        addresses = home.addresses()
        if addresses is None:
            raise NoToken(
                f"No registry is running with DATA_DIR={home.folder}."
                " Start one in another terminal: make run"
            )
        with tempfile.TemporaryDirectory(prefix="modelry-demo-") as folder:
            Demo(addresses["api"], home, Path(folder)).run()
    except ModelryError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except (DemoFailed, NoToken) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"\nDone. See it: .venv/bin/modelry login {addresses['api']}, then modelry ls {MODEL}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
