"""Results with named fields: what an alignment, a finding or a row of a table is."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ._errors import ArgumentError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _time(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


class Record:
    """Fields by attribute (`row.id`) and by key (`row["id"]`)."""

    __slots__ = ("_fields",)
    _fields: dict[str, Any]

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        if name == "_fields":  # not made yet, while unpickling
            raise AttributeError(name)
        try:
            return self._fields[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}; fields: {', '.join(self._fields)}") from None

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._fields]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Record) and self._fields == other._fields

    __hash__ = None  # type: ignore[assignment]

    def keys(self) -> Any:
        """Names of the fields."""
        return self._fields.keys()

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain dicts and lists."""
        return {name: _plain(value) for name, value in self._fields.items()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._fields.items())})"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>" for name, value in self._fields.items())
        return f"<table>{rows}</table>"


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return value


class Row(Record):
    """One row of a table."""

    __slots__ = ()


class Choice(Record):
    """A choice seen at a decision point."""

    __slots__ = ()
    point: str | None
    visit: int
    chosen: str
    step: str
    event: int


class Move(Record):
    """One move of an alignment: `matched`, `anytime`, `extra` or `skipped`."""

    __slots__ = ()
    kind: str
    step: str
    event: int | None
    node: int | None
    turns: tuple[int, int] | None
    origin: dict[str, Any] | None
    trailing: bool


class StandardResult(Record):
    """A standard of a step and, of a case, what was measured."""

    __slots__ = ()
    name: str
    key: str
    measure: str
    value: float | None
    unit: str
    at_least: float | None
    at_most: float | None
    after: str | None


class Deviation(Record):
    """A deviation of a case from its SOP (偏差), with one sentence about it in each language."""

    __slots__ = ()
    kind: str
    step: str
    title: str
    after: str | None
    due_after: str | None
    place: str | None
    event: int | None
    due: int | None
    turns: tuple[int, int] | None
    origin: dict[str, Any] | None
    cost: int
    accepted: bool
    disputed: bool
    provisional: bool
    standard: StandardResult | None
    sentence_en: str
    sentence_zh: str

    def __init__(self, fields: dict[str, Any]) -> None:
        if fields["standard"] is not None:
            fields["standard"] = StandardResult(fields["standard"])
        super().__init__(fields)


class Alignment(Record):
    """The actual path of a case beside the preset one (对齐)."""

    __slots__ = ()
    case: str
    sop: str
    moves: list[Move]
    deviations: list[Deviation]
    cost: int
    prefix_cost: int
    prefix_stop: str | None
    stopped_at: str | None
    status: str
    fitness: float
    adherence: float | None
    conforms_so_far: bool
    fully_conforms: bool | None

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["moves"] = [Move(one) for one in fields["moves"]]
        fields["deviations"] = [Deviation(one) for one in fields["deviations"]]
        super().__init__(fields)

    def __repr__(self) -> str:
        return f"Alignment({self.case!r}, {self.status}, cost {self.cost}, {len(self.deviations)} deviations, fitness {self.fitness:.3f})"

    def _repr_html_(self) -> str:
        moves = "".join(f"<tr><td>{html.escape(move.kind)}</td><td>{html.escape(move.step)}</td></tr>" for move in self.moves)
        sentences = "".join(f"<li>{html.escape(deviation.sentence_en)}</li>" for deviation in self.deviations)
        return f"<p>{html.escape(repr(self))}</p><table>{moves}</table><ul>{sentences}</ul>"


class Change(Record):
    """What one edit means for the SOP it is made on, with a sentence in each language."""

    __slots__ = ()
    kind: str
    steps: list[str]
    place: str | None
    implied: bool
    sentence_en: str
    sentence_zh: str


