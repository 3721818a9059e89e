'use strict'
// The CommonJS door: the native classes, dressed where JavaScript reads better than generated code.

const native = require('./binding.js')

/** Every error of goldpath; `code` is stable and the same in Rust, Python and Node. */
class GoldpathError extends Error {
  constructor(message, code = 'internal', faults = []) {
    super(message)
    this.name = 'GoldpathError'
    this.code = code
    this.faults = faults
  }
}

const { onError, _panic, __napiBindingTarget, ...names } = native
onError((code, message, faults) => new GoldpathError(message, code, JSON.parse(faults)))
const {
  Sop, Playbook, Corpus, Check, ChoiceTable, Review, Scorecard, Scores, Table, LiveSession, EffectLedger, Store, ClipLibrary, Patch, Diff,
  History, Fragment, Composed, Composition, Detector, Evaluation, TalkTracks, BestPath, ProposalBook, PilotPlan,
  People, CoachingLog, AlertLog, KeptLog, SopArchive, Simulated,
} = native

// Results that cross the border as JSON.

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
const camelKeys = (value) => {
  if (Array.isArray(value)) return value.map(camelKeys)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camel(name), camelKeys(inner)]))
}

/** Makes a method or getter that gives JSON give what the JSON says. */
function parsed(holder, name, shape = (value) => value) {
  const property = Object.getOwnPropertyDescriptor(holder, name)
  const kind = property.get ? 'get' : 'value'
  const inner = property[kind]
  const outer = function (...args) {
    const json = inner.apply(this, args)
    return json === null ? null : shape(JSON.parse(json))
  }
  Object.defineProperty(holder, name, { ...property, [kind]: outer })
}

parsed(Sop, 'jsonSchema')
parsed(Playbook, 'jsonSchema')
parsed(Scorecard, 'jsonSchema')
for (const holder of [Patch, History, Fragment]) parsed(holder, 'jsonSchema')
parsed(Patch.prototype, 'edits')
parsed(Patch.prototype, 'base')
parsed(Patch.prototype, 'changes', camelKeys)
parsed(Diff.prototype, 'changes', camelKeys)
parsed(History.prototype, 'revisions')
parsed(Fragment.prototype, 'steps')
parsed(Composed.prototype, 'sources')
parsed(Composed.prototype, 'hints', camelKeys)
parsed(Detector, 'jsonSchema')
parsed(TalkTracks.prototype, 'snippets')
parsed(TalkTracks.prototype, 'findings', camelKeys)
parsed(TalkTracks.prototype, 'lookUp', camelKeys)
parsed(Sop.prototype, 'steps')
parsed(Sop.prototype, 'lint', camelKeys)
parsed(Playbook.prototype, 'lint', camelKeys)
parsed(LiveSession.prototype, 'push')
parsed(LiveSession.prototype, 'deviations', camelKeys)
parsed(LiveSession.prototype, 'distanceToEnd')
parsed(LiveSession.prototype, 'state', camelKeys)
parsed(Corpus.prototype, 'conversation')
parsed(Corpus.prototype, 'problems')
parsed(Corpus.prototype, 'notes')
parsed(Corpus.prototype, 'unreadFields')
parsed(Check.prototype, 'alignment', camelKeys)
parsed(Check.prototype, 'lint', camelKeys)
parsed(Check.prototype, 'uncertainty', camelKeys)
parsed(Scores.prototype, 'explain', camelKeys)
parsed(Review.prototype, 'findings', camelKeys)
parsed(EffectLedger.prototype, 'finish', camelKeys)
parsed(ChoiceTable.prototype, 'findings', camelKeys)
parsed(Check.prototype, 'whatIf', camelKeys)
parsed(Review.prototype, 'whatIf', camelKeys)
parsed(Review.prototype, 'gap', camelKeys)
parsed(Review.prototype, 'sampleBias', camelKeys)
parsed(Review.prototype, 'summary', camelKeys)
parsed(Review.prototype, 'advise', camelKeys)
parsed(Scores.prototype, 'clipSuggestions', camelKeys)
parsed(Simulated.prototype, 'truth', camelKeys)
for (const name of ['watches', 'playlists', 'get', 'search']) parsed(ClipLibrary.prototype, name, camelKeys)

