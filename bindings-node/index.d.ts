/* Generated from the Rust types by `npm run build`; do not edit. */

/** One thing that is wrong, where it stands, and what would mend it. */
export interface Fault {
  /** Stable code, such as `sop.unknown_step`. */
  code: string
  /** File, where there is one. */
  source?: string
  /** Line and column, counted from 1. */
  line?: number
  column?: number
  /** Field or place inside the record, such as `flow[2].any_order` or `[57].outcome.won`. */
  place?: string
  /** Id of the conversation. */
  case?: string
  message: string
  /** How to mend it. */
  help?: string
}

/** Every error of goldpath; `code` is stable and the same in Rust, Python and Node. */
export declare class GoldpathError extends Error {
  constructor(message: string, code?: string, faults?: Fault[])
  /** That of the first fault where there are several. */
  code: string
  /** Everything that is wrong, in the order of the file. */
  faults: Fault[]
}

export type Lang = 'en' | 'zh'

/** A step performed: its id or any label, or more about it. `turn` counts from 0; `at` is seconds since the start, or a time. */
export type StepRecord = string | { step: string; prob?: number; rep?: string; turn?: number; at?: number | string | Date }

/** One turn; `start` and `end` are seconds since the conversation began, or a time. */
export interface TurnRecord {
  speaker: 'agent' | 'customer' | 'system'
  name?: string
  text?: string
  start?: number | string | Date
  end?: number | string | Date
  steps?: StepRecord[]
}

/** One conversation, as a line of the JSONL holds it. `startedAt` is read as `started_at`; fields of your own become attributes. */
export interface ConversationRecord {
  id: string
  rep?: string
  team?: string
  deal?: string
  channel?: string
  started_at?: string | Date
  startedAt?: string | Date
  attributes?: Record<string, unknown>
  /** `null` is open. */
  outcome?: Record<string, boolean | number | null>
  turns?: TurnRecord[]
  steps?: StepRecord[]
  [field: string]: unknown
}

/** One step of an SOP, as in the file, with its id; what the file leaves out is left out. */
export interface Step {
  id: string
  title?: string
  stage?: string
  guidance?: string
  /** `agent` where nothing is said. */
  by?: 'customer'
  cost?: { extra: number; skipped: number }
  standards?: Array<Record<string, unknown>>
  unplanned?: boolean
}

/** A choice that was seen at a decision point. */
export interface Choice {
  /** Step last reached when the choice was made; `null` before the first. */
  point: string | null
  /** For the how-manieth time that step was reached: 1, 2, or 3 for every further time. */
  visit: number
  chosen: 'done' | 'skipped' | 'done_late' | 'added'
  step: string
  /** Number of the event that showed it, from 0. */
  event: number
}

/** The conversation of a deal in which something happened, and the turns counted there. */
export interface Origin {
  conversation: string
  turns: [number, number] | null
}

export interface AlignmentMove {
  kind: 'matched' | 'anytime' | 'extra' | 'skipped'
  step: string
  /** Number of the event, from 0; `null` for a skipped step. */
  event: number | null
  /** Number of the place in the flow; `null` for events that are not planned there. */
  node: number | null
  /** First and last turn. */
  turns: [number, number] | null
  /** Where a case is a deal: the conversation of the event. */
  origin: Origin | null
  /** Still to come when the path stopped, not skipped. */
  trailing: boolean
}

/** A standard of a step and, of a case, what was measured. */
export interface StandardResult {
  /** Its title, or its key where it has none. */
  name: string
  /** The key of its measure, with `_2`, `_3`, … where the step has several of it. */
  key: string
  measure: string
  /** `null` where the standard is spoken of in general. */
  value: number | null
  unit: 'count' | 'share' | 'share_of_time' | 'share_of_words' | 'seconds' | 'minutes' | 'hours' | 'days'
  atLeast: number | null
  atMost: number | null
  /** Title of the step a time limit counts from. */
  after: string | null
}

/** A deviation of a case from its SOP (偏差). */
export interface Deviation {
  kind: 'skipped' | 'extra' | 'repeated' | 'out_of_order' | 'below_standard' | 'late'
  step: string
  title: string
  after: string | null
  dueAfter: string | null
  place: string | null
  event: number | null
  due: number | null
  turns: [number, number] | null
  /** Where a case is a deal: the conversation it happened in; for a skipped step that of the event before which it was due. */
  origin: Origin | null
  cost: number
  accepted: boolean
  disputed: boolean
  /** Of a running conversation: what comes next may show it in another light. */
  provisional: boolean
  /** For `below_standard` and `late`. */
  standard: StandardResult | null
  sentenceEn: string
  sentenceZh: string
}

/** The actual path of a case beside the preset one (对齐). */
export interface Alignment {
  case: string
  sop: string
  moves: AlignmentMove[]
  deviations: Deviation[]
  cost: number
  prefixCost: number
  prefixStop: string | null
  stoppedAt: string | null
  status: 'complete' | 'stopped' | 'open' | 'unchecked'
  fitness: number
  adherence: number | null
  conformsSoFar: boolean
  fullyConforms: boolean | null
}

/** What one edit means for the SOP it is made on. */
export interface Change {
  /** Which edit it is: `insert`, `drop`, `move`, `wrap`, … */
  kind: string
  /** Ids of the steps it is about. */
  steps: Array<string>
  /** Place in the flow it is about; of what is put in or moved, the place it has then. */
  place: string | null
  /** Whether it says nothing by itself: another edit says it, or it only groups what runs as before. */
  implied: boolean
  sentenceEn: string
  sentenceZh: string
}

/** One version of a history. */
export interface Revision {
  number: number
  version?: number | string
  date?: string
  reason?: string
  by?: string
  parent?: string
  hash: string
  patch?: Record<string, unknown>
}

/** What an SOP says that is valid and yet hardly meant. */
export interface Hint {
  /** Stable code, such as `lint.step_twice`. */
  code: string
  /** Name of the SOP. */
  sop: string
  /** Place in the file, such as `flow[2].any_order[0]`. */
  place: string
  line: number | null
  column: number | null
  step: string | null
  sentenceEn: string
  sentenceZh: string
  /** What would mend it. */
  helpEn: string
  helpZh: string
}

/** The cheapest way from where a conversation stands to the end of its SOP. */
export interface DistanceToEnd {
  /** What leaving it all out would cost. */
  cost: number
  steps: string[]
}

/** All that is known of a running conversation. */
export interface LiveState {
  point: string | null
  visit: number
  events: number
  cost: number
  conformsSoFar: boolean
  mayEnd: boolean
  allowed: string[]
  deviations: Deviation[]
  distanceToEnd: DistanceToEnd
}

/** A probability, or the bounds between which it lies; both are equal where it is known exactly. */
export interface Chance {
  low: number
  high: number
}

/** One event that a detector was not sure of, and how much depends on it. */
export interface UncertainEvent {
  event: number
  step: string
  title: string
  prob: number
  /** The check takes it: its probability is at or above the threshold. */
  used: boolean
  turns: [number, number] | null
  /** How far the probability that the case conforms so far differs between its being there and not. */
  influence: number | null
  /** The same for the expected fitness. */
  fitnessInfluence: number | null
}

/** What can be said of a case whose events are not all certain. */
export interface Uncertainty {
  case: string
  fitnessLow: number
  fitnessHigh: number
  fitnessExpected: number | null
  conformsSoFar: Chance
  fullyConforms: Chance
  /** The most influential first. */
  events: UncertainEvent[]
}

/** One thing a score is made of. */
export interface ScorePart {
  kind: 'step' | 'standard' | 'feedback' | 'deviation'
  step: string | null
  title: string | null
  /** Key of the standard, name of the feedback or kind of the deviation; for steps the title. */
  name: string
  /** The last three are left out of what was possible. */
  state: 'full' | 'partial' | 'lost' | 'not_due' | 'not_measured' | 'accepted'
  possible: number | null
  got: number | null
  /** What it costs of the 100. */
  lost: number
  /** What the feedback was. */
  value: number | null
  event: number | null
  turns: [number, number] | null
  /** Where the case is a deal. */
  origin: Origin | null
  sentenceEn: string
  sentenceZh: string
}

/** The points of one case and what they are made of. */
export interface Score {
  case: string
  sop: string
  /** 0 to 100; `null` where nothing counted. */
  score: number | null
  got: number
  possible: number
  /** What deviations take away, 0 or negative. */
  penalty: number
  parts: ScorePart[]
}

/** One thing to do, or not to do, and why. */
export interface Recommendation {
  action: 'do' | 'do_well' | 'add' | 'may_leave_out' | 'avoid'
  step: string
  title: string
  /** Whether the SOP plans it here. */
  planned: boolean
  /** What it rests on; `null` where only the SOP says so. */
  finding: Finding | null
  /** The effect in the segment of this conversation, where it differs between segments. */
  segment: { attribute: string; value: string; estimate: number; ciLow: number; ciHigh: number; treated: number; control: number } | null
  sentenceEn: string
  sentenceZh: string
}

/** What to do next in a running conversation, the best evidence first. */
export interface Advice {
  point: string | null
  visit: number
  next: Recommendation[]
  avoid: Recommendation[]
}

/** What is needed to make a clip. */
export interface NewClip {
  conversation: string
  /** First and last turn, from 0. */
  turns: [number, number]
  title: string
  note?: string
  tags?: string[]
  folder?: string
  kind?: 'best_practice' | 'to_improve'
  step?: string | null
  /** Recording it can be cut from. */
  media?: string | null
  /** Take personal data out of the words; `true` where nothing is said. */
  redact?: boolean
  /** Names that are taken out too. */
  names?: string[]
  consent?: 'unknown' | 'given' | 'refused'
  by?: string | null
  reason?: string | null
}

/** What is to be another in a clip. */
export type ClipChange = Partial<Pick<NewClip, 'title' | 'note' | 'tags' | 'folder' | 'kind' | 'step' | 'consent'>>

/** A moment of a conversation that is kept. */
export interface Clip {
  id: string
  conversation: string
  turns: [number, number]
  title: string
  note: string
  tags: string[]
  folder: string
  kind: 'best_practice' | 'to_improve'
  step?: string
  rep?: string
  team?: string
  deal?: string
  media?: string
  /** Milliseconds into the recording where it begins and ends. */
  span?: [number, number]
  lines: Array<{ turn: number; speaker: 'agent' | 'customer' | 'system'; name?: string; text: string; start?: number; end?: number }>
  redacted: boolean
  consent: 'unknown' | 'given' | 'refused'
  by?: string
  reason?: string
  /** Milliseconds since 1970, UTC. */
  addedAt: number
}

/** Which clips are asked for. */
export interface ClipQuery {
  words?: string
  tag?: string
  step?: string
  rep?: string
  team?: string
  kind?: 'best_practice' | 'to_improve'
  /** A folder, with those inside of it. */
  folder?: string
  playlist?: string
  conversation?: string
  most?: number
}

export interface ClipHit {
  clip: Clip
  /** How well it fits the words; 0 where none were asked for. */
  score: number
}

/** A clip that would be worth making, and why. */
export interface ClipSuggestion {
  clip: NewClip
  reasonEn: string
  reasonZh: string
}

/** Clips in an order. */
export interface Playlist {
  name: string
  note?: string
  clips: string[]
}

export interface Watched {
  clip: string
  rep: string
  at: number
}

export interface Interval {
  estimate: number
  low: number
  high: number
}

/** One side of a comparison. */
export interface Arm {
  n: number
  won: number
  rate: number | null
  reps: number
}

/** A standard of a step, in words. */
export interface StandardAsked {
  /** Its key within the step. */
  key: string
  /** Its title, or its key where it has none. */
  name: string
  requirementEn: string
  requirementZh: string
}

/** A claim with everything it rests on. */
export interface Interval {
  estimate: number
  low: number
  high: number
}

/** A choice at its decision point. */
export interface ChoiceId {
  kind: string
  sop: string
  entry: number
  step: string
  place: string
  point: string | null
  pointPlace: string
  visit: number
  /** The steps of a sequence. */
  members?: string[]
  title: string
  pointTitle: string | null
}