class Hint(Record):
    """What an SOP says that is valid and yet hardly meant, with its sentence and what would mend it in each language."""

    __slots__ = ()
    code: str
    sop: str
    place: str
    line: int | None
    column: int | None
    step: str | None
    sentence_en: str
    help_en: str
    sentence_zh: str
    help_zh: str

    def __str__(self) -> str:
        where = f"line {self.line}: {self.place}" if self.line else self.place
        return f"{where}: {self.sentence_en} ({self.help_en}) [{self.code}]"

    def __repr__(self) -> str:
        return f"Hint({self})"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>"


class DistanceToEnd(Record):
    """The cheapest way from where a conversation stands to the end of its SOP."""

    __slots__ = ()
    cost: int
    steps: list[str]


class LiveState(Record):
    """All that is known of a running conversation."""

    __slots__ = ()
    point: str | None
    visit: int
    events: int
    cost: int
    conforms_so_far: bool
    may_end: bool
    allowed: list[str]
    deviations: list[Deviation]
    distance_to_end: DistanceToEnd

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["deviations"] = [Deviation(one) for one in fields["deviations"]]
        fields["distance_to_end"] = DistanceToEnd(fields["distance_to_end"])
        super().__init__(fields)


class Chance(Record):
    """A probability, or the bounds between which it lies; both are equal where it is known exactly."""

    __slots__ = ()
    low: float
    high: float


class UncertainEvent(Record):
    """One event that a detector was not sure of, and how much depends on it."""

    __slots__ = ()
    event: int
    step: str
    title: str
    prob: float
    used: bool
    turns: tuple[int, int] | None
    influence: float | None
    fitness_influence: float | None


class Uncertainty(Record):
    """What can be said of a case whose events are not all certain."""

    __slots__ = ()
    case: str
    fitness_low: float
    fitness_high: float
    fitness_expected: float | None
    conforms_so_far: Chance
    fully_conforms: Chance
    events: list[UncertainEvent]

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["conforms_so_far"], fields["fully_conforms"] = Chance(fields["conforms_so_far"]), Chance(fields["fully_conforms"])
        fields["events"] = [UncertainEvent(one) for one in fields["events"]]
        super().__init__(fields)


class ScorePart(Record):
    """One thing a score is made of: `step`, `standard`, `feedback` or `deviation`."""

    __slots__ = ()
    kind: str
    step: str | None
    title: str | None
    name: str
    state: str
    possible: float | None
    got: float | None
    lost: float
    value: float | None
    event: int | None
    turns: tuple[int, int] | None
    origin: dict[str, Any] | None
    sentence_en: str
    sentence_zh: str


class Score(Record):
    """The points of one case and what they are made of."""

    __slots__ = ()
    case: str
    sop: str
    score: float | None
    got: float
    possible: float
    penalty: float
    parts: list[ScorePart]

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["parts"] = [ScorePart(one) for one in fields["parts"]]
        super().__init__(fields)

    def __repr__(self) -> str:
        score = "nothing counted" if self.score is None else f"{self.score:.1f} of 100"
        return f"Score({self.case!r}, {score}, {self.got:g} of {self.possible:g} points)"

    def _repr_html_(self) -> str:
        sentences = "".join(f"<li>{html.escape(part.sentence_en)}</li>" for part in self.parts)
        return f"<p>{html.escape(repr(self))}</p><ul>{sentences}</ul>"


class Clip(Record):
    """A moment of a conversation that is kept."""

    __slots__ = ()
    id: str
    conversation: str
    turns: tuple[int, int]
    title: str
    note: str
    tags: list[str]
    folder: str
    kind: str
    step: str | None
    rep: str | None
    team: str | None
    deal: str | None
    media: str | None
    span: tuple[int, int] | None
    lines: list[dict[str, Any]]
    redacted: bool
    consent: str
    by: str | None
    reason: str | None
    added_at: int

    def __init__(self, fields: dict[str, Any]) -> None:
        blank = dict.fromkeys(("step", "rep", "team", "deal", "media", "span", "by", "reason"))
        super().__init__({**blank, **fields})

    def __repr__(self) -> str:
        return f"Clip({self.id!r}, {self.title!r}, {len(self.lines)} turns of {self.conversation!r})"

    def _repr_html_(self) -> str:
        lines = "".join(f"<p><b>{html.escape(line['speaker'])}</b> {html.escape(line['text'])}</p>" for line in self.lines)
        return f"<blockquote><p>{html.escape(self.title)}</p>{lines}</blockquote>"


