"""What a table is before it crosses the border: anything with Arrow's PyCapsule interface."""

from __future__ import annotations

from typing import Any, Protocol

from ._errors import ArgumentError, CorpusError


class ArrowStream(Protocol):
    """Anything with the Arrow PyCapsule interface: pandas, polars, pyarrow, duckdb, ..."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> object:
        """The table as an Arrow stream."""
        ...


def _arrow(table: Any, what: str) -> Any:
    """The table as something with `__arrow_c_stream__` that Rust can read."""
    library = type(table).__module__.partition(".")[0]
    if library == "pandas":
        try:
            import pyarrow  # type: ignore[import-untyped]
        except ImportError:
            raise _argument(what, "pandas hands its tables over by pyarrow, which is not installed (pip install pyarrow)") from None
        try:
            return pyarrow.Table.from_pandas(table)
        except (pyarrow.ArrowException, TypeError, ValueError) as error:
            message = f"{what}: {error} (give each column values of one type)"
            raise CorpusError(message, "corpus.wrong_type", [_fault("corpus.wrong_type", what, message)]) from error
    if not hasattr(table, "__arrow_c_stream__"):
        found = type(table).__name__
        raise _argument(what, f"a table was expected, found {found} (give a table of pandas, polars, pyarrow or duckdb, or a list of dicts)")
    if library == "polars":
        import polars

        # polars gives columns without any value a buffer that Arrow does not allow them.
        return table.with_columns(polars.col(polars.Null).cast(polars.Boolean)) if isinstance(table, polars.DataFrame) else table
    return table


def _argument(what: str, message: str) -> ArgumentError:
    return ArgumentError(f"{what}: {message}", "argument.invalid", [_fault("argument.invalid", what, message)])


def _fault(code: str, place: str, message: str) -> dict[str, Any]:
    return {"code": code, "source": None, "line": None, "column": None, "place": place, "case": None, "message": message, "help": ""}
