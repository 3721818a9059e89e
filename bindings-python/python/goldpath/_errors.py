"""The exceptions of goldpath. The native module raises them through `_make`."""

from __future__ import annotations

from typing import Any


class GoldpathError(Exception):
    """Every error of goldpath is one of these.

    `code` is stable and the same in Rust, Python and Node (such as ``"sop.unknown_step"``);
    `where` says where the fault is (file, line, field, case), as far as it is known.
    """

    code: str
    where: dict[str, Any]

    def __init__(self, message: str, code: str = "internal", where: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.where = where or {}

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (str(self), self.code, self.where))


class SopError(GoldpathError, ValueError):
    """The SOP is faulty."""


class CorpusError(GoldpathError, ValueError):
    """The conversations or events are faulty."""


class OptionError(GoldpathError, ValueError):
    """An option or argument is out of its range."""


class CancelledError(GoldpathError):
    """The work was cancelled by its caller."""


# The part of a code before its first dot chooses the class.
_CLASSES: dict[str, type[GoldpathError]] = {
    "sop": SopError,
    "corpus": CorpusError,
    "option": OptionError,
    "cancelled": CancelledError,
}


def _make(code: str, message: str, where: dict[str, Any] | None) -> GoldpathError:
    return _CLASSES.get(code.partition(".")[0], GoldpathError)(message, code, where)