class ClipHit(Record):
    """A clip that was found, and how well it fits the words."""

    __slots__ = ()
    clip: Clip
    score: float


class ClipSuggestion(Record):
    """A clip that would be worth making, and why: `library.add(corpus, **suggestion.clip)`."""

    __slots__ = ()
    clip: dict[str, Any]
    reason_en: str
    reason_zh: str


def _sentence(record: Record, lang: str) -> str:
    if lang not in ("en", "zh"):
        raise ArgumentError(f"`{lang}` is not a language of the library; `zh` or `en`", "argument.invalid")
    return str(record[f"sentence_{lang}"])


class RepairStep(Record):
    """A step of a repaired path: `kept`, `inserted`, `moved` or `removed`."""

    __slots__ = ()
    kind: str
    step: str
    title: str
    event: int | None
    place: str | None


class Repair(Record):
    """The path of a case, repaired at least cost."""

    __slots__ = ()
    case: str
    sop: str
    wanted: list[str]
    steps: list[RepairStep]
    cost: int
    cost_before: int
    cost_after: int

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["steps"] = [RepairStep(one) for one in fields["steps"]]
        super().__init__(fields)


class ExpectedChange(Record):
    """What one step of a repaired path is expected to change; `refusal` says why there is no figure."""

    __slots__ = ()
    step: str
    title: str
    after: str | None
    change: dict[str, float] | None
    refusal: str | None
    segment: list[str] | None
    comparable: int


class WhatIf(Record):
    """What a case could have been expected to bring with some steps done."""

    __slots__ = ()
    repair: Repair
    outcome: str | None
    numeric: bool
    changes: list[ExpectedChange]
    change: dict[str, float] | None
    refusal: str | None
    sentence_en: str
    sentence_zh: str

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["repair"], fields["changes"] = Repair(fields["repair"]), [ExpectedChange(one) for one in fields["changes"]]
        super().__init__(fields)

    def sentence(self, lang: str = "en") -> str:
        """It in one sentence, in `"en"` or `"zh"`."""
        return _sentence(self, lang)

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.sentence())}</p>"


class GapShare(Record):
    """One part of a gap."""

    __slots__ = ()
    part: str
    share: float
    low: float
    high: float
    choices: list[str]


class Gap(Record):
    """A gap in results and its parts, which sum to it exactly."""

    __slots__ = ()
    of: Any
    against: list[str]
    outcome: str
    numeric: bool
    own: Arm
    other: Arm
    gap: dict[str, float] | None
    parts: list[GapShare]
    table: Any
    sentence_en: str
    sentence_zh: str

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["own"], fields["other"] = Arm(fields["own"]), Arm(fields["other"])
        fields["parts"] = [GapShare(one) for one in fields["parts"]]
        super().__init__(fields)

    def sentence(self, lang: str = "en") -> str:
        """It in one sentence, in `"en"` or `"zh"`."""
        return _sentence(self, lang)

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.sentence())}</p>"


class SampleReading(Record):
    """What samples would have said of one finding, as shares of all samples."""

    __slots__ = ()
    kind: str
    step: str
    point: str | None
    verdict: str
    estimate: float | None
    seen: float
    higher: float | None
    lower: float | None
    wrong_sign: float | None


class SampleBias(Record):
    """What a hand-reviewed sample would have concluded, beside the full volume."""

    __slots__ = ()
    sample: int
    cases: int
    draws: int
    readings: list[SampleReading]
    clear: int
    found: float
    reversed: float
    false_alarms: float
    table: Any
    sentence_en: str
    sentence_zh: str

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["readings"] = [SampleReading(one) for one in fields["readings"]]
        super().__init__(fields)

    def sentence(self, lang: str = "en") -> str:
        """It in one sentence, in `"en"` or `"zh"`."""
        return _sentence(self, lang)

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.sentence())}</p>"


