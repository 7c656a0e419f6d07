"""The data set of an evaluation: columns by name, and the digest of the file they came from."""

import csv
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from modelry.errors import Invalid
from modelry.evaluation.needing import needed, wanted
from modelry.files import find_files, hash_file

FORMATS = (".csv", ".npz", ".parquet")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows to evaluate on. `columns` are one-dimensional numpy arrays of one length, by name.

    `target` is the column of what is true, and `features` the names of those that a model is
    shown: all others unless they were chosen. `digest` pins the file, as `sha256:…`.
    """

    name: str
    columns: Mapping[str, Any] = field(repr=False)
    target: str | None = None
    chosen: tuple[str, ...] | None = None
    dropped: tuple[str, ...] = ()
    version: str | None = None
    digest: str | None = None
    uri: str | None = None
    size_bytes: int | None = None

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.columns.values()}
        if len(lengths) != 1 or lengths == {0}:
            raise Invalid(
                f"The data set {self.name!r} has no rows, or columns of different lengths.",
                next_step="Give each column one value for each row.",
            )
        for name in (self.target, *(self.chosen or ()), *self.dropped):
            if name is not None:
                self.column(name)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.columns.values())))

    @property
    def truth(self) -> Any:
        """The target's values. Raises `Invalid` if there is no target, or rows without one."""
        if self.target is None:
            raise Invalid(
                "No target was named.", next_step="Name the column that holds what is true."
            )
        truth = self.column(self.target)
        missing = sum(map(is_missing, truth.tolist()))
        if missing:
            raise Invalid(
                f"{missing} of {self.rows} rows have no value of {self.target!r}.",
                next_step="Evaluate on rows whose truth is known.",
            )
        return truth

    def column(self, name: str) -> Any:
        """One column. Raises `Invalid` naming those that there are."""
        if name not in self.columns:
            known = ", ".join(list(self.columns)[:30])
            raise Invalid(
                f"The data set {self.name!r} has no column {name!r}.",
                next_step=f"Its columns: {known}.",
            )
        return self.columns[name]

    def features(self, names: Sequence[str] | None = None) -> Any:
        """What a model is shown, as a pandas DataFrame where pandas is installed, else as an
        array of rows: the columns `names`, unless others were chosen for this evaluation."""
        left_out = {self.target, *self.dropped}
        others = [name for name in self.columns if name not in left_out]
        shown = self.chosen if self.chosen is not None else (others if names is None else names)
        columns = {name: self.column(name) for name in shown}
        if not columns:
            raise Invalid("No column is left to show the model.", next_step="Name a feature.")
        if pandas := wanted("pandas"):
            return pandas.DataFrame(columns)
        numpy = needed("numpy", "Evaluating")
        kinds = {column.dtype.kind for column in columns.values()}
        arrays = list(columns.values())
        if kinds <= set("biuf"):
            return numpy.column_stack(arrays)
        return numpy.column_stack([array.astype(object) for array in arrays])

    def shown(self, chosen: Sequence[str] | None, dropped: Sequence[str]) -> "Dataset":
        """The same data with other features."""
        return replace(
            self, chosen=None if chosen is None else tuple(chosen), dropped=tuple(dropped)
        )

    def document(self) -> dict[str, Any]:
        """What a report says of it."""
        said = {
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "uri": self.uri,
            "size_bytes": self.size_bytes,
            "rows": self.rows,
            "target": self.target,
        }
        return {name: value for name, value in said.items() if value is not None}