for (const name of ['unmet', 'gain', 'fitnessOfWinners']) parsed(BestPath.prototype, name, camelKeys)

/** Makes a method that promises JSON promise what the JSON says. */
function parsedLater(holder, name, shape = camelKeys) {
  const inner = holder[name]
  holder[name] = function (...args) {
    return inner.apply(this, args).then((json) => shape(JSON.parse(json)))
  }
}

for (const name of ['innovations', 'innovators', 'proposals', 'backtest', 'habits']) parsedLater(Review.prototype, name)
parsedLater(ProposalBook.prototype, 'refresh')
parsedLater(PilotPlan.prototype, 'judge')
parsed(PilotPlan.prototype, 'fields', camelKeys)
parsedLater(KeptLog.prototype, 'history', (value) => value)
for (const name of ['ofRep', 'gaps', 'plan', 'ability', 'ramp', 'declines', 'watch', 'trainingEffect', 'forWhom', 'assess', 'drift', 'alerts', 'lookAt', 'belowStandard']) {
  parsed(People.prototype, name, camelKeys)
}
for (const name of ['tracks', 'sessions', 'trainings', 'belowStandard']) parsed(CoachingLog.prototype, name, camelKeys)
for (const name of ['news', 'alerts']) parsed(AlertLog.prototype, name, camelKeys)

// Arguments that JavaScript prepares.

/** Replaces a static method by one that gets the native one as its first argument. */
function prepare(holder, name, prepared) {
  const inner = holder[name].bind(holder)
  holder[name] = (...args) => prepared(inner, ...args)
}

for (const [holder, name, place] of [
  [Sop, 'fromObject', 'sop'], [Scorecard, 'fromObject', 'scorecard'], [Patch, 'fromObject', 'patch'], [Patch, 'of', 'edits'],
  [History, 'fromObject', 'history'], [Fragment, 'fromObject', 'fragment'], [Detector, 'fromObject', 'detector'],
]) {
  prepare(holder, name, (fromJson, object) => {
    let json
    try {
      json = JSON.stringify(object)
    } catch (error) {
      throw argumentError(place, `not plain data: ${error.message.split('\n')[0]}`)
    }
    if (json === undefined) throw argumentError(place, 'expected a plain object')
    return fromJson(json)
  })
}

/** Makes a method take a plain object, at a place among its arguments, as JSON. */
function takesObject(holder, name, place, what, shape = (value) => value) {
  const inner = holder[name]
  holder[name] = function (...args) {
    if (args[place] !== undefined && args[place] !== null) {
      if (typeof args[place] !== 'object') throw argumentError(what, 'expected a plain object')
      args[place] = JSON.stringify(args[place])
    }
    const result = inner.apply(this, args)
    return typeof result?.then === 'function' ? result.then(shape) : result
  }
}

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const snakeKeys = (value) => {
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  if (Array.isArray(value)) return value.map(snakeKeys)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snake(name), snakeKeys(inner)]))
}