class Arm(Record):
    """One side of a comparison."""

    __slots__ = ()
    n: int
    won: int
    rate: float | None
    reps: int


class Finding(Record):
    """A claim with everything it rests on."""

    __slots__ = ()
    what: dict[str, Any]
    kind: str
    step: str
    sop: str
    point: str | None
    visit: int
    outcome: str
    estimand: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    q_value: float | None
    treated: Arm
    control: Arm
    comparable: dict[str, Any]
    raw: dict[str, Any] | None
    went_on: dict[str, Any] | None
    cross_check: dict[str, Any] | None
    ratio: dict[str, Any] | None
    shift: dict[str, Any] | None
    step_count: dict[str, Any] | None
    time: dict[str, Any] | None
    answered: list[float] | None
    e_value: dict[str, Any] | None
    minimum_detectable: float | None
    more_cases_needed: int | None
    adjusted_for: list[str]
    priors: int
    segments: list[dict[str, Any]]
    heterogeneity: list[dict[str, Any]]
    landmark: dict[str, Any] | None
    later_conversation: int | None
    ended_before: list[int]
    method: str
    caveats: list[str]
    verdict: str
    cases: list[str]
    sentence_en: str
    sentence_zh: str

    def __init__(self, fields: dict[str, Any]) -> None:
        fields["treated"], fields["control"] = Arm(fields["treated"]), Arm(fields["control"])
        super().__init__(fields)

    def sentence(self, lang: str = "en") -> str:
        """One sentence about it, in `"en"` or `"zh"`."""
        if lang not in ("en", "zh"):
            raise ArgumentError(f"`{lang}` is not a language of the library; `zh` or `en`", "argument.invalid")
        return str(self[f"sentence_{lang}"])

    def __repr__(self) -> str:
        return f"Finding({self.verdict}: {self.sentence()})"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.sentence())}</p>"


class Recommendation(Record):
    """One thing to do, or not to do, and why."""

    __slots__ = ()
    action: str
    step: str
    title: str
    planned: bool
    finding: Finding | None
    segment: dict[str, Any] | None
    sentence_en: str
    sentence_zh: str


class Advice(Record):
    """What to do next in a running conversation."""

    __slots__ = ()
    point: str | None
    visit: int
    next: list[Recommendation]
    avoid: list[Recommendation]

    def __init__(self, fields: dict[str, Any]) -> None:
        for name in ("next", "avoid"):
            fields[name] = [Recommendation(one) for one in fields[name]]
        super().__init__(fields)

    def _repr_html_(self) -> str:
        sentences = "".join(f"<li>{html.escape(one.sentence_en)}</li>" for one in [*self.next, *self.avoid])
        return f"<ul>{sentences}</ul>"
class _Sentence(Record):
    """Something with one sentence about it in each language."""

    __slots__ = ()
    sentence_en: str
    sentence_zh: str

    def sentence(self, lang: str = "en") -> str:
        """One sentence about it, in `"en"` or `"zh"`."""
        if lang not in ("en", "zh"):
            raise ArgumentError(f"`{lang}` is not a language of the library; `zh` or `en`", "argument.invalid")
        return str(self[f"sentence_{lang}"])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.sentence()})"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.sentence())}</p>"


class Innovation(_Sentence):
    """An unplanned choice that looks or is good (创新点), with its evidence. Days are counted from 1970-01-01."""

    __slots__ = ()
    status: str
    choice: dict[str, Any]
    kind: str
    step: str
    point: str | None
    finding: Finding
    mined: Finding | None
    later: Finding | None
    others: Finding | None
    gain: dict[str, Any] | None
    against_parts: list[Finding]
    baseline: dict[str, Any] | None
    first_users: list[str]
    first_use: int | None
    uses: int
    users: int
    reps: list[dict[str, Any]]
    adoption: list[dict[str, Any]]