def load_dataset(
    path: str | os.PathLike[str],
    *,
    target: str | None = None,
    name: str | None = None,
    version: str | None = None,
    uri: str | None = None,
) -> Dataset:
    """The data set in a CSV, NumPy (.npz) or Parquet file; its digest is that of the file's bytes.

    It is called as the file is unless `name` says otherwise. Raises `Invalid`.
    """
    file = Path(path)
    reader = _READERS.get(file.suffix.lower())
    if not file.is_file() or reader is None:
        raise Invalid(
            f"{file} is no file that can be read as a data set.",
            next_step=f"Give a file that ends in {', '.join(FORMATS)}, or a `Dataset`.",
        )
    (found,) = find_files(file)
    hashed = hash_file(found)
    columns = reader(file)
    hashed.check_unchanged()
    if not columns:
        raise Invalid(f"{file} has no columns.", next_step="Give it a header and rows.")
    return Dataset(
        name=name or file.stem,
        columns=columns,
        target=target,
        version=version,
        digest=f"sha256:{hashed.sha256}",
        uri=uri,
        size_bytes=hashed.size_bytes,
    )


def is_missing(value: Any) -> bool:
    """Whether there is no value: None, an empty text, or not a number."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _read_csv(file: Path) -> dict[str, Any]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as source:
            lines = csv.reader(source)
            heading = next(lines, [])
            rows = [row for row in lines if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{file} is no CSV: {error}.", next_step="Write it in UTF-8.") from error
    odd = next((at for at, row in enumerate(rows, 2) if len(row) != len(heading)), None)
    if odd is not None or len(set(heading)) != len(heading) or "" in heading:
        where = f"line {odd} has another number of fields" if odd else "names are missing or double"
        raise Invalid(
            f"{file} has no regular columns: {where}.",
            next_step="Give it a header of different names, and a field for each in each line.",
        )
    return {name: _typed([row[at] for row in rows]) for at, name in enumerate(heading) if rows}


def _read_npz(file: Path) -> dict[str, Any]:
    numpy = needed("numpy", "Reading .npz")
    try:
        with numpy.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, EOFError) as error:
        raise Invalid(
            f"{file} is no NumPy archive that can be read safely: {error}.",
            next_step="Save arrays of numbers or text with numpy.savez.",
        ) from error
    columns = {}
    for name, array in found.items():
        if array.ndim == 1:
            columns[name] = array
        elif array.ndim == 2:
            columns |= {f"{name}_{at}": array[:, at] for at in range(array.shape[1])}
        else:
            raise Invalid(
                f"{name!r} of {file} has {array.ndim} dimensions.",
                next_step="Give arrays of one or two; write an evaluator of your own for others.",
            )
    return columns


def _read_parquet(file: Path) -> dict[str, Any]:
    parquet = needed("pyarrow.parquet", "Reading Parquet", "pyarrow")
    numpy = needed("numpy", "Reading Parquet")
    try:
        table = parquet.read_table(file)
    except (ValueError, OSError) as error:
        raise Invalid(f"{file} is no Parquet: {error}.", next_step="Check the file.") from error
    columns = {}
    for name in table.column_names:
        array = table[name].to_numpy()
        columns[name] = numpy.asarray(array)
    return columns


_READERS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    ".csv": _read_csv,
    ".npz": _read_npz,
    ".parquet": _read_parquet,
}


def _typed(texts: list[str]) -> Any:
    """The column as integers, floats (empty is not a number) or booleans if all of it is written
    so; else as text, with None for what is empty. `007` is text: it would not come back."""
    numpy = needed("numpy", "Reading CSV")
    if all(text in _BOOLEANS for text in texts):
        return numpy.array([_BOOLEANS[text] for text in texts])
    try:
        whole = [int(text) for text in texts]
        if all(str(number) == text for number, text in zip(whole, texts, strict=True)):
            return numpy.array(whole, dtype="int64")
    except (ValueError, OverflowError):
        pass
    try:
        if not any(_is_code(text) for text in texts):
            return numpy.array([float(text) if text else math.nan for text in texts])
    except ValueError:
        pass
    return numpy.array([text or None for text in texts], dtype=object)


def _is_code(text: str) -> bool:
    """Whether it is digits that are no number: a postal code with a zero in front."""
    return text.startswith("0") and text.isdigit() and text != "0"


_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}