/** What making a choice everywhere would bring, by the later cases. */
export interface Gain {
  affected: number
  comparable: number
  cases: number
  effect: Interval
  gain: Interval
}

/** What one rep made of an innovation. Days are counted from 1970-01-01. */
export interface RepUse {
  rep: string
  chances: number
  uses: number
  firstUse: number | null
  takenUp: number | null
  firstUses: number
  effect: Interval | null
}

/** A period of an adoption curve. */
export interface Adoption {
  from: number
  days: number
  chances: number
  uses: number
  users: number
  firstChances: number
  firstUses: number
}

/** An unplanned choice that looks or is good (创新点). */
export interface Innovation {
  choice: ChoiceId
  status: 'proven' | 'candidate' | 'one_rep_only' | 'refuted'
  finding: Finding
  mined: Finding | null
  later: Finding | null
  others: Finding | null
  gain: Gain | null
  againstParts: Finding[]
  baseline: Interval | null
  firstUsers: string[]
  firstUse: number | null
  uses: number
  users: number
  reps: RepUse[]
  adoption: Adoption[]
  sentenceEn: string
  sentenceZh: string
}

/** A rep who led the way to a proven innovation (创新者). */
export interface Innovator {
  rep: string
  /** Number of the innovation in the list. */
  innovation: number
  step: string
  place: number
  useOfIt: RepUse
  daysBeforeOthers: number | null
  followers: number
  rate: number | null
  ratePlace: number
  reps: number
  sentenceEn: string
  sentenceZh: string
}

/** An edit of the SOP that the evidence asks for (建议). */
export interface Proposal {
  id: string
  kind: 'insert' | 'reorder' | 'drop' | 'make_optional' | 'make_required' | 'prefer' | 'split' | 'set_bound'
  entry: number
  sop: string
  /** The edit as JSON text. */
  patch: string
  choice: ChoiceId
  segment: [string, string[]] | null
  finding: Finding
  gain: Gain | null
  /** Where less is asked for: the loss that the interval excludes. */
  margin: number | null
  conformity: { cases: number; before: number; after: number; lost: number; won: number }
  editEn: string
  editZh: string
  sentenceEn: string
  sentenceZh: string
}

/** A constraint that cannot be met. */
export interface Unmet {
  constraint: 'must_contain' | 'must_precede' | 'may_not_remove'
  steps: string[]
  whyEn: string
  whyZh: string
}

/** What a refresh of a book found. */
export interface ConformityChange {
  cases: number
  before: number
  after: number
  lost: number
  won: number
}

export interface Backtest {
  conformity: ConformityChange
  reps: Array<{ rep: string | null; conformity: ConformityChange }>
  support: Array<{ choice: ChoiceId; since: number | null; looks: Array<{ day: number; cases: number; logEvidence: number }>; gain: Gain | null }>
  expected: Interval | null
  sentenceEn: string
  sentenceZh: string
}

export interface WorkHabit {
  habit: string
  titleEn: string
  titleZh: string
  finding: Finding
  topShare: number | null
  otherShare: number | null
  sentenceEn: string
  sentenceZh: string
}

export interface CrmOptions {
  /** Attribute that claims the stage. */
  stage?: string
  /** Stages of the CRM that the SOP calls otherwise. */
  stages?: Record<string, string>
  /** Fields, and the steps that show them. */
  fields?: Array<{ field: string; step: string; standard?: string }>
  /** Claims one by one in place of attributes; the field of a stage is `stage`. */
  claims?: Array<{ case: string; field: string; value?: string | null; date?: string | null }>
}

/** What a pilot tries: something that is not planned after a step (at the very start where none is named). */
export interface PilotChoice {
  step: string
  after?: string | null
  kind?: 'add' | 'repeat' | 'out_of_order' | 'sequence'
  entry?: number
  visit?: number
  members?: string[]
}

export interface PilotOptions {
  /** First day, such as `2026-12-31`. */
  start: string | Date
  /** Smallest effect worth having, in the outcome's own unit: 0.05 is five points of a win rate. */
  smallestEffect: number
  /** Half of the reps in pairs, all reps in waves, or half of the cases; `by_rep` where nothing is said. */
  design?: 'by_rep' | 'staggered' | 'by_case'
  alpha?: number
  power?: number
  seed?: number
  reps?: string[]
  waves?: number
  waveDays?: number
  baselineDays?: number
  maxDays?: number
  adjustFor?: string[]
  lowerIsBetter?: boolean
}

export interface PilotFields {
  choice: ChoiceId
  sopHash: string
  outcome: string
  asked: Required<PilotOptions>
  reps: Array<{ rep: string; block: number; from: string | null }>
  end: string
  base: number
  designEffect: number
  casesAWeek: number
  plannedCases: number
  plannedDays: number
}

export interface PilotArm {
  n: number
  won: number
  rate: number | null
  open: number
  reps: number
  did: number
}

export interface Pilot {
  state: 'not_enough_data' | 'running' | 'shown' | 'harmful' | 'stopped_without_effect'
  stopped: ['benefit' | 'harm' | 'futility' | 'maximum', string] | null
  asOf: string
  /** The effect of being drawn to try; the interval may be looked at at any time. */
  effect: Interval | null
  /** Those drawn to try, and the others. */
  arms: [PilotArm, PilotArm]
  asTreated: Finding | null
  plannedCases: number
  looks: Array<{ day: string; cases: [number, number]; effect: Interval | null }>
  planHash: string
  title: string
  sentenceEn: string
  sentenceZh: string
}

export interface Refreshed {
  seenAgain: Array<{ id: string; recheck: { date: string | null; held: 'held_up' | 'open' | 'faded' | 'reversed'; effect: Interval | null; cases: [number, number] } }>
  new: string[]
}

/** A track as an answer. */
export interface BestTrack {
  /** Its number, for `snippets`. */
  track: number
  text: string
  uses: number
  reps: number
  advanceRate: number
  advanceLow: number
  advanceHigh: number
  /** It was compared like with like. */
  adjusted: boolean
  clearWinner: boolean
  expert: boolean
}

/** What is known of a topic that the words may be about. */
export interface TalkAnswer {
  topic: string
  title: string
  kind: 'agent' | 'customer' | 'emerging'
  /** How near the words are to it, 0 to 1; 1 where the topic was named. */
  score: number
  cameUp: number
  /** No step is planned after it and tracks are ranked by going on: its tracks have feedback and findings by the outcome only. */
  last: boolean
  tracks: BestTrack[]
  next: Array<{ step: string; title: string; uses: number; share: number }>
}

export interface Finding {
  what: { kind: 'skip' | 'add' | 'repeat' | 'out_of_order' | 'catch_up' | 'branch' | 'include' | 'conforming' | 'standard' | 'wording'; step: string; title: string; standard: StandardAsked | null; wording?: string }
  sop: string
  point: string | null
  /** For the how-manieth time that step was reached: 1, 2, or 3 for every further time. */
  visit: number
  outcome: string
  estimand: string
  /** Those who made the choice, minus comparable others, with the 95 % interval. */
  estimate: number | null
  ciLow: number | null
  ciHigh: number | null
  pValue: number | null
  qValue: number | null
  treated: Arm
  control: Arm
  /** Cases the estimate rests on. */
  comparable: { treated: number; control: number; share: number | null }
  /** The unadjusted comparison. */
  raw: Interval | null
  wentOn: Interval | null
  /** The same effect by a second method. */
  crossCheck: Interval | null
  /** For numbers, unadjusted: ratio of the geometric means, and Hodges–Lehmann shift. */
  ratio: Interval | null
  shift: Interval | null
  /** What the number of steps says by itself: the difference it alone would give, and the one left among cases with as many. */
  stepCount: { alone: number; within: Interval | null } | null
  /** Where times are compared: both sides over time, those who made the choice first. */
  time: { horizon: number; won: [number, number]; lost: [number, number]; logRank: { statistic: number; df: number; pValue: number } | null } | null
  /** Of each side, the share of the cases that have the outcome, where not all have it and it is a number. */
  answered: [number, number] | null
  /** How strong an unseen cause would have to be to explain the estimate away, and its interval. */
  eValue: { estimate: number; limit: number } | null
  minimumDetectable: number | null
  moreCasesNeeded: number | null
  /** `rep`, attributes, and at the end `priors` earlier choices and circumstances. */
  adjustedFor: string[]
  priors: number
  segments: Array<{ attribute: string; value: string; estimate: number; ciLow: number; ciHigh: number; treated: number; control: number }>
  heterogeneity: Array<{ attribute: string; pValue: number }>
  landmark: { wait: number; unit: 'turns' | 'milliseconds' } | null
  /** Cases that had ended before the landmark: of those who had made the choice by then, and of the others. */
  /** Where cases are deals: how many conversations after the point it is judged, among deals that had that one. */
  laterConversation: number | null
  endedBefore: [number, number]
  method: string
  caveats: string[]
  verdict: 'helps' | 'hurts' | 'no_clear_effect' | 'not_enough_evidence'
  cases: string[]
  sentenceEn: string
  sentenceZh: string
}

/** The path of a case, repaired at least cost so that it does the wanted steps where they are planned. */
export interface Repair {
  case: string
  sop: string
  wanted: string[]
  steps: Array<{ kind: 'kept' | 'inserted' | 'moved' | 'removed'; step: string; title: string; event: number | null; place: string | null }>
  cost: number
  costBefore: number
  costAfter: number
}

/** What a case could have been expected to bring with some steps done. `refusal` says why there is no figure. */
export interface WhatIf {
  repair: Repair
  outcome: string | null
  numeric: boolean
  changes: Array<{
    step: string
    title: string
    after: string | null
    change: Interval | null
    refusal: string | null
    /** Where the effect differs between values of an attribute: that of this case. */
    segment: [string, string] | null
    comparable: number
  }>
  change: Interval | null
  refusal: string | null
  sentenceEn: string
  sentenceZh: string
}

/** A gap in results and its seven parts, which sum to it exactly. */
export interface Gap {
  of: { rep: string } | { team: string } | 'not_conforming'
  against: string[]
  outcome: string
  numeric: boolean
  own: Arm
  other: Arm
  gap: Interval | null
  parts: Array<{
    part: 'skipped' | 'order' | 'late' | 'below_standard' | 'unplanned' | 'mix' | 'unexplained'
    share: number
    low: number
    high: number
    choices: string[]
  }>
  sentenceEn: string
  sentenceZh: string
}

/** What a hand-reviewed sample would have concluded, beside the full volume. Figures of readings are shares of all samples. */
export interface SampleBias {
  sample: number
  cases: number
  draws: number
  readings: Array<{
    kind: string
    step: string
    point: string | null
    verdict: Finding['verdict']
    estimate: number | null
    seen: number
    higher: number | null
    lower: number | null
    wrongSign: number | null
  }>
  clear: number
  found: number
  reversed: number
  falseAlarms: number
  sentenceEn: string
  sentenceZh: string
}

/** The figures a review opens with. */
export interface Summary {
  cases: number
  unchecked: number
  complete: number
  fullyConforming: number
  stopped: number
  open: number
  conformingSoFar: number
  decided: number
  won: number
  reps: number
  /** First and last day a case began, in milliseconds since 1970 UTC. */
  period: [number, number] | null
}

export type ColumnType = 'boolean' | 'number' | 'time' | 'text' | 'coded' | 'numbers' | 'texts'
export type ColumnValues = Float64Array | Uint8Array | CodedColumn | Array<string | null> | number[][] | string[][]
/** A column on its way in: numbers, times (ms since 1970 UTC), or plain values of one kind with `null` for no value. */
export type ColumnInput =
  | Float64Array
  | BigInt64Array
  | CodedColumn
  | Array<string | null>
  | Array<boolean | null>
  | Array<number | null>
  | Array<Date | null>
