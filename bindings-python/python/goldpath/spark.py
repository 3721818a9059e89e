"""A review over a cluster of Apache Spark: workers fill ledgers, the driver ends with the findings.

>>> import goldpath.spark
>>> found = goldpath.spark.review(events, sop, cases=cases, adjust_for=["segment"])  # doctest: +SKIP
>>> found.findings[0].sentence_en  # doctest: +SKIP

Two passes go over the rows, each by `mapInArrow`: the first gives a screen ledger a partition, whose sum is the `Plan`; the
second an effect ledger under that plan, whose sum gives the findings. Ledgers are sums of integers, so the result has the same
bytes whatever the partitions, their order, and the tasks that failed and ran again; and the same bytes as in one process.

`shards` makes the cases whole: it sends all rows of a case to one partition, sorted. `Shards.screen` and `Shards.tally` are the
two passes one by one.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ._errors import ArgumentError, CorpusError, GoldpathError
from ._goldpath import Check, Corpus, EffectLedger, Plan, Playbook, ScreenLedger, Sop, _column
from ._records import Finding
from ._tables import _argument, _fault

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType, StructType

__all__ = ["ClusterReview", "Shards", "review", "shards"]

_Ledger = TypeVar("_Ledger", ScreenLedger, EffectLedger)
_Batches = Iterator["pyarrow.RecordBatch"]

# What a task hands on: a ledger, or the error that stopped it. An error is a row and no exception, because an exception would be
# tried again four times and reach the driver as a text.
_FOUND: Final = "ledger binary, error binary"
# Parts of the frame: a row is a case, a turn or an event, in this order within a case.
_CASE, _TURN, _EVENT = 0, 1, 2
_PARTS: Final = {_CASE: "cases", _TURN: "turns", _EVENT: "events"}


class ClusterReview:
    """What a cluster found: the findings, the plan they were made under, and the two summed ledgers."""

    def __init__(self, plan: Plan, screened: ScreenLedger, effects: EffectLedger, lower_is_better: bool = False) -> None:
        self.plan: Final = plan
        self.screened: Final = screened
        self.effects: Final = effects
        self.findings: Final[list[Finding]] = effects.finish(plan, lower_is_better)

    @property
    def decided(self) -> int:
        """Decided cases."""
        return self.screened.decided

    def __repr__(self) -> str:
        clear = sum(one.verdict in ("helps", "hurts") for one in self.findings)
        return f"ClusterReview({self.decided} decided cases, {len(self.findings)} findings, {clear} of them clear)"

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>" + "".join(one._repr_html_() for one in self.findings[:5])


def review(
    events: DataFrame,
    sop: Sop | Playbook,
    *,
    cases: DataFrame | None = None,
    turns: DataFrame | None = None,
    outcome: str = "won",
    adjust_for: Sequence[str] | None = None,
    never_choices: Sequence[str] | None = None,
    lower_is_better: bool = False,
    threshold: float = 0.5,
    **columns: Any,
) -> ClusterReview:
    """Compares the choices of all cases of a table of events, over the cluster.

    `events`, `cases` and `turns` are frames with the columns that `Corpus.from_dataframe` takes; the further keywords are those of
    `shards`. `adjust_for` names attributes known beforehand, beside the rep; where nothing is said, none: what the values of an
    attribute are like cannot be seen before all partitions were. The others are those of `goldpath.review`, and the findings are
    equal to its findings with the same `adjust_for`.
    """
    parts = shards(events, cases=cases, turns=turns, **columns).persist()
    try:
        screened = parts.screen(sop, outcome=outcome, adjust_for=adjust_for, never_choices=never_choices, threshold=threshold)
        plan = Plan.of(screened)
        return ClusterReview(plan, screened, parts.tally(sop, plan, threshold=threshold), lower_is_better)
    finally:
        parts.unpersist()


def shards(
    events: DataFrame,
    *,
    cases: DataFrame | None = None,
    turns: DataFrame | None = None,
    case: str | None = None,
    step: str | None = None,
    time: str | None = None,
    rep: str | None = None,
    turn: str | None = None,
    prob: str | None = None,
    order: str | None = None,
    outcomes: str | list[str] | dict[str, Any] | None = None,
    outcome_steps: Mapping[str, Any] | None = None,
    drop_steps: Sequence[str] | None = None,
    merge_repeats: bool | None = None,
    partitions: int | None = None,
    events_at_once: int = 500_000,
    fan_in: int = 16,
) -> Shards:
    """All rows of a case in one partition, sorted: what both passes read.

    A frame has no order of rows. Events are put in order by the column `order` where it is named, else by time and turn, ties by
    the name of the step; `turns` by a column `turn`, else by `start`. `partitions` is how many there are to be, else Spark decides
    (`spark.sql.shuffle.partitions`). A worker takes about `events_at_once` events at a time, and `fan_in` ledgers are summed by one
    task. The other keywords are those of `Corpus.from_dataframe`.
    """
    from pyspark.sql import functions as f

    asked = {"case": case, "step": step, "time": time, "rep": rep, "turn": turn, "prob": prob}
    roles = {role: _role(events, "events", role, name, role in ("case", "step")) for role, name in asked.items()}
    placed = [events.schema.names[_known(events, "events", order)]] if order is not None else [roles["time"], roles["turn"]]
    if not any(placed):
        raise _argument("events", "rows of a frame have no order (give a column of times or turns, or name a column that numbers the events of a case: order=\"seq\")")
    named = _outcome_columns(outcomes)
    kept = {name for name in roles.values() if name} | ({order} if order else set())
    kept |= {name for name in events.columns if name.startswith("case:") or (name == "won" or name.startswith("outcome.") if named is None else name in named)}
    event_columns = [name for name in events.columns if name in kept]
    _check_types(events, "events", event_columns, roles)
    by = [name for name in [*placed, roles["step"], roles["rep"], roles["prob"]] if name]
    parts = [(_EVENT, events, roles["case"], event_columns, by)]
    if cases is not None:
        key = _role(cases, "cases", "case", None, True)
        _check_types(cases, "cases", cases.columns, {"case": key})
        parts.append((_CASE, cases, key, cases.columns, []))
    if turns is not None:
        found = {role: _role(turns, "turns", role, None, role in ("case", "speaker")) for role in ("case", "speaker", "text", "name", "start", "end")}
        at = _column("turn", turns.columns) or found["start"]
        if at is None:
            raise _argument("turns", "rows of a frame have no order (give a column `turn` that numbers the turns of a case, or `start`)")
        turn_columns = [name for name in turns.columns if name in {*found.values(), at}]
        _check_types(turns, "turns", turn_columns, found)
        parts.append((_TURN, turns, found["case"], turn_columns, [at, *(name for name in [found["start"], found["text"]] if name)]))

    whole: DataFrame | None = None
    shapes = {_PARTS[kind]: frame.select(*[_of(frame, name) for name in names]).schema for kind, frame, _, names, _ in parts}
    for kind, frame, key, names, _ in parts:
        rows = f.struct(*[_of(frame, name).alias(name) for name in names])
        columns: list[Column] = [_of(frame, str(key)).cast("string").alias("case"), f.lit(kind).cast("tinyint").alias("kind")]
        for other in sorted(one for one, *_ in parts):
            part = _PARTS[other]
            columns.append((rows if other == kind else f.lit(None).cast(shapes[part])).alias(part))
        one = frame.select(*columns)
        whole = one if whole is None else whole.unionByName(one)
    assert whole is not None
    whole = whole.repartition(partitions, "case") if partitions is not None else whole.repartition("case")
    sorted_by = [f.col(_PARTS[kind]).getField(name) for kind, _, _, _, by in sorted(parts, key=lambda one: one[0]) for name in by]
    reading = {**{role: name for role, name in roles.items() if name}, "outcomes": outcomes, "outcome_steps": outcome_steps, "drop_steps": drop_steps}
    needed = [name for name in (roles["step"], roles["time"], roles["turn"], order) if name]
    return Shards(whole.sortWithinPartitions("case", "kind", *sorted_by), {**reading, "merge_repeats": merge_repeats}, needed, events_at_once, fan_in)


class Shards:
    """Whole cases in partitions, over which the two passes go."""

    def __init__(self, frame: DataFrame, reading: dict[str, Any], needed: list[str], events_at_once: int, fan_in: int) -> None:
        if events_at_once < 1 or fan_in < 2:
            raise _argument("events_at_once" if events_at_once < 1 else "fan_in", "the number is too small (give events_at_once=500_000, fan_in=16)")
        self.frame: Final = frame
        self._reading, self._needed, self._at_once, self._fan_in = reading, needed, events_at_once, fan_in

    def persist(self) -> Shards:
        """Keeps the sorted rows between the passes, in memory or on the disks of the workers."""
        self.frame.persist()
        return self

    def unpersist(self) -> None:
        """Lets them go."""
        self.frame.unpersist()

    def screen(
        self,
        sop: Sop | Playbook,
        *,
        outcome: str = "won",
        adjust_for: Sequence[str] | None = None,
        never_choices: Sequence[str] | None = None,
        threshold: float = 0.5,
    ) -> ScreenLedger:
        """First pass: the sum of the screen ledgers, of which `Plan.of` makes the plan."""
        adjust_for, never_choices = list(adjust_for or []), list(never_choices or [])
        return self._sum(ScreenLedger, sop, outcome, threshold, lambda check: check.screen(adjust_for, never_choices))

    def tally(self, sop: Sop | Playbook, plan: Plan, *, threshold: float = 0.5) -> EffectLedger:
        """Second pass: the sum of the effect ledgers under the plan."""
        return self._sum(EffectLedger, sop, plan.outcome, threshold, lambda check: check.tally(plan))

    def _sum(self, kind: type[_Ledger], sop: Sop | Playbook, outcome: str, threshold: float, ledger: Callable[[Check], _Ledger]) -> _Ledger:
        reading, needed, at_once, fan_in = self._reading, self._needed, self._at_once, self._fan_in

        def of_partition(batches: _Batches) -> Iterator[_Ledger]:
            for rows in _whole_cases(batches, at_once):
                corpus = Corpus.from_dataframe(**_tables(rows, needed), **reading)
                yield ledger(corpus.check(sop, outcome=outcome, threshold=threshold))

        def read(found: Iterable[Mapping[str, bytes | None]]) -> Iterator[_Ledger]:
            for one in found:
                if one["error"] is not None:
                    raise _kept(one["error"])
                yield kind.from_bytes(one["ledger"] or b"")

        def of_ledgers(batches: _Batches) -> Iterator[_Ledger]:
            for batch in batches:
                yield from read(batch.to_pylist())

        # The number of partitions is known to Spark alone: the tree is as deep as the largest number it may have chosen asks for.
        summed = self.frame.mapInArrow(_task(of_partition), _FOUND)
        tasks = self._most_partitions()
        while tasks > fan_in:
            tasks = -(-tasks // fan_in)
            summed = summed.repartition(tasks).mapInArrow(_task(of_ledgers), _FOUND)
        total = _add(read(row.asDict() for row in summed.collect()))
        if total is None:
            raise CorpusError("events: there is no row (is the frame filtered to nothing?)", "corpus.table", [_fault("corpus.table", "events", "there is no row")])
        return total

    def _most_partitions(self) -> int:
        try:
            return int(self.frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 200)
        except ValueError:  # "auto"
            return 200


def _task(ledgers: Callable[[_Batches], Iterable[Any]]) -> Callable[[_Batches], _Batches]:
    """What a task does: the sum of its ledgers as one row, or the error it met as one row."""

    def run(batches: _Batches) -> _Batches:
        import pyarrow

        # Each task has the cores that Spark gave it, and no more; rayon reads this when it is first used.
        from pyspark import TaskContext

        context = TaskContext.get()
        os.environ.setdefault("RAYON_NUM_THREADS", str(context.cpus() if context else 1))
        ledger, error = None, None
        try:
            summed = _add(ledgers(batches))
            if summed is None:
                return
            ledger = summed.to_bytes()
        except GoldpathError as met:
            error = pickle.dumps(met)
        yield pyarrow.RecordBatch.from_pydict({"ledger": pyarrow.array([ledger], pyarrow.binary()), "error": pyarrow.array([error], pyarrow.binary())})

    return run


def _add(ledgers: Iterable[_Ledger]) -> _Ledger | None:
    summed: _Ledger | None = None
    for one in ledgers:
        summed = one if summed is None else summed.merge(one)
    return summed


def _kept(error: bytes) -> GoldpathError:
    met = pickle.loads(error)
    assert isinstance(met, GoldpathError)
    return met


def _whole_cases(batches: _Batches, at_once: int) -> Iterator[pyarrow.Table]:
    """The rows of a partition in tables of whole cases: rows of a case stand together, so only the last one may go on."""
    import pyarrow

    held: list[pyarrow.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) < at_once:
            continue
        rows = pyarrow.Table.from_batches(held)
        names = rows.column("case")
        last, lower, upper = names[-1], 0, len(rows) - 1
        # The first row of the last case, by halving: nulls come first and are told apart by validity.
        while lower < upper:
            middle = (lower + upper) // 2
            lower, upper = (lower, middle) if names[middle].equals(last) else (middle + 1, upper)
        if lower:
            yield rows.slice(0, lower)
            held = rows.slice(lower).to_batches()
    if any(map(len, held)):
        yield pyarrow.Table.from_batches(held)


def _tables(rows: pyarrow.Table, needed: list[str]) -> dict[str, Any]:
    """Cases, turns and events out of the rows that hold them all."""
    import pyarrow
    import pyarrow.compute as compute  # type: ignore[import-untyped]

    found: dict[str, Any] = {}
    for kind, part in _PARTS.items():
        if part not in rows.column_names:
            continue
        mine = rows.filter(compute.equal(rows.column("kind"), kind))
        _no_nulls(mine.column("case"), part, "the id of the case")
        found[part] = pyarrow.Table.from_batches([pyarrow.RecordBatch.from_struct_array(chunk) for chunk in mine.column(part).chunks] or _empty(rows, part))
    for name in needed:
        _no_nulls(found["events"].column(name), "events", f"column {name}")
    return found


def _empty(rows: pyarrow.Table, part: str) -> list[Any]:
    import pyarrow

    return [pyarrow.RecordBatch.from_struct_array(pyarrow.array([], rows.schema.field(part).type))]


def _no_nulls(column: pyarrow.ChunkedArray, part: str, what: str) -> None:
    if column.null_count:
        message = f"{part}: {what} is null in {column.null_count} of the rows that a worker holds (fill it or leave the rows out: frame.where(...isNotNull()))"
        raise CorpusError(message, "corpus.missing_value", [_fault("corpus.missing_value", part, message)])


def _outcome_columns(outcomes: str | list[str] | dict[str, Any] | None) -> set[str] | None:
    if outcomes is None:
        return None
    if isinstance(outcomes, str):
        return {outcomes}
    return {one if isinstance(one, str) else one[0] for one in (outcomes.values() if isinstance(outcomes, dict) else outcomes)}


def _of(frame: DataFrame, name: str) -> Column:
    return frame["`" + name.replace("`", "``") + "`"]


def _known(frame: DataFrame, what: str, name: str) -> int:
    if name not in frame.columns:
        raise _argument(what, f"there is no column `{name}` (name one of the columns: {', '.join(frame.columns)})")
    return int(frame.columns.index(name))


def _role(frame: DataFrame, what: str, role: str, asked: str | None, needed: bool) -> str | None:
    twice = sorted({name for name in frame.columns if frame.columns.count(name) > 1})
    if twice:
        raise _argument(what, f"several columns are called {', '.join(twice)} (rename or drop one of them)")
    try:
        return _column(role, frame.columns, asked, needed)
    except ArgumentError as error:
        raise _argument(what, str(error)) from None


def _check_types(frame: DataFrame, what: str, names: Sequence[str], roles: Mapping[str, str | None]) -> None:
    """Every type is looked at before a job runs."""
    from pyspark.sql import types as t

    texts, whole = (t.StringType, t.CharType, t.VarcharType), (t.ByteType, t.ShortType, t.IntegerType, t.LongType)
    numbers, times = (*whole, t.FloatType, t.DoubleType, t.DecimalType), (t.TimestampType, t.TimestampNTZType, t.DateType)
    asked: dict[str, tuple[tuple[type[DataType], ...], str]] = {
        "case": ((*texts, *whole), "texts or whole numbers"),
        "step": (texts, "texts"),
        "time": ((*times, *texts), "times"),
        "turn": (whole, "whole numbers"),
        "prob": (numbers, "numbers"),
        "rep": ((*texts, *whole), "texts or whole numbers"),
        "speaker": (texts, "texts"),
        "text": (texts, "texts"),
        "name": (texts, "texts"),
        "start": ((*numbers, *times, *texts), "seconds or times"),
        "end": ((*numbers, *times, *texts), "seconds or times"),
    }
    role_of = {name: role for role, name in roles.items() if name}
    schema: StructType = frame.schema
    for name in names:
        kind = schema[name].dataType
        right, words = asked.get(role_of.get(name, ""), ((*texts, *numbers, *times, t.BooleanType), "texts, numbers, yes/no or times"))
        if not isinstance(kind, right):
            message = f"{what}: column {name} has the type {kind.simpleString()}, expected {words} (cast or drop it: frame.withColumn(\"{name}\", frame[\"{name}\"].cast(...)))"
            raise CorpusError(message, "corpus.wrong_type", [_fault("corpus.wrong_type", f"{what}, column {name}", message)])
