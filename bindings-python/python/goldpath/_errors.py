"""The exceptions of goldpath. The native module raises them through `_make`."""

from __future__ import annotations

import os
from typing import Any


class GoldpathError(Exception):
    """Every error of goldpath is one of these.

    `code` is stable and the same in Rust, Python and Node (such as ``"sop.unknown_step"``). `faults` lists everything
    that is wrong: dicts with `code`, `message` and, as far as they are known, `source`, `line`, `column`, `place`,
    `case` and `help`.

    >>> try:
    ...     Sop.parse("{format: goldpath/1, name: x, steps: [a], flow: [a, b]}")
    ... except GoldpathError as error:
    ...     print(error.code, error.faults[0]["place"])
    sop.unknown_step flow[1]
    """

    code: str
    faults: list[dict[str, Any]]

    def __init__(self, message: str, code: str = "internal", faults: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.faults = faults or []

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.code, self.faults), self.__dict__)


class SopError(GoldpathError, ValueError):
    """The SOP or playbook is faulty."""


class ScorecardError(GoldpathError, ValueError):
    """The scorecard is faulty, or names what is not there."""


class PatchError(GoldpathError, ValueError):
    """The patch does not fit, or would make an SOP that is faulty; or the versions of a history do not follow each other."""


class ComposeError(GoldpathError, ValueError):
    """The fragment or the rules are faulty, or the composition cannot be met."""


class DetectorError(GoldpathError, ValueError):
    """The detector is faulty, or does not go with what it is to read."""


class CorpusError(GoldpathError, ValueError):
    """The conversations or tables are faulty."""


class ArgumentError(GoldpathError, ValueError):
    """An argument makes no sense."""


class LimitError(GoldpathError, ValueError):
    """A stated limit would be passed."""


class StoreError(GoldpathError):
    """A store cannot be opened, read or written."""


class FileError(GoldpathError, OSError):
    """A file cannot be read or written."""


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file."""


class CancelledError(GoldpathError):
    """The work was cancelled by its caller."""


_CLASSES: dict[str, type[GoldpathError]] = {
    "sop": SopError,
    "scorecard": ScorecardError,
    "patch": PatchError,
    "compose": ComposeError,
    "detector": DetectorError,
    "corpus": CorpusError,
    "argument": ArgumentError,
    "limit": LimitError,
    "store": StoreError,
    "io": FileError,
    "cancelled": CancelledError,
}


def _make(kind: str, message: str, code: str, faults: list[dict[str, Any]], file: tuple[os.PathLike[str], int | None, bool] | None) -> GoldpathError:
    blank = {"source": None, "line": None, "column": None, "place": None, "case": None, "help": ""}
    full = [{"code": fault["code"], **blank, **fault} for fault in faults]
    if file is None:
        return _CLASSES.get(kind, GoldpathError)(message, code, full)
    path, number, missing = file
    error = (MissingFileError if missing else FileError)(message, code, full)
    error.filename, error.errno, error.strerror = os.fspath(path), number, message
    return error