/** A column of texts on its way in. */
export type Texts = Array<string | null> | CodedColumn
/** Points in time, in milliseconds since 1970 UTC. */
export type Times = Float64Array | BigInt64Array
export type Cell = boolean | number | string | Date | number[] | string[] | null
export type Row = Record<string, Cell>

export interface Table extends Iterable<Row> {
  /** All rows as plain objects; times are Dates. */
  rows(): Row[]
  toJSON(): Row[]
}

/** An estimate and its interval. */
export interface Estimated {
  estimate: number
  low: number
  high: number
}

/** What a skill or a share is about. */
export interface ChanceId {
  kind: 'step' | 'standard' | 'result' | 'choice' | 'customer' | 'point'
  sop: string
  entry: number
  step: string
  title: string
  standard: string | null
  point: string | null
}

export type Tier = 'top' | 'solid' | 'developing' | 'below_standard' | 'undetermined'

/** How declines are watched for. */
export interface WatchOptions {
  baselineWeeks?: number
  baselineChances?: number
  oddsRatio?: number
  falseAlarm?: number
  withinWeeks?: number
  runs?: number
  seed?: number
}

/** How people are looked at; days are texts such as `2026-03-02`. */
export interface PeopleOptions {
  adjustFor?: Array<string>
  asOf?: string | Date
  /** Minutes that days differ from UTC. */
  utcOffset?: number
  competences?: Array<{ name: string; title?: string; kinds: Array<'step' | 'standard' | 'result'>; steps?: Array<string> }>
  tiers?: { sure?: number; least?: number; reps?: number; alike?: number }
  level?: number
  watch?: WatchOptions
  drift?: { falseShare?: number; least?: number; weeks?: number; shortest?: number }
}

/** A skill of a rep, against what the cases let expect. */
export interface RepSkill {
  rep: string
  team: string | null
  skill: string
  n: number
  hits: number
  observed: number
  expected: number
  /** Observed minus expected, at the cases of all. */
  difference: Estimated
  rate: Estimated
  level: number
  levelSe: number
  tier: Tier
  pUpper: number
  pLower: number
}

export interface Example {
  case: string
  turns: [number, number] | null
}

/** What top reps do next, and this rep less often (工作模式). */
export interface WorkPattern {
  step: string
  title: string
  top: [number, number]
  own: [number, number]
}

/** Where a rep falls behind (弱项), and what closing it is worth. */
export interface SkillGap {
  rep: string
  skill: string
  chance: ChanceId
  rate: Estimated
  average: number
  gap: number
  pBelow: number
  effect: number | null
  effectFrom: 'finding' | 'later_wins' | null
  volume: number
  worth: number | null
  examples: Array<Example>
  patterns: Array<WorkPattern>
  sentenceEn: string
  sentenceZh: string
}

/** What a rep is to train (针对性辅导): to be changed before it is assigned. */
export interface CoachingPlan {
  rep: string
  on: string
  items: Array<{
    skill: string
    title: string
    due: string
    now: number
    goal: number
    worth: number | null
    examples: Array<Example>
    patterns: Array<WorkPattern>
    talkTracks: Array<TrackToPractise>
    clips: Array<{ id: string; title: string; rep: string | null; watched: boolean }>
    note: string | null
  }>
}

/** A talk track to practise, shown by what other reps really said. */
export interface TrackToPractise {
  track: number
  /** Among those of the step, from 1. */
  place: number
  text: string
  uses: number
  advance: Estimated
  snippets: Array<{ conversation: string; turns: [number, number]; rep: string | null; raised: string | null; answer: string; reaction: string | null }>
}

/** A rep's ability over time. */
export interface Ability {
  rep: string
  skill: string
  points: Array<{ week: string; rate: Estimated; n: number; hits: number }>
  average: number
  wander: number
}

/** How new hires come up to the team. */
export interface Ramp {
  skill: string
  median: number
  hires: Array<{ rep: string; from: string; n: number; weeksToMedian: number | null }>
  curve: Array<{ weeks: number; reps: number; n: number; rate: Estimated }>
}

/** A decline of a rep. */
export interface Decline {
  rep: string
  skill: string
  since: string
  found: string
  until: string | null
  chanceAlone: number
  before: number
  after: number
  n: number
  sentenceEn: string
  sentenceZh: string
}

export interface WatchChart {
  points: Array<{ week: string; n: number; hits: number; sum: number }>
  limit: number | null
  declines: Array<Omit<Decline, 'sentenceEn' | 'sentenceZh'>>
}

export interface Training {
  id: string
  reps: Array<string>
  date: string | Date
}

export interface TrainingOptions {
  beforeWeeks?: number
  afterWeeks?: number
  least?: number
  level?: number
  sameTeam?: boolean
  /** Other trainings: whoever had one of them in the time is not compared with. */
  also?: Array<Training>
}

/** What a training did. */
export interface TrainingEffect {
  training: string
  skill: string
  trained: number
  others: number
  effect: Estimated | null
  points: Estimated | null
  pValue: number | null
  slope: number | null
  /** What before and after alone would claim: not to be believed. */
  naive: Estimated | null
  verdict: 'better' | 'worse' | 'no_effect_shown' | 'not_enough_data'
  reps: Array<{ rep: string; before: number; after: number; expected: number | null; n: [number, number] }>
  study: Array<{ from: string; weeks: number; gap: Estimated }>
  leftOut: Array<string>
  sentenceEn: string
  sentenceZh: string
}

/** What a training did in one group of reps or on one kind of case. */
export interface GroupEffect {
  /** `level` (`lower`, `upper`), `tenure` (`new`, `experienced`), `team`, or an attribute of cases. */
  group: { by: string; value: string }
  trained: number
  others: number
  effect: Estimated | null
  points: Estimated | null
  pValue: number | null
  qValue: number | null
  verdict: 'better' | 'worse' | 'no_effect_shown' | 'not_enough_data'
  /** The effect here minus that elsewhere; `null` for the second of two groups. */
  difference: Estimated | null
  differenceP: number | null
  differenceQ: number | null
  differs: boolean
  sentenceEn: string
  sentenceZh: string
}

/** For whom a training works. */
export interface ForWhom {
  training: string
  skill: string
  groups: Array<GroupEffect>
  sentenceEn: string
  sentenceZh: string
}

/** An assessment (考核). */
export interface Assessment {
  rep: string
  skill: string
  from: string
  to: string
  n: number
  value: number | null
  low: number | null
  high: number | null
  passLine: number
  pAbove: number | null
  result: 'pass' | 'fail' | 'not_enough_data'
  sentenceEn?: string
  sentenceZh?: string
}

/** Who is below standard (未达标), and why. */
export interface BelowStandard {
  rep: string
  skill: string
  why: 'failed_assessment' | 'not_kept' | 'kpi_missed' | 'overdue' | 'lower_third'
  since: string | null
  rounds: number
  sentenceEn: string
  sentenceZh: string
}

/** A share that changed, or the largest change of one that did not. */
export interface Drift {
  chance: ChanceId
  since: string
  sinceLow: string
  sinceHigh: string
  before: [number, number]
  after: [number, number]
  pValue: number
  qValue: number
  divergence: number
  dispersion: number
  changed: boolean
  sentenceEn: string
  sentenceZh: string
}

/** Something that changed and deserves a look. */
export interface Alert {
  id: string
  kind: 'decline' | 'choice' | 'customer' | 'adherence' | 'deviation'
  rep: string | null
  /** The team or segment; `value` is `null` for all. */
  group?: { by: string; value: string | null } | null
  what: string
  title: string
  since: string
  found: string
  until: string | null
  chanceAlone: number
  before: number
  after: number
  n: number
  action: 'coach_rep' | 'remind_team' | 'judge_choice' | 'prepare_answers' | 'keep_up'
  sentenceEn?: string
  sentenceZh?: string
}

/** What happens to alerts. */
export type AlertEvent =
  | { event: 'raised' | 'updated'; alert: Alert }
  | { event: 'intervened'; id: string; at: string | Date; by: string; what: string }
  | { event: 'concluded'; id: string; at: string | Date; result: string; resolved: boolean }

/** An alert that was told, and what came of it. */
export interface KnownAlert {
  alert: Alert
  status: 'open' | 'acted_on' | 'resolved' | 'dismissed'
  interventions: Array<{ at: string; by: string; what: string }>
  result: [string, string] | null
}

/** A conversation to look at, and why. */
export interface LookAt {
  case: string
  rep: string | null
  turns: [number, number] | null
  weight: number
  reasons: Array<{ reason: string; step?: string; since?: string; deviations?: number }>
  reasonsEn: Array<string>
  reasonsZh: Array<string>
}

/** What happens in the loop of training. */
/** What a `KeptLog` may add up to. */
export type KeptState = CoachingLog | AlertLog | ProposalBook | SopArchive

/** A `KeptLog` of which it is known what it adds up to. */
export type KeptLogOf<State extends KeptState> = Omit<KeptLog, 'state' | 'stateAfter' | 'add' | 'save'> & {
  state(): Promise<State>
  stateAfter(entries: number): Promise<State>
  add(events: KeptEvent | Array<KeptEvent>, at?: number): Promise<State>
  save(thing: ProposalBook | History, options?: { name?: string; at?: number }): Promise<State>
}

/** What a judge says of a case, or of some turns of it. */
export interface Mark {
  judge: string
  case: string
  good: boolean
  turns?: [number, number]
}

/** A judge's marks beside results, and beside what others say of the same cases. */
export interface Judge {
  judge: string
  judged: number
  good: number
  /** Won, of the decided. */
  wonGood: [number, number]
  wonOther: [number, number]
  wonDifference: Estimated | null
  advancedGood: [number, number]
  advancedOther: [number, number]
  advancedDifference: Estimated | null
  finding: Finding | null
  shared: number
  leanBy: Estimated | null
  leanQ: number | null
  lean: 'harsher' | 'milder' | 'no_difference_shown' | 'not_enough_data'
  sentenceEn: string
  sentenceZh: string
}

/** Two judges on the cases that both judged. */
export interface Agreement {
  judges: [string, string]
  both: number
  alike: number
  kappa: Estimated | null
  difference: Estimated | null
  sentenceEn: string
  sentenceZh: string
}

/** What marks of judges are worth. */
export interface Judging {
  judges: Array<Judge>
  agreements: Array<Agreement>
}

/** An event of a `KeptLog`. */
export type KeptEvent = CoachingEvent | AlertEvent | Record<string, unknown>

/** An entry of a `KeptLog`, its record as it is written. */
export interface KeptEntry {
  number: number
  /** Milliseconds since 1970. */
  at: number
  record: Record<string, unknown>
}

export type CoachingEvent = { at: string | Date; by?: string } & (
  | { event: 'joined'; rep: string }
  | { event: 'assigned'; rep: string; skill: string; due: string | Date; goal?: number }
  | { event: 'edited'; rep: string; skill: string; due?: string | Date; goal?: number; note?: string }
  | { event: 'trained'; rep: string; skill: string; training: string }
  | { event: 'watched'; rep: string; clip: string }
  | { event: 'assessed'; assessment: Assessment }
  | { event: 'monitored'; rep: string; skill: string; kept: boolean }
  | { event: 'cancelled'; rep: string; skill: string; reason?: string }
  | { event: 'kpi_set'; kpi: { name: string; title?: string; passLine: number; lowerIsBetter?: boolean } }
  | { event: 'kpi_measured'; rep: string; kpi: string; value: number }
)

/** Where a rep stands with a skill. */
export interface CoachingTrack {
  rep: string
  skill: string
  stage: 'assigned' | 'trained' | 'assessed' | 'monitored' | 'passed' | 'retraining' | 'cancelled'
  since: string
  due: string | null
  goal: number | null
  unplanned: boolean
  trainings: Array<[string, string]>
  assessments: Array<Assessment>
  round: number
  notes: Array<[string, string]>
}

