"""goldpath finds the path that wins, and helps everyone walk it."""

from ._errors import CancelledError, CorpusError, GoldpathError, OptionError, SopError
from ._goldpath import Table, __version__, describe, example_table, fail, long_work, version

__all__ = [
    "CancelledError",
    "CorpusError",
    "GoldpathError",
    "OptionError",
    "SopError",
    "Table",
    "__version__",
    "describe",
    "example_table",
    "fail",
    "long_work",
    "version",
]