/** As `takesObject`, with the names of the fields as the core has them. */
function takesOptions(holder, name, place, what) {
  takesObject(holder, name, place, what)
  const inner = holder[name]
  holder[name] = function (...args) {
    if (typeof args[place] === 'object') args[place] = snakeKeys(args[place])
    return inner.apply(this, args)
  }
}
takesOptions(Review.prototype, 'people', 0, 'options')
takesObject(Check.prototype, 'crm', 0, 'options')
takesOptions(Review.prototype, 'planPilot', 0, 'choice')
takesOptions(Review.prototype, 'planPilot', 1, 'options')
takesOptions(People.prototype, 'watch', 2, 'options')
for (const name of ['trainingEffect', 'forWhom']) {
  takesOptions(People.prototype, name, 0, 'training')
  takesOptions(People.prototype, name, 2, 'options')
}
takesOptions(People.prototype, 'assess', 5, 'options')
for (const holder of [CoachingLog, AlertLog]) {
  takesOptions(holder, 'replay', 0, 'events')
  takesOptions(holder.prototype, 'apply', 0, 'event')
}
takesOptions(AlertLog.prototype, 'news', 0, 'alerts')
takesObject(KeptLog.prototype, 'add', 0, 'events')
const addAsWritten = KeptLog.prototype.add
KeptLog.prototype.add = function (events, at) {
  // Steps and edits of an SOP may have any name: those are left as they are.
  return addAsWritten.call(this, ['coaching', 'alerts'].includes(this.name) ? snakeKeys(events) : events, at)
}

const fromJson = (json) => camelKeys(JSON.parse(json))
takesObject(names, 'compose', 2, 'rules')
takesOptions(names, 'judgeMarks', 1, 'marks')
parsedLater(names, 'judgeMarks')
takesObject(Composition, 'of', 1, 'rules')
takesObject(Composition.prototype, 'withRules', 0, 'rules')
takesObject(ClipLibrary.prototype, 'add', 1, 'clip', fromJson)
takesObject(ClipLibrary.prototype, 'change', 1, 'change', fromJson)
takesObject(ClipLibrary.prototype, 'setPlaylist', 0, 'playlist')
for (const name of ['search', 'toJsonl', 'toMarkdown', 'cutList']) takesObject(ClipLibrary.prototype, name, 0, 'query')

prepare(Playbook, 'by', (by, attribute, sops) => {
  const entries = sops instanceof Map ? [...sops] : Object.entries(sops)
  return by(attribute, entries.map(([value]) => String(value)), entries.map(([, sop]) => sop))
})

prepare(Corpus, 'fromRecords', async (fromJson, records, options) => {
  if (typeof records === 'string') return fromJson(Buffer.from(records), false, options)
  if (records instanceof Uint8Array) return fromJson(Buffer.from(records.buffer, records.byteOffset, records.byteLength), false, options)
  if (!Array.isArray(records)) throw argumentError('records', 'expected an array of conversations, or the bytes or text of JSONL')
  return fromJson(Buffer.from(Array.from(records, recordJson).join('\n')), true, options)
})

// What gives a promise never throws: a wrong argument rejects it too. What was aborted is rejected with the signal's reason.
for (const [holder, name] of [
  [Sop, 'read'], [Playbook, 'read'], [Corpus, 'read'], [Corpus, 'fromColumns'], [Corpus, 'fromRecords'], [Corpus.prototype, 'check'], [Corpus.prototype, 'byDeal'],
  [Corpus.prototype, 'measures'], [Check.prototype, 'score'], [Check.prototype, 'crm'], [Scorecard, 'read'], [History, 'read'], [Fragment, 'read'],
  [Store, 'open'], ...['verify', 'export', 'clips', 'coaching', 'alerts', 'proposals', 'sops'].map((name) => [Store.prototype, name]),
  ...['state', 'stateAfter', 'add', 'save', 'history'].map((name) => [KeptLog.prototype, name]),
  ...['add', 'change', 'remove', 'setPlaylist', 'removePlaylist', 'watched'].map((name) => [ClipLibrary.prototype, name]),
  [Detector, 'read'], [Detector, 'fit'], [Detector.prototype, 'tag'], [Detector.prototype, 'evaluate'], [TalkTracks, 'of'], [TalkTracks.prototype, 'append'],
  [Review.prototype, 'toHtml'], [Review.prototype, 'save'], [Review.prototype, 'people'], [Review.prototype, 'planPilot'], [PilotPlan.prototype, 'judge'],
  [names, 'review'], [names, 'judgeMarks'], [names, 'simulate'],
]) {
  const inner = holder[name]
  holder[name] = async function (...args) {
    try {
      return await inner.apply(this, args)
    } catch (error) {
      const signal = args.at(-1)?.signal
      throw error?.code === 'cancelled' && signal?.aborted ? signal.reason : error
    }
  }
}