/** What is true of simulated conversations; the case is the deal. */
export interface Truth {
  /** Simulated deals behind each figure. */
  draws: number
  /** True effects among those who make the choice: the win probability if they do, less that if they do not. */
  effects: Array<{
    choice: string; step: string; point: string; winDifference: number
    /** smb, mid, enterprise; `null` where nobody does it. */
    bySegment: [number | null, number | null, number | null]
    stdError: number
    /** Share that does it among those who come to the point. */
    share: number
  }>
  winRate: number | null
  innovators: Array<string>
  /** Reps who took it over, with the day they did, counted from the first day. */
  adopters: Array<[string, number]>
  /** A step that goes with winning and does nothing for it, and the reps who use it. */
  spuriousStep: string
  spuriousUsers: Array<string>
  bestAnswer: string
  reps: Array<{ rep: string; team: string; skill: number; winRate: number | null }>
}

/** The alerts that were told, and what came of them: what their events add up to. */
export declare class AlertLog {
  /** The log that a history gives. */
  static replay(events: Array<AlertEvent>): AlertLog
  /** The log with one more event. */
  apply(event: AlertEvent): AlertLog
  /** What is new in the alerts of a run, as events to be kept. */
  news(alerts: Array<Alert>): Array<AlertEvent>
  /** The same as a table, a row each, those begun last first. */
  table(): Table
  /** The log as JSON text: equal for equal histories, in every language. */
  toJson(): string
  toString(): string
  /** The alerts, with where they stand and what was done. */
  get alerts(): Array<KnownAlert>
}

/** The best path that the evidence supports. */
export declare class BestPath {
  /** Whether it differs from the present SOP: where it does not, the present SOP stands. */
  get changed(): boolean
  /** The SOP. */
  get sop(): Sop
  /** What winners do, mined from the earlier won cases; `null` where nobody won. */
  get mined(): Sop | null
  /** What leads to it from the present SOP: a patch as JSON text. */
  get patch(): string
  /** Ids of the proposals it is made of. */
  get proposals(): Array<string>
  /** Ids of proposals that were left out for a constraint, or because they bring too little for their length. */
  get leftOut(): Array<string>
  /** Constraints that cannot be met. */
  get unmet(): Array<Unmet>
  /** Sum of the gains on the later cases; `null` without changes. */
  get gain(): Interval | null
  /** Mean fitness of the later won cases under the present SOP, under this one, and under the mined one. */
  get fitnessOfWinners(): Array<number | null>
  /** What it comes to, in a sentence or two. */
  sentence(lang?: Lang): string
  toString(): string
}

/** What checking a `Corpus` against a `Sop` or `Playbook` found. */
export declare class Check {
  /** Number of cases. */
  get length(): number
  /** The outcome that says which cases are open and won; `null` where the conversations carry none. */
  get outcome(): string | null
  /** One row a case: figures, status, and the outcome. */
  cases(): Table
  /** One row a deviation, with its sentence in English and Chinese. */
  deviations(): Table
  /** One row a distinct path, the most frequent first. */
  variants(): Table
  /** One row a step: how many cases reached it, did it, skipped it, … */
  steps(): Table
  /** One row a rep. */
  reps(): Table
  /** One row a team. */
  teams(): Table
  /** One row a choice at a decision point. */
  choices(): Table
  /**
   * One row a conversation: the stage its deal had reached before, the furthest stage of the steps matched in it, and
   * whether that is a later one.
   */
  stages(): Table
  /** Hints that only the conversations show: names that do not meet, steps and parts of the SOP that no case comes to. */
  lint(): Array<Hint>
  /** One row an uncertain event, those whose labels matter most first. */
  uncertain(): Table
  /** What can be said of a case whose events are not all certain. */
  uncertainty(caseId: string): Uncertainty
  /** Holds what the CRM claims against what the conversations show: stages and fields, case by case, with their days. */
  crm(options: CrmOptions): Promise<CrmTruth>
  /** One row a standard of a step: how often it was measured and met, and whether it can be met at all. */
  standards(): Table
  /** The alignment of one case: its moves, deviations with their sentences, and figures. */
  alignment(caseId: string): Alignment
  /** Weighs every case by a scorecard; `Scorecard.equal` of the SOP where none is given. */
  score(scorecard?: Scorecard | null, options?: WorkOptions): Promise<Scores>
  toString(): string
  /**
   * The path of a case, repaired so that it does some steps where they are planned, and the change of the outcome to be
   * expected of it: the effect among comparable cases. Where there are none, `refusal` says why. All findings are made for it;
   * ask a review where it is one of many.
   */
  whatIf(caseId: string, steps: string[]): WhatIf
  /** First pass over the choices of this check, as one shard of many. */
  screen(options?: ScreenOptions | undefined | null): ScreenLedger
  /** Second pass, under the plan of all shards. */
  tally(plan: Plan): EffectLedger
}

/** Choices with what was known before them and what came of them: for choices that the library does not see itself. */
export declare class ChoiceTable {
  /** A table from columns. They are copied before this returns. */
  static fromColumns(columns: ChoiceInput): Promise<ChoiceTable>
  /** First pass over this table, as one shard of many. */
  screen(): ScreenLedger
  /** Second pass, under the plan of all shards. */
  tally(plan: Plan): EffectLedger
  /** Both passes over this table alone, and its findings. */
  findings(options?: FinishOptions | undefined | null): Array<Finding>
  /** Number of cases. */
  get length(): number
}

/** The clip library (剪辑库): moments of real conversations, kept by people and found again. `store.clips()` opens it. */
export declare class ClipLibrary {
  /** Number of clips. */
  get length(): number
  /** Makes a clip of turns of a conversation. Personal data is taken out of its words unless `redact` is `false`. */
  add(corpus: Corpus, clip: NewClip, at?: number): Promise<Clip>
  /** Changes title, note, tags, folder, kind, step or consent of a clip. */
  change(id: string, change: ClipChange, at?: number): Promise<Clip>
  /** Takes a clip out; the history keeps that it was there, and why it went. */
  remove(id: string, reason: string, at?: number | undefined | null): Promise<void>
  /** Makes a playlist, or puts it in place of that of its name. */
  setPlaylist(playlist: Playlist, at?: number): Promise<void>
  /** Takes a playlist out; its clips stay. */
  removePlaylist(name: string, at?: number | undefined | null): Promise<void>
  /** Writes down that somebody watched a clip. */
  watched(id: string, rep: string, at?: number | undefined | null): Promise<void>
  /** Who watched what, in the order it was written down. */
  watches(): Array<Watched>
  /** All playlists, in the order they were made. */
  playlists(): Array<Playlist>
  /** One clip. */
  get(id: string): Clip
  /** The clips that are asked for; those that fit the words best come first. */
  search(query?: ClipQuery): Array<ClipHit>
  /** The clips as JSON lines, without personal data and without those whose speakers refused. */
  toJsonl(query?: ClipQuery): string
  /** The clips to read, in Markdown; as `toJsonl`. */
  toMarkdown(query?: ClipQuery, lang?: 'en' | 'zh'): string
  /** A list to cut media by, as CSV; as `toJsonl`. */
  cutList(query?: ClipQuery): string
  /** The clips as a table, a row each. */
  table(): Table
  toString(): string
}

/** Where everybody stands in the loop of training (培训—考核—监测—再培训): what its events add up to. */
export declare class CoachingLog {
  /** The state that a history gives. */
  static replay(events: Array<CoachingEvent>): CoachingLog
  /** The state with one more event. */
  apply(event: CoachingEvent): CoachingLog
  /** Where each rep stands with each skill, by rep, then skill. */
  get tracks(): Array<CoachingTrack>
  /** The sessions of a training or clip, to be asked for their effect. */
  sessions(id: string): Array<Training>
  /** All trainings and watched clips with who had them on which day. */
  get trainings(): Array<Training>
  /** Who is below standard (未达标) on a day by what was recorded, and why. */
  belowStandard(on: string): Array<BelowStandard>
  /** The same as a table, a row each. */
  table(): Table
  /** The state as JSON text: equal for equal histories, in every language. */
  toJson(): string
  toString(): string
}

/** What became of a composition: the SOP, where its steps came from, and hints. */
export declare class Composed {
  /** The SOP. */
  get sop(): Sop
  /** Where each step came from. */
  get sources(): Array<{ step: string, of: Array<{ fragment: string, step: string }> }>
  /** What is valid and yet hardly meant: duplicates, standards nobody can meet, needs that no step gives. */
  get hints(): Array<Hint>
  /**
   * Which steps of which fragment pay, in all cases and in each segment, by the findings of a review. `sop` is a later
   * version, if the review was made with one.
   */
  fitMap(review: Review, sop?: Sop | undefined | null): Table
}

/** Fragments and the rules that join them, not yet an SOP. Putting compositions together is associative. */
export declare class Composition {
  /** These fragments, and the rules that join them. */
  static of(fragments: Array<Fragment>, rules?: object): Composition
  /** The same fragments with further rules. */
  withRules(rules: object): Composition
  /** Both, the fragments and rules of the other after those of this one. */
  and(other: Composition): Composition
  /** Ids of the fragments, in order. */
  get fragments(): Array<string>
  /** The rules as YAML. */
  get rules(): string
  /** Joins the fragments into an SOP of that name. */
  compose(name: string): Composed
}

/** Many conversations. Never changes once it is made. */
export declare class Corpus {
  /**
   * Reads a file by its ending: `.jsonl`, `.ndjson`, `.json` (also transcripts of Gong), `.xes`, `.csv`, `.tsv`, `.vtt`,
   * `.srt`, each also `.gz`; a folder of captions; a folder of ConvoKit.
   */
  static read(path: string, options?: ReadOptions): Promise<Corpus>
  /**
   * Conversations as plain objects, or the bytes or text of JSONL or of a JSON list of them. `NaN` or `undefined` for
   * an outcome is an error, and never taken for an open one.
   */
  static fromRecords(records: ReadonlyArray<ConversationRecord> | Uint8Array | string, options?: ReadOptions): Promise<Corpus>
  /** Columns of events, one event a row, and optionally columns of cases and turns. They are copied before this returns. */
  static fromColumns(columns: EventColumns, options?: ReadOptions): Promise<Corpus>
  /** Lays every actual path beside the preset one. */
  check(sop: Sop | Playbook, options?: CheckOptions): Promise<Check>
  /**
   * The corpus with the steps that the host names for each turn, all turns one after the other. With `keep` the step
   * events that are there stay.
   */
  tagLabels(labels: Array<Array<string>>, keep?: boolean | undefined | null): Corpus
  /**
   * The corpus with the steps to which the host gives a probability of at least `atLeast` (0.3 where nothing is said): a
   * row a turn, a column a step, rows one behind the other.
   */
  tagScores(steps: Array<string>, scores: Float32Array, atLeast?: number | undefined | null, keep?: boolean | undefined | null): Corpus
  /** Mines an SOP from the paths: what really happens, as blocks. */
  discover(options?: DiscoverAsked): Promise<Sop>
  /** What directly follows what, a row a pair of steps. */
  directlyFollows(): Promise<Table>
  /** The map of what directly follows what as an SVG drawing: the most frequent edges that make up this share of all times. */
  directlyFollowsSvg(share?: number, lang?: Lang): Promise<string>
  /**
   * The corpus whose cases are deals: the conversations of each deal joined in the order of time; those without a deal
   * stay cases of their own.
   */
  byDeal(options?: DealOptions): Promise<Corpus>
  /** What the cases are: `deal` where the conversations of a deal were joined. */
  get unit(): 'conversation' | 'deal'
  /**
   * One row a conversation: its case and deal, its place in it, days since the one before, its events and turns in the
   * case, and its own outcomes.
   */
  parts(): Table
  /** What was decided where conversations of one deal say different things, each with an example. */
  notes(): Array<Fault>
  /** The notes as a table. */
  notesTable(): Table
  /** Number of conversations. */
  get length(): number
  /** Number of step events. */
  get events(): number
  /** Ids in the order of reading. */
  get ids(): Array<string>
  /** Distinct step labels in the order they were met. */
  get steps(): Array<string>
  /** Names of the attributes. */
  get attributes(): Array<string>
  /** Names of the outcomes. */
  get outcomes(): Array<string>
  /** Fields that were met and not kept, with how often. */
  get unreadFields(): Array<[name: string, count: number]>
  /** One row a conversation. */
  table(): Table
  /**
   * One row a conversation: turns, words, talk share, longest monologue, patience, questions and more; no value where
   * there is nothing to measure it on.
   */
  measures(options?: WorkOptions): Promise<Table>
  /** Records that were left out with `onError: 'collect'`, with their place and reason. */
  problems(): Array<Fault>
  /** The problems as a table. */
  problemsTable(): Table
  /** One conversation in the form `fromRecords` takes; `null` where there is none of this id. */
  conversation(id: string): ConversationRecord | null
  toString(): string
}