class Innovator(_Sentence):
    """A rep who led the way to a proven innovation (创新者)."""

    __slots__ = ()
    rep: str
    step: str
    innovation: int
    place: int
    use_of_it: dict[str, Any]
    days_before_others: int | None
    followers: int
    rate: float | None
    rate_place: int
    reps: int


class Proposal(_Sentence):
    """An edit of the SOP that the evidence asks for (建议): `sop.apply(proposal.patch)` makes the next version."""

    __slots__ = ()
    id: str
    kind: str
    entry: int
    sop: str
    patch: Any
    choice: dict[str, Any]
    segment: list[Any] | None
    finding: Finding
    gain: dict[str, Any] | None
    margin: float | None
    conformity: dict[str, Any]
    edit_en: str
    edit_zh: str


class Pilot(_Sentence):
    """A pilot as it stands (试点): state, the effect of being drawn with an interval that holds at every look, and who did it."""

    __slots__ = ()
    state: str
    stopped: list[str] | None
    as_of: str
    effect: dict[str, Any] | None
    arms: list[dict[str, Any]]
    as_treated: Finding | None
    planned_cases: int
    looks: list[dict[str, Any]]
    plan_hash: str
    title: str
    outcome: str


class WorkHabit(_Sentence):
    """What some reps do beside the steps (工作习惯), and what it goes with."""

    __slots__ = ()
    habit: str
    title_en: str
    title_zh: str
    finding: Finding
    top_share: float | None
    other_share: float | None


class Backtest(_Sentence):
    """Another version of the SOP held against the cases there have been. `reps` is a table."""

    __slots__ = ()
    conformity: dict[str, Any]
    reps: Any
    support: list[dict[str, Any]]
    expected: dict[str, Any] | None


class BestPath(_Sentence):
    """The best path that the evidence supports, beside the present SOP."""

    __slots__ = ()
    changed: bool
    sop: Any
    patch: Any
    proposals: list[str]
    left_out: list[str]
    unmet: list[dict[str, Any]]
    gain: dict[str, Any] | None
    mined: Any
    fitness_of_winners: list[float | None]


class RepSkill(Record):
    """A skill of a rep, against what the cases let expect."""

    __slots__ = ()
    rep: str
    team: str | None
    skill: str
    n: int
    hits: int
    observed: float
    expected: float
    difference: dict[str, float]
    rate: dict[str, float]
    level: float
    level_se: float
    tier: str
    p_upper: float
    p_lower: float


class SkillGap(Record):
    """Where a rep falls behind (弱项), and what closing it is worth."""

    __slots__ = ()
    rep: str
    skill: str
    chance: dict[str, Any]
    rate: dict[str, float]
    average: float
    gap: float
    p_below: float
    effect: float | None
    effect_from: str | None
    volume: float
    worth: float | None
    examples: list[dict[str, Any]]
    patterns: list[dict[str, Any]]
    sentence_en: str
    sentence_zh: str


class Ability(Record):
    """A rep's ability over time; days are texts such as `2026-03-02`."""

    __slots__ = ()
    rep: str
    skill: str
    points: list[dict[str, Any]]
    average: float
    wander: float


class Ramp(Record):
    """How new hires come up to the team."""

    __slots__ = ()
    skill: str
    median: float
    hires: list[dict[str, Any]]
    curve: list[dict[str, Any]]


class Decline(Record):
    """A decline of a rep: since when, when it was clear, until when."""

    __slots__ = ()
    rep: str
    skill: str
    since: str
    found: str
    until: str | None
    chance_alone: float
    before: float
    after: float
    n: int
    sentence_en: str
    sentence_zh: str


class WatchChart(Record):
    """The control chart of a rep."""

    __slots__ = ()
    points: list[dict[str, Any]]
    limit: float | None
    declines: list[dict[str, Any]]