function argumentError(place, message, help = '') {
  const fault = { code: 'argument.invalid', place, message, help }
  return new GoldpathError(`${place}: ${message}`, fault.code, [fault])
}

// JSON.stringify makes null of NaN, and nothing of undefined: an outcome nobody knows would become an open one. Such
// values go to the core as the bare words they are; it refuses them with record and field.
const WORD = '\u0000goldpath:'
const WORDS = /"\\u0000goldpath:([^"]*)"/g
const DEEPEST = 120

function recordJson(record) {
  if (!odd(record, 0) && !oddOutcome(record)) return JSON.stringify(record) ?? 'undefined'
  const word = (value) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return WORD + value
    return ['bigint', 'function', 'symbol'].includes(typeof value) ? WORD + typeof value : value
  }
  const plain = (value, depth) => {
    if (value === null || typeof value !== 'object' || value instanceof Date) return word(value)
    if (depth > DEEPEST) return `${WORD}circular`
    if (Array.isArray(value)) return value.map((inner) => plain(inner, depth + 1))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner, depth + 1)]))
  }
  const copy = plain(record, 0)
  for (const name of Object.keys(copy?.outcome ?? {})) copy.outcome[name] ??= record.outcome[name] === undefined ? `${WORD}undefined` : null
  return JSON.stringify(copy).replace(WORDS, '$1')
}

function odd(value, depth) {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (value === null || typeof value !== 'object') return ['bigint', 'function', 'symbol'].includes(typeof value)
  if (depth > DEEPEST) return true
  if (Array.isArray(value)) return value.some((inner) => odd(inner, depth + 1))
  for (const name in value) if (odd(value[name], depth + 1)) return true
  return false
}

function oddOutcome(record) {
  const outcome = record?.outcome
  return outcome !== null && typeof outcome === 'object' && Object.values(outcome).includes(undefined)
}

// Rows of a table, made of its columns.

const NONE = 0xffffffff
const readers = {
  number: (values) => (row) => (Number.isNaN(values[row]) ? null : values[row]),
  time: (values) => (row) => (Number.isNaN(values[row]) ? null : new Date(values[row])),
  boolean: (values) => (row) => (values[row] === 2 ? null : values[row] === 1),
  coded: ({ codes, names }) => (row) => (codes[row] === NONE ? null : names[codes[row]]),
}
const plainReader = (values) => (row) => values[row]

function* rowsOf(table) {
  const columns = table.columnNames.map((name) => [name, (readers[table.columnType(name)] ?? plainReader)(table.column(name))])
  for (let row = 0; row < table.length; row++) {
    const object = {}
    for (const [name, read] of columns) object[name] = read(row)
    yield object
  }
}

const define = (holder, name, value) => Object.defineProperty(holder, name, { value, configurable: true, writable: true })
define(Table.prototype, Symbol.iterator, function () {
  return rowsOf(this)
})
define(Table.prototype, 'rows', function () {
  return [...this]
})
define(Table.prototype, 'toJSON', function () {
  return [...this]
})

for (const { prototype } of [Sop, Playbook, Corpus, Check, Review, Scorecard, Scores, Table, LiveSession, Store, ClipLibrary, Patch, Diff, History, Fragment, Composed, Detector, Evaluation, TalkTracks, CoachingLog, AlertLog, ProposalBook, People, KeptLog, SopArchive]) {
  define(prototype, Symbol.for('nodejs.util.inspect.custom'), function () {
    return this.toString()
  })
}

module.exports = { ...names, GoldpathError }