/** What the CRM claims against what the conversations show. */
export declare class CrmTruth {
  /** Every claim with what the conversations show, a row each. */
  claims(): Table
  /** Shares by field, of all and of each rep, over the last claim of each case. */
  agreement(): Table
  /** What it comes to: each field, and the reps that claim ahead of the conversations more often than others. */
  sentences(lang?: Lang): Array<string>
}

/** What finds steps in the words of conversations: rules in a file, or what was learned from labelled turns. */
export declare class Detector {
  /** Reads a file: rules in YAML or JSON, or what `save` wrote. */
  static read(path: string): Promise<Detector>
  /** Reads rules as YAML or JSON text. */
  static parse(text: string): Detector
  /** Makes a detector of a plain object of the shape of the file. */
  static fromObject(detector: object): Detector
  /** Reads what `toBytes` gave. */
  static fromBytes(bytes: Buffer): Detector
  /** Learns from the labelled turns of a corpus; turns without a step are examples of none. */
  static fit(corpus: Corpus, options?: DetectorFitOptions): Promise<Detector>
  /** The corpus with the step events that are found. */
  tag(corpus: Corpus, options?: DetectorTagOptions): Promise<Corpus>
  /** The likeliest step of each text, its probability, and how far it is ahead of the next. */
  find(texts: Array<string>, options?: DetectorLookOptions | undefined | null): Table
  /** How well the detector finds what is labelled. */
  evaluate(corpus: Corpus, options?: DetectorLookOptions): Promise<Evaluation>
  /** The turns without a step of which a label would teach most, at most so many (50 where nothing is said). */
  uncertain(corpus: Corpus, most?: number | undefined | null, options?: DetectorLookOptions | undefined | null): Table
  /** Names of the steps it can find. */
  get steps(): Array<string>
  /** Steps that had too few distinct examples to be learned. */
  get leftOut(): Array<string>
  /** Writes the file that `read` reads. */
  save(path: string): void
  /** The bytes of that file; the same detector gives the same bytes. */
  toBytes(): Buffer
  /** The JSON Schema of the file of rules. */
  static jsonSchema(): Record<string, unknown>
  toString(): string
}

/** What differs between two SOPs: the edits, what they mean, and a drawing. */
export declare class Diff {
  /** The edits that lead from the one SOP to the other, bound to the first. */
  get patch(): Patch
  /** What each edit means, in order. */
  get changes(): Array<Change>
  /** What differs, each thing in one sentence; empty where nothing does. */
  sentences(lang?: Lang): Array<string>
  /** Ids of the steps with this mark. */
  steps(mark: 'same' | 'added' | 'dropped' | 'moved' | 'changed'): Array<string>
  /** Both SOPs as one SVG drawing, with what became of each step. */
  toSvg(lang?: Lang): string
}

/** Second pass over the choices of a check, under a plan. Ledgers of one plan add, in any order, to the same bytes. */
export declare class EffectLedger {
  /** Reads what `toBytes` wrote. */
  static fromBytes(bytes: Buffer): EffectLedger
  /** The ledger as JSON. */
  toBytes(): Buffer
  /** The sum of this ledger and another one of the same plan. */
  merge(other: EffectLedger): EffectLedger
  /** The findings under the plan. */
  finish(plan: Plan, options?: FinishOptions | undefined | null): Array<Finding>
}

/** How well a detector finds what is labelled. */
export declare class Evaluation {
  /** Turns that were compared. */
  get turns(): number
  /** Conversations they are of. */
  get conversations(): number
  /** Share of turns of which exactly the labelled steps were found. */
  get accuracy(): number | null
  /** Its 95 % interval. */
  get accuracyInterval(): [number, number] | null
  /** Mean F1 of the labelled steps. */
  get macroF1(): number | null
  /** How far probabilities are from how often they are right, on average. */
  get calibrationError(): number | null
  /** One row a step: precision, recall and F1 with their intervals. */
  steps(): Table
  /** One row a pair of a labelled and a found step. */
  confusion(): Table
  /** One row a tenth of probability: mean probability, and how often it was right. */
  calibration(): Table
  toString(): string
}

/** A piece of a method, such as SPIN: steps with what each needs and gives. */
export declare class Fragment {
  /** Ids of the ready fragments. */
  static readyIds(): Array<string>
  /** A ready fragment, in a language. */
  static ready(id: string, lang?: Lang): Fragment
  /** The file of a ready fragment, to be edited and read again. */
  static readyYaml(id: string, lang?: Lang): string
  /** Reads a file. */
  static read(path: string): Promise<Fragment>
  /** Reads YAML or JSON text. */
  static parse(text: string): Fragment
  /** Makes a fragment of a plain object of the shape of the file. */
  static fromObject(fragment: object): Fragment
  /** The JSON Schema of the fragment file. */
  static jsonSchema(): Record<string, unknown>
  /** Its id, by which rules name it. */
  get id(): string
  /** Its name, for people. */
  get name(): string
  /** What it is good for. */
  get about(): string | null
  /** Its steps by id, as they are written in a file. */
  get steps(): Record<string, Record<string, unknown>>
  /** What has to hold before it. */
  get needs(): Array<string>
  /** What holds after it. */
  get gives(): Array<string>
  /** YAML text; reading it gives an equal fragment. */
  toYaml(): string
  /** JSON text; reading it gives an equal fragment. */
  toJson(): string
}

/** The versions of an SOP, each made of the one before by a patch. Reading one makes every version again. */
export declare class History {
  /** A history that begins with an SOP. */
  constructor(sop: Sop, options?: NoteOptions | undefined | null)
  /** Reads a file. */
  static read(path: string): Promise<History>
  /** Reads YAML or JSON text. */
  static parse(text: string): History
  /** Makes a history of a plain object of the shape of the file. */
  static fromObject(history: object): History
  /** The JSON Schema of the history file. */
  static jsonSchema(): Record<string, unknown>
  /** Adds the version that a patch makes of the last one, and gives it. Versions that are numbers are counted on. */
  push(patch: Patch | Diff, options?: NoteOptions): Sop
  /** Adds the next version as a whole SOP. */
  pushSop(sop: Sop, options?: NoteOptions | undefined | null): Sop
  /** The last version. */
  get head(): Sop
  /** Number of versions. */
  get length(): number
  /** All versions in order. */
  get revisions(): Array<Revision>
  /** A version by its number, counted from 1; `null` if there is none. */
  sop(number: number): Sop | null
  /** The version in force on a day such as `2026-03-01`; `null` before the first. */
  asOf(day: string): Sop | null
  /** What differs between two versions, by their numbers. */
  diff(first: number, second: number): Diff
  /** YAML text; reading it gives an equal history. */
  toYaml(): string
  /** JSON text; reading it gives an equal history. */
  toJson(): string
  /** Whether both say the same. */
  equals(other: History): boolean
}

/**
 * A log of a store and what its entries add up to. An entry that does not follow from those before it is refused, and nothing
 * is written; what was written is on the disk. Any number of these may be open on one store, in many threads.
 */
export declare class KeptLog {
  /** Name of the log: `coaching`, `alerts`, `proposals` or `sops`. */
  get name(): string
  /** What the log adds up to. */
  state(): Promise<KeptState>
  /** What its first entries added up to: so it stood then. */
  stateAfter(entries: number): Promise<KeptState>
  /** Adds an event, or a list of events of which all are added or none; gives the state they lead to. */
  add(events: KeptEvent | Array<KeptEvent>, at?: number): Promise<KeptState>
  /**
   * Keeps what is new in a `ProposalBook`, or in the `History` of an SOP (under `name`; that of the SOP where nothing is
   * said). What is kept is never rewritten: a book or history that does not go on from it is refused.
   */
  save(thing: ProposalBook | History, options?: { name?: string, at?: number }): Promise<KeptState>
  /** The entries from a number on: their number, time (milliseconds since 1970) and record as it is written, which `add` takes. */
  history(from?: number | undefined | null): Promise<Array<KeptEntry>>
  toString(): string
}

/**
 * A conversation that is still running: push steps, see where it stands. What it says of deviations is provisional:
 * later steps may show them in another light.
 */
export declare class LiveSession {
  /** Takes the next step; gives the choices it shows. */
  push(step: string): Array<Choice>
  /** Takes the last step back; gives its label, `null` where there is none. */
  undo(): string | null
  /** The labels pushed so far. */
  get history(): Array<string>
  /** Name of the SOP the conversation is held against. */
  get sop(): string
  /** Steps the SOP plans next. */
  get allowed(): Array<string>
  /** Step last reached; `null` before the first. */
  get point(): string | null
  /** Cost of the conversation so far as the beginning of a run; 0 while it conforms. */
  get cost(): number
  /** Whether the SOP may end here. */
  get mayEnd(): boolean
  /** No deviation so far but accepted ones. */
  get conformsSoFar(): boolean
  /** Deviations so far, all provisional. */
  get deviations(): Array<Deviation>
  /** The cheapest way from here to the end of the SOP. */
  get distanceToEnd(): DistanceToEnd
  /** All that is known of the conversation, at once. */
  get state(): LiveState
  /** The session as text, to go on with later: `sop.resume(text)`. */
  toJson(): string
  /** Bytes of memory the session takes, beside what all sessions share. */
  get bytes(): number
  toString(): string
}

/** Edits of an SOP as data. `sop.diff(other)` makes one, `sop.apply(patch)` makes an SOP by one. */
export declare class Patch {
  /** A patch of these edits, objects as they are written in a file, for any SOP they fit. */
  static of(edits: Array<object>): Patch
  /** Reads YAML or JSON text. */
  static parse(text: string): Patch
  /** Makes a patch of a plain object of the shape of the file. */
  static fromObject(patch: object): Patch
  /** The JSON Schema of the patch file. */
  static jsonSchema(): Record<string, unknown>
  /** The edits, in order, as they are written in a file. */
  get edits(): Array<Record<string, unknown>>
  /** Name, version and hash of the SOP it was made for, `null` if it is bound to none. */
  get base(): { name: string, version?: number | string, hash: string } | null
  /** The same edits, for this SOP alone. */
  boundTo(sop: Sop): Patch
  /** The same edits, for every SOP they fit. */
  unbound(): Patch
  /** The edits of both, one after the other. */
  followedBy(other: Patch): Patch
  /** What each edit means for an SOP, with a sentence. */
  changes(sop: Sop): Array<Change>
  /** YAML text; reading it gives an equal patch. */
  toYaml(): string
  /** JSON text; reading it gives an equal patch. */
  toJson(): string
  /** Whether both say the same. */
  equals(other: Patch): boolean
}