class TrainingEffect(Record):
    """What a training did: `better`, `worse`, `no_effect_shown` or `not_enough_data`."""

    __slots__ = ()
    training: str
    skill: str
    trained: int
    others: int
    effect: dict[str, float] | None
    points: dict[str, float] | None
    p_value: float | None
    slope: float | None
    naive: dict[str, float] | None
    verdict: str
    reps: list[dict[str, Any]]
    study: list[dict[str, Any]]
    left_out: list[str]
    sentence_en: str
    sentence_zh: str


class GroupEffect(_Sentence):
    """What a training did in one group of reps or on one kind of case."""

    __slots__ = ()
    group: dict[str, str]
    trained: int
    others: int
    effect: dict[str, float] | None
    points: dict[str, float] | None
    p_value: float | None
    q_value: float | None
    verdict: str
    difference: dict[str, float] | None
    difference_p: float | None
    difference_q: float | None
    differs: bool


class ForWhom(_Sentence):
    """For whom a training works."""

    __slots__ = ()
    training: str
    skill: str
    groups: list[GroupEffect]
    table: Any

    def _repr_html_(self) -> str:
        rows: str = self.table._repr_html_()
        return f"<p>{html.escape(self.sentence())}</p>{rows}"


class Assessment(Record):
    """An assessment (考核): `pass`, `fail` or `not_enough_data`."""

    __slots__ = ()
    rep: str
    skill: str
    to: str
    n: int
    value: float | None
    low: float | None
    high: float | None
    pass_line: float
    p_above: float | None
    result: str
    sentence_en: str
    sentence_zh: str


class BelowStandard(Record):
    """Who is below standard (未达标), and why."""

    __slots__ = ()
    rep: str
    skill: str
    why: str
    since: str | None
    rounds: int
    sentence_en: str
    sentence_zh: str


class Drift(Record):
    """A share that changed, or the largest change of one that did not."""

    __slots__ = ()
    chance: dict[str, Any]
    since: str
    since_low: str
    since_high: str
    before: tuple[int, int]
    after: tuple[int, int]
    p_value: float
    q_value: float
    divergence: float
    dispersion: float
    changed: bool
    sentence_en: str
    sentence_zh: str


class Alert(Record):
    """Something that changed and deserves a look."""

    __slots__ = ()
    id: str
    kind: str
    rep: str | None
    group: dict[str, Any] | None
    what: str
    title: str
    since: str
    found: str
    until: str | None
    chance_alone: float
    before: float
    after: float
    n: int
    action: str
    sentence_en: str
    sentence_zh: str


class Judge(_Sentence):
    """A judge's marks beside results, and beside what others say of the same cases."""

    __slots__ = ()
    judge: str
    judged: int
    good: int
    won_good: tuple[int, int]
    won_other: tuple[int, int]
    won_difference: dict[str, float] | None
    advanced_good: tuple[int, int]
    advanced_other: tuple[int, int]
    advanced_difference: dict[str, float] | None
    finding: Finding | None
    shared: int
    lean_by: dict[str, float] | None
    lean_q: float | None
    lean: str


class Agreement(_Sentence):
    """Two judges on the cases that both judged."""

    __slots__ = ()
    judges: tuple[str, str]
    both: int
    alike: int
    kappa: dict[str, float] | None
    difference: dict[str, float] | None


class Judging(Record):
    """What marks of judges are worth."""

    __slots__ = ()
    judges: list[Judge]
    agreements: list[Agreement]
    table: Any
    agreements_table: Any

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{html.escape(one.sentence())}</li>" for one in [*self.judges, *self.agreements])
        return f"<ul>{said}</ul>{self.table._repr_html_()}"


class LookAt(Record):
    """A conversation to look at, and why."""

    __slots__ = ()
    case: str
    rep: str | None
    turns: tuple[int, int] | None
    weight: float
    reasons: list[dict[str, Any]]
    reasons_en: list[str]
    reasons_zh: list[str]


class Simulated(Record):
    """Simulated conversations with their SOP and, if asked for, what is true of them."""

    __slots__ = ()
    sop: Any
    corpus: Any
    truth: dict[str, Any] | None
