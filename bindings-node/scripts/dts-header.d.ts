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