/** The people of a review: skills, gaps, declines, drift and alerts. What takes time is found when it is first asked for, and kept. */
export declare class People {
  /** Each skill of each rep with its interval and tier (分层), a row each. */
  skills(): Table
  /** The skills of one rep. */
  ofRep(rep: string): Array<RepSkill>
  /** The gaps of a rep (弱项), the most worthwhile first, with own turns and what top reps do. */
  gaps(rep: string): Array<SkillGap>
  /**
   * A plan of the largest gaps of a rep, to be changed. `talk` fills in the team's best talk tracks of each step with real
   * snippets, `clips` what to watch.
   */
  plan(rep: string, most?: number | null, talk?: TalkTracks | null, clips?: ClipLibrary | null): CoachingPlan
  /** A rep's ability over time, with its band. */
  ability(rep: string, skill: string): Ability
  /** How new hires come up to the team in a skill. */
  ramp(skill: string): Ramp
  /** Declines in the competences, the latest found first. */
  declines(): Array<Decline>
  /** The control chart of a rep in a skill. */
  watch(rep: string, skill: string, options?: WatchOptions): WatchChart
  /** The effect of a training on a skill, against comparable people who had none of it nor of the trainings in `options.also`. */
  trainingEffect(training: Training | Array<Training>, skill: string, options?: TrainingOptions): TrainingEffect
  /**
   * For whom a training works: its effect among those who stood low and high before, the new and the experienced, each team and
   * kind of case, and whether these differ.
   */
  forWhom(training: Training | Array<Training>, skill: string, options?: TrainingOptions): ForWhom
  /** Assesses a rep's skill on the whole weeks between two days against a pass line. */
  assess(rep: string, skill: string, start: string, end: string, passLine: number, options?: { sure?: number, least?: number }): Assessment
  /** Changes of what people choose and of what customers do; those that are named first. */
  drift(): Array<Drift>
  /** Everything that changed and deserves a look, the latest first; the same cases give the same alerts. */
  alerts(): Array<Alert>
  /** Adherence by week, of all, of each team and of each segment. */
  execution(): Table
  /** Each deviation by week, of all, of each team and of each segment. */
  deviationsByWeek(): Table
  /** Measures of each rep's conversations (talk share, questions, patience, …), drawn together, a row each; no rows without turns. */
  measures(): Table
  /** Which conversations to look at, and why. */
  lookAt(most?: number | undefined | null): Array<LookAt>
  /** Who is below standard (未达标) by what was recorded and by what the cases show, and why. */
  belowStandard(log: CoachingLog): Array<BelowStandard>
  /** The debrief (复盘) of a rep, a team or a case; of all, where nothing is named. */
  debrief(options?: DebriefOptions | undefined | null): string
  /** The page of a rep as HTML that loads nothing. */
  repPage(rep: string, lang?: Lang, log?: CoachingLog): string
  /** The heat map of a team, or of all, as HTML that loads nothing. */
  teamPage(team?: string | null, lang?: Lang): string
  /** The monitor page as HTML that loads nothing. */
  monitorPage(lang?: Lang): string
  toString(): string
}

/**
 * The plan of a pilot (试点), settled before its first case: what is tried and where, by whom, how large an effect is of interest,
 * how many cases that takes, and when to stop. Made by `review.planPilot(…)`.
 */
export declare class PilotPlan {
  /** Reads what `toJson` wrote. */
  static fromJson(text: string): PilotPlan
  /** The plan as JSON: the same plan gives the same text. */
  toJson(): string
  /** SHA-256 of the plan: note it before the start. */
  get hash(): string
  /** The plan as a plain object: who begins when, the planned size, the end. */
  get fields(): PilotFields
  /** Whether a case that begins on a day (such as `2026-12-31`) is to try it; `null` where it takes no part. */
  assigned(caseId: string, rep: string | null, date: string): boolean | null
  /**
   * Judges the pilot by the cases of a check that began up to a day (the last there is where nothing is said). The interval
   * holds whenever one looks.
   */
  judge(check: Check, asOf?: string): Promise<Pilot>
  /** What is planned, in a few sentences. */
  sentence(lang?: Lang): string
  toString(): string
}

/** What is settled before an effect is looked at: what is compared with what, and what is adjusted for. */
export declare class Plan {
  /** The plan of all shards, from the sum of their screen ledgers. */
  static of(screen: ScreenLedger): Plan
  /** Reads what `toBytes` wrote. */
  static fromBytes(bytes: Buffer): Plan
  /** The plan as JSON. */
  toBytes(): Buffer
  /** SHA-256 of the bytes, in hexadecimal. */
  get hash(): string
  /** The outcome compared. */
  get outcome(): string
  /** Attributes adjusted for, beside the rep. */
  get adjustFor(): Array<string>
}

/** Several SOPs with the attributes that say which case takes which. */
export declare class Playbook {
  /** Reads a playbook file; `sop: other.yaml` names a file beside it. */
  static read(path: string): Promise<Playbook>
  /** Reads the text of a playbook whose SOPs all stand in it. */
  static parse(text: string): Playbook
  /** One SOP for each value of an attribute. */
  static by(attribute: string, sops: Record<string, Sop> | Map<string, Sop>): Playbook
  /** The JSON Schema of the playbook file. */
  static jsonSchema(): Record<string, unknown>
  /** The SOPs in the order they are tried. */
  get sops(): Array<Sop>
  /** Opens a live session against the SOP that the attributes choose. */
  live(attributes?: Record<string, string | number | boolean>): LiveSession
  /** Opens a session again from the text that its `toJson` gave. */
  resume(saved: string): LiveSession
  /** YAML text; reading it gives an equal playbook. */
  toYaml(): string
  /** JSON text; reading it gives an equal playbook. */
  toJson(): string
  /** Hints of all its SOPs, and entries that earlier ones leave no case. */
  lint(options?: LintOptions): Array<Hint>
  /** One SVG drawing of its SOPs, each under its name and the cases it is for. */
  toSvg(lang?: Lang): string
  /** Whether both say the same. */
  equals(other: Playbook): boolean
  toString(): string
}

/** What was proposed, what was decided and why, and whether it held up in new conversations. */
export declare class ProposalBook {
  constructor()
  /** Reads what `toJson` wrote. */
  static fromJson(text: string): ProposalBook
  /** The book as JSON. */
  toJson(): string
  /** The same as a table, a row each. */
  table(): Table
  toString(): string
  /** Ids of the proposals of the book, in the order in which they were made. */
  get ids(): Array<string>
  /** Adds the proposals of a review that the book does not have; gives their ids. */
  add(review: Review, note?: DecisionNote): Promise<Array<string>>
  /** Accepts a proposal, with the reason. */
  accept(id: string, note?: DecisionNote): void
  /** Rejects a proposal, with the reason. */
  reject(id: string, note?: DecisionNote): void
  /** An SOP with everything that was accepted. */
  apply(sop: Sop): Sop
  /**
   * Looks at every proposal again in a review of new conversations against the SOP the proposals were made for, and adds
   * what is newly proposed.
   */
  refresh(review: Review, note?: DecisionNote): Promise<Refreshed>
}

/** The whole analysis (全量分析): preset path beside actual path, and what the partings go with. */
export declare class Review {
  /**
   * What a case could have been expected to bring, had it done some steps where they are planned: the least-cost repaired
   * path, and what comparable cases that did them brought, as the findings of this review say it.
   */
  whatIf(caseId: string, steps: string[]): WhatIf
  /** Where the gap in results of a rep, a team or the cases with deviations comes from. Its parts sum to the gap exactly. */
  gap(options?: GapOptions | undefined | null): Gap
  /** The parts of a gap as a table. */
  gapTable(options?: GapOptions | undefined | null): Table
  /** What reading `sample` of the decided conversations by hand would have concluded about these findings. */
  sampleBias(sample: number): SampleBias
  /** The same as a table, a row a finding. */
  sampleBiasTable(sample: number): Table
  /** The people of the review, found once and kept; with options, found anew. */
  people(options?: PeopleOptions): Promise<People>
  /** Each skill of each rep with its interval and tier (分层), a row each. */
  reps(): Table
  /** Changes of what people choose and of what customers do, a row each; those that are named first. */
  drift(): Table
  /** What is done outside the SOP that works (创新点), proven ones first. */
  innovations(): Promise<Array<Innovation>>
  /** Who led the way to a proven innovation (创新者). */
  innovators(): Promise<Array<Innovator>>
  /** Edits of the SOP that the evidence asks for, the largest honest gain first; `patch` is JSON text. */
  proposals(): Promise<Array<Proposal>>
  /** What has to be said before innovations are read, such as `no_dates`. */
  improveNotes(): Promise<Array<string>>
  /** The innovations as a table. */
  innovationsTable(): Promise<Table>
  /** The innovators as a table. */
  innovatorsTable(): Promise<Table>
  /** How the use of each innovation spread, a row an innovation and period. */
  adoptionTable(): Promise<Table>
  /** Unplanned choices too rare to be compared: nothing is dropped. */
  rareTable(): Promise<Table>
  /** The proposals as a table. */
  proposalsTable(): Promise<Table>
  /** The best path that the evidence supports: the present SOP with what is proven to be better, under constraints. */
  bestPath(options?: BestPathAsked): Promise<BestPath>
  /**
   * Holds another version of an SOP against the cases that began up to a day (such as `2026-12-31`): who would no longer conform,
   * what the change would be expected to bring, and since when the data speak for it. Days are counted from 1970-01-01.
   */
  backtest(sop: Sop, options?: BacktestOptions): Promise<Backtest>
  /**
   * What reps do beside the steps (工作习惯): how soon contacts follow each other, through which channels, at what hour, how fast a
   * customer is answered; each against those who do otherwise, clear ones first. `utcOffset` in minutes says where days begin.
   */
  habits(utcOffset?: number | undefined | null): Promise<Array<WorkHabit>>
  /** The habits as a table. */
  habitsTable(utcOffset?: number | undefined | null): Promise<Table>
  /**
   * Plans a pilot (试点) of an innovation's `choice`, or of `{step, after}`: draws who tries it and says how long it takes to
   * show the smallest effect of interest.
   */
  planPilot(choice: PilotChoice | ChoiceId, options: PilotOptions): Promise<PilotPlan>
  /** The check behind the review. */
  get check(): Check
  /** What is said in the conversations (话术), compared as the review compares. `TalkTracks.of` takes options. */
  talkTracks(): Promise<TalkTracks>
  /** What is spoken of (知识点), with the best that is said of it, a row each. */
  knowledgePoints(): Promise<Table>
  /** What each choice goes with: clear ones first, then by size. */
  get findings(): Array<Finding>
  /** The findings as a table. */
  findingsTable(): Table
  /**
   * What to do next in a running conversation: the choices open at this point, those with the best evidence first, and
   * what is better left alone. `attributes` is what is known of the case, such as its segment.
   */
  advise(session: LiveSession, attributes?: Record<string, string | number | boolean>): Advice
  /** The figures the review opens with. */
  get summary(): Summary
  /** The review in a few sentences, the most important first. */
  sentences(lang?: Lang): Array<string>
  /** The report as one HTML page that loads nothing. */
  toHtml(lang?: Lang): Promise<string>
  /** Writes the report. */
  save(path: string, options?: SaveOptions | undefined | null): Promise<void>
  toString(): string
}

/** What steps, standards and feedback are worth, and what deviations take away. Always valid: it cannot be made otherwise. */
export declare class Scorecard {
  /** Reads a YAML or JSON file; the error lists all faults, each with line, place and how to mend it. */
  static read(path: string): Promise<Scorecard>
  /** Reads YAML or JSON text. */
  static parse(text: string): Scorecard
  /** Makes a scorecard of a plain object of the shape of the file. */
  static fromObject(scorecard: object): Scorecard
  /** The one where nothing is said: a point for each agent's step of the flow and each of its standards. */
  static equal(sop: Sop | Playbook): Scorecard
  /** The JSON Schema of the scorecard file. */
  static jsonSchema(): Record<string, unknown>
  /** YAML text; reading it gives an equal scorecard. */
  toYaml(): string
  /** JSON text; reading it gives an equal scorecard. */
  toJson(): string
  /** Whether both say the same. */
  equals(other: Scorecard): boolean
  toString(): string
}

