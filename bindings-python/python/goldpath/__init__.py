"""goldpath finds the path that wins, and helps everyone walk it.

A company has a preset way to follow up customers (its SOP) and many real conversations. goldpath lays the actual paths
beside the preset one, says where they part, and compares what came of it.

>>> sop = Sop.parse('''
... format: goldpath/1
... name: demo call
... steps: {open: {title: Opening}, need: {title: Find the need}, close: {title: Close}}
... flow: [open, need, close]
... ''')
>>> corpus = Corpus.from_records([
...     {"id": "c1", "rep": "Ann", "steps": ["open", "need", "close"], "outcome": {"won": True}},
...     {"id": "c2", "rep": "Bob", "steps": ["open", "close"], "outcome": {"won": False}},
... ])
>>> for deviation in corpus.check(sop).deviations:
...     print(deviation.case_id, deviation.sentence_en)
c2 “Find the need” was skipped; it is due after “Opening”.
"""

from ._errors import ArgumentError, CancelledError, ComposeError, CorpusError, FileError, GoldpathError, LimitError, MissingFileError, PatchError, ScorecardError, SopError, StoreError
from ._goldpath import (
    Check,
    ChoiceTable,
    ClipLibrary,
    Composed,
    Corpus,
    Diff,
    EffectLedger,
    Fragment,
    History,
    LiveSession,
    Patch,
    Plan,
    Playbook,
    Review,
    Scorecard,
    Scores,
    ScreenLedger,
    Sop,
    Store,
    Table,
    __version__,
    compose,
    review,
)
from ._records import (
    Advice,
    Alignment,
    Arm,
    Chance,
    Change,
    Choice,
    Clip,
    ClipHit,
    ClipSuggestion,
    Deviation,
    DistanceToEnd,
    Finding,
    Hint,
    LiveState,
    Move,
    Recommendation,
    Record,
    Row,
    Score,
    ScorePart,
    StandardResult,
    UncertainEvent,
    Uncertainty,
)
from ._tables import ArrowStream

__all__ = [
    "Advice",
    "Alignment",
    "ArgumentError",
    "Arm",
    "ArrowStream",
    "CancelledError",
    "Chance",
    "Change",
    "Check",
    "Choice",
    "ChoiceTable",
    "Clip",
    "ClipHit",
    "ClipLibrary",
    "ClipSuggestion",
    "ComposeError",
    "Composed",
    "Corpus",
    "CorpusError",
    "Deviation",
    "Diff",
    "DistanceToEnd",
    "EffectLedger",
    "FileError",
    "Finding",
    "Fragment",
    "GoldpathError",
    "Hint",
    "History",
    "LimitError",
    "LiveSession",
    "LiveState",
    "MissingFileError",
    "Move",
    "Patch",
    "PatchError",
    "Plan",
    "Playbook",
    "Recommendation",
    "Record",
    "Review",
    "Row",
    "Score",
    "ScorePart",
    "Scorecard",
    "ScorecardError",
    "Scores",
    "ScreenLedger",
    "Sop",
    "SopError",
    "StandardResult",
    "Store",
    "StoreError",
    "Table",
    "UncertainEvent",
    "Uncertainty",
    "__version__",
    "compose",
    "review",
]