/** The points of all cases of a check, 0 to 100 each. */
export declare class Scores {
  /** Number of cases. */
  get length(): number
  /** One row a case: its score, and the points it is made of. */
  cases(): Table
  /** One row a rep: the mean score of their cases, and what loses them most. */
  reps(): Table
  /** One row a team: the mean score of its cases. */
  teams(): Table
  /** One row a part of the scorecard: how often it counted, and what it costs. */
  parts(): Table
  /** The best conversations, at most so many (20 where nothing is said). */
  best(most?: number | undefined | null): Table
  /** Coaching opportunities (机会点): one row a rep and part that lost points, the most points first. */
  opportunities(): Table
  /**
   * What would be worth clipping, at most so many of each kind (20): moments of the best conversations, and coaching
   * opportunities (机会点), each with its reason. `library.add(corpus, suggestion.clip)` makes it a clip.
   */
  clipSuggestions(most?: number, lang?: 'en' | 'zh'): Array<ClipSuggestion>
  /** The score of one case, point by point. */
  explain(caseId: string): Score
  toString(): string
}

/** First pass over the choices of a check. Ledgers of shards add, in any order, to the same bytes. */
export declare class ScreenLedger {
  /** Reads what `toBytes` wrote. */
  static fromBytes(bytes: Buffer): ScreenLedger
  /** The ledger as JSON. */
  toBytes(): Buffer
  /** The sum of this ledger and another one of the same outcome and attributes. */
  merge(other: ScreenLedger): ScreenLedger
  /** Decided cases. */
  get decided(): number
}

/** Simulated conversations with their SOP and, if asked for, what is true of them. */
export declare class Simulated {
  /** The preset path. */
  get sop(): Sop
  /** The conversations. */
  get corpus(): Corpus
  /** What is true: the effect of each planted choice, who found what, how good each rep is; `null` if it was not asked for. */
  get truth(): Truth | null
}

/** A sales SOP (销售跟进SOP): steps and the preset path through them. Always valid: it cannot be made otherwise. */
export declare class Sop {
  /** Reads a file, BPMN where its name ends in `.bpmn`, YAML or JSON otherwise; the error lists all faults, each with line, place and how to mend it. */
  static read(path: string): Promise<Sop>
  /** Reads YAML or JSON text. */
  static parse(text: string): Sop
  /** Makes an SOP of a plain object of the shape of the file. */
  static fromObject(sop: object): Sop
  /** Reads the text of a BPMN 2.0 file with one process; the error names all that cannot be part of an SOP. */
  static fromBpmn(text: string): Sop
  /** The JSON Schema of the SOP file. */
  static jsonSchema(): Record<string, unknown>
  get name(): string
  /** The version; a number where it is one, `null` where there is none. */
  get version(): number | string | null
  /** The steps in the order of the file, each with its id. */
  get steps(): Array<Step>
  /** The stages in the order of the steps. */
  get stages(): Array<string>
  /** Steps allowed anywhere at no cost. */
  get anytime(): Array<string>
  /** YAML text; reading it gives an equal SOP. */
  toYaml(): string
  /** JSON text; reading it gives an equal SOP. */
  toJson(): string
  /** The graph as a Mermaid flowchart. */
  toMermaid(): string
  /** Hints: what is valid and yet hardly meant, in the order of the file. */
  lint(options?: LintOptions): Array<Hint>
  /** The graph as Graphviz DOT text. */
  toDot(): string
  /** BPMN 2.0 with a drawing, for Camunda Modeler, bpmn-js and others; `Sop.fromBpmn` gives an equal SOP. */
  toBpmn(): string
  /**
   * A Petri net in PNML, on which any exact aligner finds the costs found here. Without attributes it is the whole flow,
   * every `when` block included; with them it is the flow of a case that has these attributes, even if none.
   */
  toPnml(attributes?: Record<string, string | number | boolean>): string
  /** An SVG drawing that needs nothing beside it. */
  toSvg(lang?: Lang): string
  /** Whether both say the same. */
  equals(other: Sop): boolean
  /** A hash of all the SOP says, the same on every machine and in every language. */
  get hash(): string
  /** Places where a step stands in the flow. */
  placesOf(step: string): Array<string>
  /** What differs between this SOP and another: the edits that lead to the other, in words and drawn. */
  diff(other: Sop): Diff
  /** The SOP that a patch makes of this one; the error names all that does not fit. */
  apply(patch: Patch | Diff): Sop
  /**
   * Opens a live session; the attributes of the case choose among `when` blocks and accepted deviations, and
   * `started_at` among them says at which day. Thousands may be open at once.
   */
  live(attributes?: Record<string, string | number | boolean>): LiveSession
  /** Opens a session again from the text that its `toJson` gave; takes as long as pushing its steps again. */
  resume(saved: string): LiveSession
  toString(): string
}

/** The SOPs of a company with their versions. `store.sops()` keeps it. */
export declare class SopArchive {
  /** Names of the SOPs, in the order in which they began. */
  get names(): Array<string>
  /** The versions of an SOP, to be gone on with. */
  history(name: string): History
  /** The SOPs, a row each. */
  table(): Table
  toString(): string
}

/** One file that remembers: clips, SOP versions, the training loop. One process opens it at a time. */
export declare class Store {
  /** Opens the file, and makes it where there is none. */
  static open(path: string): Promise<Store>
  /** The file. */
  get path(): string
  /** Names of the logs in it. */
  logs(): Array<string>
  /** Reads every entry and holds it against its hash; rejects for the first that is not what was written. */
  verify(): Promise<void>
  /** A log as JSON lines. */
  export(log: string): Promise<string>
  /** The clip library in it. */
  clips(): Promise<ClipLibrary>
  /** The loop of training in it: a log of events that add up to a `CoachingLog`. */
  coaching(): Promise<KeptLogOf<CoachingLog>>
  /** The alerts that were told, and what came of them (干预): a log of events that add up to an `AlertLog`. */
  alerts(): Promise<KeptLogOf<AlertLog>>
  /** What was proposed and decided: a log that adds up to a `ProposalBook`. */
  proposals(): Promise<KeptLogOf<ProposalBook>>
  /** The versions of the SOPs: a log that adds up to a `SopArchive`. */
  sops(): Promise<KeptLogOf<SopArchive>>
  /** Closes the file; what is in the library can still be read, but nothing written. */
  close(): void
  toString(): string
}

/** A result with named columns of one length. */
export declare class Table {
  /** What the table is, such as `deviations`. */
  get name(): string
  /** Number of rows. */
  get length(): number
  /** Names of the columns in their order. */
  get columnNames(): Array<string>
  /** What a column holds. */
  columnType(name: string): ColumnType
  /**
   * The values of a column, by its type: `number` and `time` (ms since 1970 UTC) a `Float64Array`, NaN for no value;
   * `boolean` a `Uint8Array` of 1, 0, and 2 for no value; `coded` codes and names; `text` an array with `null` for no
   * value; `numbers` and `texts` an array of arrays.
   */
  column(name: string): ColumnValues
  /** An HTML table of the first rows, everything escaped. */
  toHtml(rows?: number | undefined | null): string
  toString(): string
}

/**
 * What is said at each step and in answer to what customers raise, gathered from real conversations, compared like with like, and
 * looked up (话术, 知识点).
 */
export declare class TalkTracks {
  /** Gathers and ranks what was said at the steps of a check. */
  static of(check: Check, options?: TalkTrackOptions): Promise<TalkTracks>
  /** Reads what `toBytes` wrote. */
  static fromBytes(bytes: Buffer): TalkTracks
  /** Everything the tracks are made of, as JSON, personal data included. */
  toBytes(): Buffer
  /** These tracks with other conversations, checked against the same SOP: the same as if all had been there from the start. */
  append(check: Check, scores?: Array<TalkScore> | undefined | null): Promise<TalkTracks>
  /** One row a topic (知识点): the best that is said of it, and what usually comes next. */
  knowledgePoints(): Table
  /** The tracks of each team by themselves, as counted. */
  byTeam(): Table
  /** The tracks of each rep by themselves, as counted. */
  byRep(): Table
  /** Each track with ten uses against the others of its topic: by the criterion, and by the outcome of the check. */
  get findings(): Array<Finding>
  /** The findings as a table. */
  findingsTable(): Table
  /**
   * The best tracks and the usual next steps for what a customer says, or for a topic by its id or title: the likeliest topic
   * first, at most so many (3 where nothing is said).
   */
  lookUp(words: string, most?: number | undefined | null): Array<TalkAnswer>
  /** Number of tracks. */
  get length(): number
  /** One row a track, by topic and place. */
  tracks(): Table
  /** One row a topic: how much is known of what is said there, and what is missing. */
  coverage(): Table
  /** What customers ask and no step answers. */
  emerging(): Table
  /** Real snippets of a track (10 where nothing is said), the one that stands for it first. */
  snippets(track: number, most?: number | undefined | null): { conversation: string; step: string; turns: [number, number]; raised: string | null; answer: string; reaction: string | null; rep: string | null; team: string | null; at: number | null }[]
  toString(): string
}

/** Options of a back-test. */
export interface BacktestOptions {
  /** The last day on which cases began that count. */
  asOf?: string
  /** Number of the SOP in the playbook. */
  entry?: number
}

/** What a best path has to keep to, and how it is chosen. */
export interface BestPathAsked {
  /** Number of the SOP in the playbook; 0 where nothing is said. */
  entry?: number
  /** Steps that have to be planned. */
  mustContain?: Array<string>
  /** Pairs of steps of which the second may never come before the first. */
  mustPrecede?: Array<[string, string]>
  /** Steps that may not be taken out or left to the rep. */
  mayNotRemove?: Array<string>
  /** Gain that each place added to the flow has to bring; 0.002 where nothing is said. */
  penalty?: number
  /** Share of what is rare that is left out of the SOP mined from winners; 0.2 where nothing is said. */
  noise?: number
}

/** Cases, one a row. */
export interface CaseColumns {
  id: Texts
  /** `rep`, `team`, `deal`, `channel`, `started_at`, outcomes, and attributes. */
  columns?: Record<string, ColumnInput>
  /** Which of `columns` are outcomes; where nothing is said, `won` of true/false and `outcome.<name>`. */
  outcomes?: Array<string | OutcomeInput>
}

/** Options of `check`. */
export interface CheckOptions {
  /**
   * The outcome that says which cases are open and won; `won`, else the first yes/no outcome, where nothing is said.
   * `stage_advanced` is given by the check where the conversations carry none of this name.
   */
  outcome?: string
  /** What a case is: each conversation (the default), or all conversations of a deal, as `byDeal` joins them. */
  unit?: 'conversation' | 'deal'
  /** Events whose probability is below this (0 to 1) are left out of the path; 0.5 where nothing is said. */
  threshold?: number
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how far the work has come. */
  onProgress?: (update: ProgressUpdate) => void
}

/** Cases with their choices, a row a case. */
export interface ChoiceInput {
  /** Name of the outcome; its values stand in `columns`. `won` where nothing is said. */
  outcome?: string
  /** Ids of the cases; their numbers where there are none. */
  id?: Texts
  /** Who is accountable. */
  rep?: Texts
  /** When the case began, in milliseconds since 1970 UTC. */
  time?: Times
  /**
   * All other columns: the outcome (yes/no or numbers, `null` while open), attributes, and yes/no columns of choices (`null`
   * where a case does not stand at the point) and of what was known before.
   */
  columns: Record<string, ColumnInput>
  /** The columns that are choices, with what there is to say of each. */
  choices: Record<string, ChoiceOfColumn>
  /** Attributes that are adjusted for. */
  adjustFor?: Array<string>
}

/** What there is to say of a column of choices. */
export interface ChoiceOfColumn {
  /** What kind of choice, such as `skip`; `add` where nothing is said. */
  kind?: string
  /** The decision point. */
  point?: string
  /** Columns that were known before it: earlier choices and circumstances, adjusted for where they matter. */
  known?: Array<string>
}

/** The cluster of each text: wordings that are nearly the same have one number, the largest cluster 0. */
export declare function cluster(texts: Array<string>, similarity?: number | undefined | null): Array<number>

/** The same by the host's vectors, a row a text. */
export declare function clusterVectors(rows: Rows, similarity: number): Array<number>

/** A column of texts that repeat: `names[codes[row]]`; the code 4294967295 (`0xffffffff`) is no value. */
export interface CodedColumn {
  codes: Uint32Array
  names: Array<string>
}

/** Joins fragments into an SOP. The rules, an object, say which steps are the same and what goes where. */
export declare function compose(name: string, fragments: Array<Fragment>, rules?: object): Composed

/** How deals are joined. */
export interface DealOptions {
  /** What to do with a deal that cannot be, such as one of two customers: `raise` (the default) or `collect`. */
  onError?: 'raise' | 'collect'
}

/** What a debrief is about. */
export interface DebriefOptions {
  /** A rep. */
  rep?: string
  /** Id of a conversation or deal. */
  case?: string
  /** A team. */
  team?: string
  /** HTML; else Markdown. */
  html?: boolean
  /** English where nothing is said. */
  lang?: Lang
}

/** Why, when and by whom something was decided. */
export interface DecisionNote {
  reason?: string
  /** Such as `2026-12-31`. */
  date?: string
  by?: string
}

/** How a detector learns. */
export interface DetectorFitOptions {
  /** A vector for each turn of the corpus. */
  vectors?: Rows
  /** Steps with fewer distinct examples are left out; 5 where nothing is said. */
  leastExamples?: number
  /** How much an example that is not met costs against simple weights; 1 where nothing is said. */
  cost?: number
  /** Whether only conversations outside the test part (SHA-256 of the id mod 5 = 0) are learned from. */
  trainPart?: boolean
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how far the work has come. */
  onProgress?: (update: ProgressUpdate) => void
}

/** How a detector is evaluated, or asked for uncertain turns. */
export interface DetectorLookOptions {
  /** A vector for each turn or text. */
  vectors?: Rows
  /** Whether only conversations of the test part count. */
  testPart?: boolean
  /** Who says the texts: `agent` where nothing is said. */
  speaker?: 'agent' | 'customer' | 'system'
}

/** How a corpus is tagged. */
export interface DetectorTagOptions {
  /** A vector for each turn of the corpus. */
  vectors?: Rows
  /** Step events of less probability are not made; 0.3 where nothing is said. */
  atLeast?: number
  /** Whether step events that are there stay. */
  keep?: boolean
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how far the work has come. */
  onProgress?: (update: ProgressUpdate) => void
}

/** How an SOP is mined. */
export interface DiscoverAsked {
  /** Name of the SOP; `discovered` where nothing is said. */
  name?: string
  /** What is rarer than this share of its strongest alternative may be left out: 0 keeps all; 0.2 where nothing is said. */
  noise?: number
  /** Only cases of which this yes/no outcome is yes. */
  won?: string
  /** Steps that are left out of the paths. */
  leaveOut?: Array<string>
}

/** Events, one a row. Rows of a case need not stand together. */
export interface EventColumns {
  /** Case each event belongs to. */
  case: Texts
  /** Step performed. */
  step: Texts
  /** When, in milliseconds since 1970 UTC; rows of a case are sorted by it. */
  time?: Times
  /** Who did it. */
  rep?: Texts
  /** Number of the turn in its conversation, from 0; `0xffffffff` for none. */
  turn?: Uint32Array
  /** How sure a detector is, 0 to 1; NaN where nothing is said, which means certain. */
  prob?: Float64Array
  /** Columns that hold one value a case. */
  columns?: Record<string, ColumnInput>
  /** Which of `columns` are outcomes; where nothing is said, `won` of true/false and `outcome.<name>`. */
  outcomes?: Array<string | OutcomeInput>
  cases?: CaseColumns
  turns?: TurnColumns
}

/** How findings are made from a ledger. */
export interface FinishOptions {
  /** Lower values of the outcome are the better ones. */
  lowerIsBetter?: boolean
}

/** Whose gap is asked for; where neither a rep nor a team is named, that of the complete cases with deviations. */
export interface GapOptions {
  rep?: string
  team?: string
  /** A rep or team to be held against, instead of the top of its kind. */
  against?: string
}

/**
 * What marks of judges are worth: whether what each calls good goes with results among like cases, how far judges agree, and who
 * is harsher or milder than others on the same cases.
 */
export declare function judgeMarks(check: Check, marks: Array<Mark>, options?: { adjustFor?: Array<string> }): Promise<Judging>

/** How marks are held against results. */
export interface JudgingOptions {
  /** What cases are alike in. */
  adjustFor?: Array<string>
}

/** How hints are found. */
export interface LintOptions {
  /**
   * The day of which is asked whether an accepted deviation is over, such as `2026-05-01`; today in UTC where nothing is
   * said.
   */
  today?: string
}

/** When and why a version was made. */
export interface NoteOptions {
  /** First day it is in force, such as `2026-03-01`. */
  date?: string
  /** Why. */
  reason?: string
  /** Who decided. */
  by?: string
}

/** An outcome and the column it stands in. */
export interface OutcomeInput {
  name: string
  /** The column; the name of the outcome where nothing is said. */
  column?: string
  /** For a column of texts: the value that means yes; every other value means no, none means open. */
  yes?: string
}

/** How far long work has come. */
export interface ProgressUpdate {
  /** What is being done, such as `read` or `check`. */
  stage: string
  /** How much of it is done. */
  done: number
  /** How much there is; 0 where that is not known. */
  total: number
}

/** Ranks tracks by counts: of each its group, how often it went on, and how often it was used. */
export declare function rankTracks(groups: Array<number>, hits: Array<number>, uses: Array<number>): Table

/** How conversations are read. */
export interface ReadOptions {
  /**
   * What to do with a record that cannot be taken in: `raise` (the default) or `collect`, which leaves it out and
   * lists it in `problems()`.
   */
  onError?: 'raise' | 'collect'
  /** Whether consecutive turns of one step make one event; where nothing is said, yes for steps in turns, no for bare steps. */
  mergeRepeats?: boolean
  /** Columns of CSV, attributes of XES or fields of turns that do not have their usual name. */
  case?: string
  step?: string
  time?: string
  rep?: string
  turn?: string
  prob?: string
  speaker?: string
  text?: string
  name?: string
  start?: string
  end?: string
  /** A CSV with a row a case: its id, rep, team, deal, channel, started_at, outcomes and attributes. */
  cases?: string
  /** Which columns or attributes are outcomes; where nothing is said, `won` of true/false and `outcome.<name>`. */
  outcomes?: Array<string | OutcomeInput>
  /**
   * Outcomes that are told by steps, which then leave the paths. With `no` left out, a case without a step of `yes` is
   * a no; with it, a case that has neither is open.
   */
  outcomeSteps?: Record<string, string | string[] | { yes: string | string[]; no?: string | string[] }>
  /** Steps that are taken out of the paths. */
  dropSteps?: Array<string>
  /** Who of the speakers speaks for the company: names or ids, or a field of the speakers with its values for agents. */
  agents?: string | string[] | Record<string, string | string[]>
  /** The answer of Gong's `/v2/calls/extensive` that says who the speakers are. */
  parties?: string
  /** What stands between the columns of CSV; found by itself where nothing is said. */
  delimiter?: string
  /** Which transitions of a step are its events: `completed` (the default), `all`, or the name of a transition. */
  lifecycle?: string
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how far the work has come. */
  onProgress?: (update: ProgressUpdate) => void
}

/** Checks a corpus against its SOP or playbook and says what each choice goes with. */
export declare function review(corpus: Corpus, sop: Sop | Playbook, options?: ReviewOptions): Promise<Review>

/** Options of `review`. */
export interface ReviewOptions {
  /**
   * The outcome that is compared; `won`, else the first yes/no outcome, where nothing is said.
   * `stage_advanced` is given by the check where the conversations carry none of this name.
   */
  outcome?: string
  /** What a case is: each conversation (the default), or all conversations of a deal, as `byDeal` joins them. */
  unit?: 'conversation' | 'deal'
  /** Events whose probability is below this (0 to 1) are left out of the path; 0.5 where nothing is said. */
  threshold?: number
  /**
   * Attributes (or `team`, `channel`) that were known beforehand and are adjusted for; where nothing is said, every attribute
   * with 2 to 20 values that does not tell the outcome.
   */
  adjustFor?: Array<string>
  /** Steps that define the outcome and are not judged. */
  neverChoices?: Array<string>
  /** Lower values of the outcome are the better ones. */
  lowerIsBetter?: boolean
  /**
   * Compares how long it takes to the outcome: the name of a numeric outcome with the days until a case was won or lost (or
   * for which it has been followed while open), or of an attribute with the time of the decision.
   */
  time?: string
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how far the work has come. */
  onProgress?: (update: ProgressUpdate) => void
}

/** Rows of numbers, one behind the other: a row a turn. */
export interface Rows {
  /** All numbers. */
  numbers: Float32Array
  /** Numbers a row. */
  length: number
}

/** How something is kept. */
export interface SaveOptions {
  /** What the archive calls the SOP. */
  name?: string
  /** Milliseconds since 1970; now where nothing is said. */
  at?: number
}

export interface SaveOptions {
  /** Language of the report; English where nothing is said. */
  lang?: Lang
}

/** What a first pass is given; all shards have to be given the same. */
export interface ScreenOptions {
  /** Attributes (or `team`, `channel`) that were known beforehand. */
  adjustFor?: Array<string>
  /** Steps that define the outcome and are not judged. */
  neverChoices?: Array<string>
}

/**
 * Simulated conversations of a sales organisation with their SOP: to try things out, and to see whether they find what is
 * true.
 */
export declare function simulate(n: number, options?: SimulateOptions | undefined | null): Promise<Simulated>

/** How conversations are simulated. */
export interface SimulateOptions {
  /** Language of the words and the SOP; English where nothing is said. */
  lang?: Lang
  /** The same seed gives the same bytes everywhere; 7 where nothing is said. */
  seed?: number
  /** Turns with words (true where nothing is said), or bare steps, which takes a fraction of the time. */
  words?: boolean
  /** Also what is true, which takes as long as some 60,000 conversations without words. */
  truth?: boolean
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how far the work has come. */
  onProgress?: (update: ProgressUpdate) => void
}

/** The host's score of what was said, from 0 to 1. */
export interface TalkScore {
  /** Id of the conversation. */
  conversation: string
  /** A turn of what was said, from 0; all that was said in the conversation where nothing is said. */
  turn?: number
  score: number
}

/** How talk tracks are made. */
export interface TalkTrackOptions {
  /** Only tracks of these steps; all of the agent's planned steps where nothing is said. */
  steps?: Array<string>
  /** How like two wordings of one track are at least, 0 to 1; 0.5 where nothing is said. */
  similarity?: number
  /** Scripts written by experts, by step: they compete. */
  expert?: Record<string, string[]>
  /** Names that are taken out of what is shown. */
  names?: Array<string>
  /** Whether personal data is taken out of what is shown; yes where nothing is said. */
  redact?: boolean
  /** Fewest conversations that ask the same for an emerging topic; 3 where nothing is said. */
  emerging?: number
  /** Attributes (or `team`, `channel`) within which wordings are compared, beside the rep and what was known before. */
  adjustFor?: Array<string>
  /** What tracks are ranked by: `advance` where nothing is said, the name of an outcome, or `score` with `scores`. */
  criterion?: string
  /** The host's own scores. */
  scores?: Array<TalkScore>
  /** What is taken for feedback; `words` where nothing is said. */
  feedback?: Array<'words' | 'asks' | 'objects_again' | 'talks_more' | 'leaves' | 'score'>
  /** A topic of which nothing was said for so many days is `old`; 90 where nothing is said. */
  oldAfter?: number
}

/** Turns, one a row, in their order within each case. */
export interface TurnColumns {
  case: Texts
  /** `agent`, `customer` or `system`. */
  speaker: Texts
  text?: Texts
  name?: Texts
  /** Begin and end, in seconds since the conversation began; NaN for no value. */
  start?: Float64Array
  end?: Float64Array
}

/** The version of the library. */
export declare function version(): string

/** Options of long work. */
export interface WorkOptions {
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how far the work has come. */
  onProgress?: (update: ProgressUpdate) => void
}
