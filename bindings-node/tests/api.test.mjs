// The whole flow as a user of the package writes it.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import * as goldpath from '../index.mjs'

const {
  Check, ChoiceTable, Corpus, EffectLedger, GoldpathError, LiveSession, Plan, Playbook, Review, Scorecard, Scores, ScreenLedger, Sop, Table, review,
} = goldpath
const folder = mkdtempSync(join(tmpdir(), 'goldpath-'))
const text = `
format: goldpath/1
name: 演示 demo
version: 3
steps:
  open: {title: 开场, stage: 初次接触}
  need: {title: 需求, stage: 需求, standards: [{questions: {at_least: 3}}]}
  objection: {by: customer}
  close: {}
  thanks: {}
flow: [open, need, {when: {segment: enterprise}, then: [objection]}, close]
anytime: [thanks]
`
const sop = Sop.parse(text)
const records = [
  { id: 'c1', rep: 'ann', team: 'a', startedAt: new Date('2026-03-01T09:00:00Z'), steps: ['open', 'need', 'close'], outcome: { won: true } },
  { id: 'c2', rep: 'bob', team: 'a', steps: ['open', 'close'], outcome: { won: false }, attributes: { segment: 'smb', size: 3, vip: true } },
  { id: 'c3', rep: 'ann', steps: ['open', { step: 'golf', prob: 0.9 }], outcome: { won: null } },
  { id: 'c4', turns: [{ speaker: 'agent', text: '您好', steps: ['open'] }, { speaker: 'customer', text: '你好', start: 1.5 }] },
]

test('both doors open on the same module', () => {
  const required = createRequire(import.meta.url)('../index.js')
  assert.deepEqual(Object.keys(required).sort(), Object.keys(goldpath).filter((name) => name !== 'default').sort())
  assert.equal(required.Sop, Sop)
  assert.equal(required.version(), JSON.parse(readFileSync(new URL('../package.json', import.meta.url))).version)
})

test('a Sop is read, written and drawn', async () => {
  writeFileSync(join(folder, 'sop.yaml'), text)
  const read = await Sop.read(join(folder, 'sop.yaml'))
  assert.ok(read.equals(sop))
  assert.ok(Sop.parse(sop.toYaml()).equals(sop))
  assert.ok(Sop.fromObject(JSON.parse(sop.toJson())).equals(sop))
  assert.ok(!Sop.parse(text.replace('version: 3', 'version: spring')).equals(sop))
  assert.deepEqual([sop.name, sop.version, sop.stages, sop.anytime], ['演示 demo', 3, ['初次接触', '需求'], ['thanks']])
  assert.deepEqual(sop.steps[0], { id: 'open', title: '开场', stage: '初次接触' })
  assert.deepEqual(sop.steps[1].standards, [{ questions: { at_least: 3 } }])
  assert.equal(sop.steps[2].by, 'customer')
  assert.match(sop.toMermaid(), /flowchart/)
  assert.equal(Sop.jsonSchema().title, 'goldpath SOP')
  assert.match(String(sop), /^Sop\("演示 demo" v3, 5 steps/)
  assert.equal(inspect(sop), String(sop))
})

test('a live session says where a conversation stands', () => {
  const session = sop.live({ segment: 'enterprise' })
  assert.ok(session instanceof LiveSession)
  assert.equal(session.point, null)
  session.push('open')
  assert.deepEqual(session.allowed, ['need'])
  session.push('need')
  assert.deepEqual(session.push('close').map(({ chosen, step, point }) => [chosen, step, point]).at(-1), ['done', 'close', 'need'])
  assert.equal(session.mayEnd, true)
  assert.equal(session.point, 'close')
  assert.match(inspect(session), /LiveSession/)
  const skipped = sop.live()
  skipped.push('open')
  assert.deepEqual(skipped.push('close')[0], { point: 'open', visit: 1, chosen: 'skipped', step: 'need', event: 1 })
  assert.equal(skipped.cost, 1)
})

test('a Playbook goes where a Sop goes', async () => {
  const other = Sop.parse(text.replace('演示 demo', 'other'))
  const playbook = Playbook.by('segment', { smb: sop, enterprise: other })
  assert.deepEqual(playbook.sops.map(({ name }) => name), ['演示 demo', 'other'])
  assert.ok(Playbook.by('segment', new Map([['smb', sop], ['enterprise', other]])).equals(playbook))
  assert.ok(Playbook.parse(playbook.toYaml()).equals(playbook))
  assert.ok(Playbook.parse(playbook.toJson()).equals(playbook))
  writeFileSync(join(folder, 'playbook.yaml'), playbook.toYaml())
  assert.ok((await Playbook.read(join(folder, 'playbook.yaml'))).equals(playbook))
  assert.equal(Playbook.jsonSchema().title, 'goldpath Playbook')
  assert.match(inspect(playbook), /Playbook\(2 SOPs/)
  const corpus = await Corpus.fromRecords(records)
  const check = await corpus.check(playbook)
  assert.deepEqual(check.cases().rows().map(({ sop }) => sop), [null, '演示 demo', null, null])
  assert.equal((await review(corpus, playbook)).summary.unchecked, 3)
})

test('standards are measured on the turns', async () => {
  const sop = Sop.parse('{format: goldpath/1, name: x, steps: {need: {standards: [{questions: {at_least: 2}, title: 多问}]}}, flow: [need]}')
  const turns = [{ speaker: 'agent', text: '几个人用？', steps: ['need'] }, { speaker: 'customer', text: '十个' }]
  const corpus = await Corpus.fromRecords([{ id: 'c1', turns }])
  const check = await corpus.check(sop)
  const [deviation] = check.alignment('c1').deviations
  assert.deepEqual(deviation.standard, { name: '多问', key: 'questions', measure: 'questions', value: 1, unit: 'count', atLeast: 2, atMost: null, after: null })
  assert.equal(deviation.sentenceZh, '“need”未达标（多问）：提问 1 个，要求至少 2 个。')
  assert.deepEqual(check.standards().rows().map(({ step, failed, never_met: never }) => [step, failed, never]), [['need', 1, true]])
  const [measures] = (await corpus.measures({ onProgress: () => {} })).rows()
  assert.deepEqual([measures.questions, measures.words, measures.duration, measures.talk_share_of], [1, 6, null, 'words'])
  const reason = new Error('enough')
  await assert.rejects(corpus.measures({ signal: AbortSignal.abort(reason) }), reason)
})

test('scores are explained point by point', async () => {
  const check = await (await Corpus.fromRecords(records)).check(sop)
  const card = Scorecard.fromObject({ format: 'goldpath/scorecard/1', steps: { open: 1, need: 3 }, deviations: { skipped: -1 } })
  assert.ok(Scorecard.parse(card.toYaml()).equals(card) && Scorecard.parse(card.toJson()).equals(card))
  writeFileSync(join(folder, 'card.yaml'), card.toYaml())
  assert.ok((await Scorecard.read(join(folder, 'card.yaml'))).equals(card))
  assert.equal(Scorecard.jsonSchema().title, 'goldpath scorecard')
  const scores = await check.score(card, { onProgress: () => {} })
  assert.ok(scores instanceof Scores)
  assert.deepEqual(scores.cases().rows().map(({ score }) => score), [100, 0, 100, 100])
  const { score, penalty, parts } = scores.explain('c2')
  assert.deepEqual([score, penalty, parts.map(({ kind, state }) => `${kind} ${state}`)], [0, -1, ['step full', 'step lost', 'deviation lost']])
  assert.equal(parts[1].sentenceEn, '“需求”: 0 of 3 points. “需求” was skipped; it is due after “开场”.')
  assert.deepEqual(scores.opportunities().rows().map(({ rep, name }) => [rep, name]), [['bob', '需求'], ['bob', 'skipped']])
  assert.deepEqual([scores.best(1).length, scores.reps().length, scores.teams().length, scores.parts().length, scores.length], [1, 2, 1, 3, 4])
  assert.match(inspect(scores), /Scores\(4 cases/)
  assert.match(inspect(Scorecard.equal(sop)), /Scorecard\(3 steps, 1 standards/)
  assert.equal((await check.score()).length, 4)
  await assert.rejects(check.score(Scorecard.parse('{format: goldpath/scorecard/1, steps: {nowhere: 1}}')), { code: 'scorecard.unknown_step' })
  assert.throws(() => Scorecard.parse('{format: goldpath/scorecard/1}'), { code: 'scorecard.empty' })
})

test('records become a corpus, and come back', async () => {
  const corpus = await Corpus.fromRecords(records)
  assert.deepEqual([corpus.length, corpus.events, corpus.ids], [4, 8, ['c1', 'c2', 'c3', 'c4']])
  assert.deepEqual([corpus.steps, corpus.outcomes], [['open', 'need', 'close', 'golf'], ['won']])
  assert.deepEqual(corpus.attributes, ['segment', 'size', 'vip'])
  assert.deepEqual([corpus.problems(), corpus.unreadFields, corpus.problemsTable().length], [[], [], 0])
  assert.equal(corpus.conversation('c1').started_at, '2026-03-01T09:00:00Z')
  assert.equal(corpus.conversation('nobody'), null)
  const again = await Corpus.fromRecords(corpus.ids.map((id) => corpus.conversation(id)))
  assert.deepEqual(again.table().rows(), corpus.table().rows())
  assert.equal(inspect(corpus), 'Corpus(4 conversations, 8 step events, 2 turns)')
  const lines = records.map((record) => JSON.stringify(record)).join('\n')
  for (const same of [lines, Buffer.from(lines), new Uint8Array(Buffer.from(JSON.stringify(records)))]) {
    assert.deepEqual((await Corpus.fromRecords(same)).ids, corpus.ids)
  }
  writeFileSync(join(folder, 'calls.jsonl.gz'), gzipSync(lines))
  assert.deepEqual((await Corpus.read(join(folder, 'calls.jsonl.gz'))).table().rows(), corpus.table().rows())
  assert.equal((await Corpus.fromRecords([{ id: 'm', steps: ['a', 'a', 'b'] }], { mergeRepeats: true })).events, 2)
  assert.deepEqual((await Corpus.fromRecords([{ id: 'x', a: 1, attributes: { a: 2 } }])).unreadFields.length <= 1, true)
})

test('columns become the same corpus', async () => {
  const codes = Uint32Array.from([0, 0, 0, 1, 1, 2, 2])
  const case_ = { codes, names: ['c1', 'c2', 'c3'] }
  const step = { codes: Uint32Array.from([0, 1, 2, 0, 2, 0, 3]), names: ['open', 'need', 'close', 'golf'] }
  const start = Date.UTC(2026, 2, 1)
  const cases = {
    id: ['c1', 'c2', 'c3'],
    columns: {
      stage: ['Won', 'Lost', null],
      value: [10, 0.5, null],
      vip: [true, null, false],
      started_at: [new Date(start), null, new Date(start)],
      size: Float64Array.from([1, 2, 3]),
    },
    outcomes: [{ name: 'won', column: 'stage', yes: 'Won' }, 'value'],
  }
  const turns = { case: ['c1', 'c1'], speaker: ['agent', 'customer'], text: ['您好', null], start: Float64Array.from([0, 1.5]) }
  const turn = Uint32Array.from([0, 0xffffffff, 1, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff])
  const prob = Float64Array.from([1, 0.5, NaN, 1, 1, 1, 1])
  const time = BigInt64Array.from([0n, 60_000n, 120_000n, 0n, 1n, 0n, 1n].map((ms) => BigInt(start) + ms))
  const corpus = await Corpus.fromColumns({ case: case_, step, time, turn, prob, rep: ['a', 'a', 'a', 'b', 'b', 'c', null], cases, turns })
  const rows = corpus.table().rows()
  assert.deepEqual(rows.map((row) => [row.id, row['outcome.won'], row['outcome.value'], row.vip, row.size, row.rep]), [
    ['c1', true, 10, true, 1, 'a'], ['c2', false, 0.5, null, 2, 'b'], ['c3', null, null, false, 3, 'c'],
  ])
  assert.equal(rows[0].started_at.getTime(), start)
  assert.equal(corpus.conversation('c1').turns[0].text, '您好')
  assert.equal(corpus.conversation('c1').turns[1].start, 1.5)
  const shuffled = await Corpus.fromColumns({ case: ['b', 'a', 'b'], step: ['2', '1', '1'], time: Float64Array.from([2, 1, 1]) })
  assert.deepEqual(shuffled.conversation('b').steps.map(({ step }) => step), ['1', '2'])
  await assert.rejects(Corpus.fromColumns({ case: ['a'], step: ['1', '2'] }), { code: 'argument.invalid', message: /rows/ })
  const bad = { codes: Uint32Array.from([7]), names: ['open'] }
  await assert.rejects(Corpus.fromColumns({ case: ['a'], step: bad }), (error) => error instanceof GoldpathError && /row 0/.test(error.message))
  const mixed = { case: ['a'], step: ['1'], cases: { id: ['a', 'b'], columns: { won: [true, 1] }, outcomes: ['won'] } }
  await assert.rejects(Corpus.fromColumns(mixed), (error) => error instanceof GoldpathError && /won/.test(error.message))
  mixed.cases.columns.won = Float64Array.from([1, NaN])
  await assert.rejects(Corpus.fromColumns(mixed), { code: 'corpus.not_a_number', message: /won.*row 1/ })
})

test('a check gives tables and alignments', async () => {
  const check = await (await Corpus.fromRecords(records)).check(sop)
  assert.ok(check instanceof Check)
  assert.deepEqual([check.length, check.outcome], [4, 'won'])
  for (const name of ['cases', 'deviations', 'variants', 'steps', 'reps', 'teams', 'choices']) {
    const table = check[name]()
    assert.ok(table instanceof Table)
    assert.equal(table.name, name)
    assert.equal(table.rows().length, table.length)
    assert.ok(table.length > 0)
  }
  const found = check.alignment('c2')
  assert.deepEqual([found.cost, found.status, found.fullyConforms, found.prefixStop], [1, 'complete', false, 'close'])
  assert.deepEqual(found.moves.map(({ kind, step }) => `${kind} ${step}`), ['matched open', 'skipped need', 'matched close'])
  assert.equal(found.deviations[0].sentenceEn, '“需求” was skipped; it is due after “开场”.')
  assert.match(found.deviations[0].sentenceZh, /跳过了“需求”/)
  assert.ok('dueAfter' in found.deviations[0])
  assert.throws(() => check.alignment('nobody'), { code: 'check.unknown_case' })
  await assert.rejects((await Corpus.fromRecords(records)).check(sop, { outcome: 'revenue' }), GoldpathError)
  assert.match(inspect(check), /^Check\(4 cases/)
})

test('a table gives rows, columns and text', async () => {
  const check = await (await Corpus.fromRecords(records)).check(sop)
  const table = check.cases()
  assert.equal(table.columnNames[0], 'case_id')
  assert.ok(table.column('fitness') instanceof Float64Array)
  assert.ok(table.column('conforms_so_far') instanceof Uint8Array)
  const { codes, names } = table.column('rep')
  assert.ok(codes instanceof Uint32Array)
  assert.deepEqual([...codes].map((code) => names[code] ?? null), ['ann', 'bob', 'ann', null])
  assert.deepEqual(table.column('case_id'), ['c1', 'c2', 'c3', 'c4'])
  assert.deepEqual(check.variants().column('steps')[0], ['open', 'need', 'close'])
  assert.deepEqual([table.columnType('rep'), table.columnType('fitness'), check.deviations().columnType('turns')], ['coded', 'number', 'numbers'])
  assert.throws(() => table.column('nope'), (error) => error instanceof GoldpathError && /columns: case_id/.test(error.message))
  const seen = []
  for (const row of table) seen.push(row.fully_conforms)
  assert.deepEqual(seen, [true, false, null, null])
  assert.deepEqual(JSON.parse(JSON.stringify(table))[0].case_id, 'c1')
  assert.match(String(table), /cases \(4 rows\)/)
  assert.equal(inspect(table), String(table))
  assert.match(table.toHtml(), /<table>/)
})

test('choices of the host go through the same engine', async () => {
  const n = 600
  const eager = Array.from({ length: n }, (_, i) => i % 3 === 0)
  const discount = Array.from({ length: n }, (_, i) => (i % 10 === 0 ? null : i % 2 === 0))
  const won = Array.from({ length: n }, (_, i) => (i % 17 === 0 ? null : i % 5 < 2))
  const rep = Array.from({ length: n }, (_, i) => `r${i % 7}`)
  const segment = Array.from({ length: n }, (_, i) => 'ab'[i % 2])
  const input = { rep, columns: { eager, discount, won, segment }, choices: { discount: { point: 'price', known: ['eager'] } }, adjustFor: ['segment'] }
  const table = await ChoiceTable.fromColumns(input)
  assert.equal(table.length, n)
  const plan = Plan.of(table.screen())
  assert.deepEqual(table.tally(plan).finish(plan), table.findings())
  assert.equal(table.findings()[0].point, 'price')
  assert.throws(() => ChoiceTable.fromColumns({ ...input, outcome: 'nothing' }), { code: 'argument.invalid' })
  assert.throws(() => ChoiceTable.fromColumns({ ...input, choices: { discount: { kind: 'magic' } } }), { code: 'argument.invalid' })
  await assert.rejects(ChoiceTable.fromColumns({ ...input, choices: { segment: {} } }), { code: 'argument.invalid' })
})

test('what-if, gap and sample are plain objects', async () => {
  const sop = Sop.parse('{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, need, price, close]}')
  const records = Array.from({ length: 900 }, (_, i) => ({
    id: `c${i}`,
    rep: `r${i % 6}`,
    steps: i % 6 >= (i >> 3) % 6 ? ['open', 'price', 'close'] : ['open', 'need', 'price', 'close'],
    outcome: { won: (i * 7) % 10 < (i % 6 >= (i >> 3) % 6 ? 3 : 7) },
  }))
  const made = await review(await Corpus.fromRecords(records), sop)
  const { repair, changes, refusal } = made.whatIf('c5', ['need'])
  assert.deepEqual(repair.steps.map((step) => [step.kind, step.step])[1], ['inserted', 'need'])
  assert.equal(changes.length, 1)
  assert.deepEqual(made.check.whatIf('c5', ['need']).repair, repair)
  assert.ok(refusal === null || typeof refusal === 'string')
  assert.throws(() => made.whatIf('nobody', ['need']), { code: 'check.unknown_case' })
  const gap = made.gap({ rep: 'r5' })
  assert.equal(gap.parts.reduce((sum, part) => sum + part.share, 0), gap.gap.estimate)
  assert.equal(made.gapTable({ rep: 'r5' }).length, 7)
  assert.equal(made.gap().of, 'not_conforming')
  assert.throws(() => made.gap({ rep: 'a', team: 'b' }), { code: 'argument.invalid' })
  assert.equal(made.sampleBias(30).sample, 30)
  assert.equal(made.sampleBiasTable(30).length, made.sampleBias(30).readings.length)
})

test('ledgers of shards add, and a review says what it adjusted for', async () => {
  const made = Array.from({ length: 120 }, (_, i) => ({
    id: `c${i}`, rep: `r${i % 4}`, segment: i % 3 ? 'smb' : 'mid', steps: i % 5 ? ['open', 'need', 'close'] : ['open', 'close'], outcome: { won: i % 7 < 3 },
  }))
  const checks = await Promise.all([made.slice(0, 50), made.slice(50)].map(async (part) => (await Corpus.fromRecords(part)).check(sop)))
  const whole = await (await Corpus.fromRecords(made)).check(sop)
  const options = { adjustFor: ['segment'] }
  const [a, b] = checks.map((check) => check.screen(options))
  const total = b.merge(ScreenLedger.fromBytes(a.toBytes()))
  assert.deepEqual(total.toBytes(), whole.screen(options).toBytes())
  const plan = Plan.of(total)
  assert.equal(Plan.fromBytes(plan.toBytes()).hash, plan.hash)
  const [x, y] = checks.map((check) => check.tally(plan))
  const summed = EffectLedger.fromBytes(y.toBytes()).merge(x)
  assert.deepEqual(summed.toBytes(), whole.tally(plan).toBytes())
  const found = summed.finish(plan).find(({ what }) => what.kind === 'skip' && what.step === 'need')
  assert.deepEqual(found.adjustedFor, ['rep', 'segment'])
  const reviewed = await review(await Corpus.fromRecords(made), sop, { outcome: 'won', adjustFor: ['segment'] })
  assert.deepEqual(reviewed.findings.find(({ what }) => what.kind === 'skip' && what.step === 'need'), found)
  assert.throws(() => x.merge(checks[0].tally(Plan.of(checks[0].screen({ adjustFor: [] })))), { code: 'evidence.other_plan' })
})

test('a review gives findings, sentences and a report', async () => {
  const corpus = await Corpus.fromRecords(records)
  const made = await review(corpus, sop, { outcome: 'won' })
  assert.ok(made instanceof Review && made.check instanceof Check)
  assert.deepEqual([made.summary.cases, made.summary.won, made.summary.conformingSoFar], [4, 1, 2])
  const finding = made.findings.find(({ what }) => what.kind === 'skip' && what.step === 'need')
  assert.deepEqual([finding.treated.n, finding.control.n, finding.verdict], [1, 1, 'not_enough_evidence'])
  assert.ok('ciLow' in finding && finding.sentenceEn && finding.sentenceZh)
  assert.equal(made.findingsTable().length, made.findings.length)
  assert.match(made.sentences('zh')[0], /会话/)
  assert.match(made.sentences()[0], /conversations/)
  assert.throws(() => made.sentences('fr'), { code: 'argument.invalid' })
  const html = await made.toHtml('zh')
  await made.save(join(folder, 'review.html'), { lang: 'zh' })
  assert.equal(readFileSync(join(folder, 'review.html'), 'utf8'), html)
  await assert.rejects(made.save(join(folder, 'no', 'such', 'folder.html')), { code: 'io' })
  assert.match(inspect(made), /conversations/)
})

let state = 1
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 30
const many = (n) => ({
  case: { codes: Uint32Array.from({ length: n }, (_, i) => i / 20), names: Array.from({ length: Math.ceil(n / 20) }, (_, i) => `c${i}`) },
  step: { codes: Uint32Array.from({ length: n }, random), names: ['open', 'need', 'close', 'golf'] },
})

test('long work leaves the event loop and reports progress', async () => {
  const updates = []
  const corpus = await Corpus.fromColumns(many(400_000))
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await corpus.check(sop, { onProgress: (update) => updates.push(update) })
  await new Promise((resolve) => setTimeout(resolve, 20))
  clearInterval(timer)
  assert.ok(ticks > 0)
  const steps = updates.filter(({ stage }) => stage === 'check').map(({ done }) => done)
  assert.ok(steps.length > 0)
  assert.deepEqual(steps, [...steps].sort((a, b) => a - b))
  assert.ok(updates[0].total > 0)
})

test('an abort stops the work and rejects with its reason', async () => {
  const corpus = await Corpus.fromColumns(many(2_000_000))
  const controller = new AbortController()
  // Aborted when the work says that it has begun: in the middle of it.
  const work = corpus.check(sop, { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) })
  await assert.rejects(work, /enough/)
  await assert.rejects(corpus.check(sop, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  await assert.rejects(Corpus.fromRecords(records, { signal: AbortSignal.abort('no') }), (reason) => reason === 'no')
  await assert.rejects(review(corpus, sop, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  const unused = new AbortController()
  assert.equal((await corpus.check(sop, { signal: unused.signal })).length, 100_000)
})

test('deals are cases', async () => {
  const turns = (step) => [{ speaker: 'agent', steps: [step] }]
  const records = [
    { id: 'c2', deal: 'd1', rep: 'Bob', startedAt: '2026-03-05', turns: turns('close'), outcome: { won: true } },
    { id: 'c1', deal: 'd1', rep: 'Ann', startedAt: '2026-03-02', turns: turns('open') },
    { id: 'c3', deal: 'd2', steps: ['open'], outcome: { won: null } },
  ]
  const corpus = await Corpus.fromRecords(records)
  const deals = await corpus.byDeal()
  assert.deepEqual([corpus.unit, deals.unit, deals.ids, deals.notes()], ['conversation', 'deal', ['d1', 'd2'], []])
  assert.deepEqual(deals.parts().rows().map((part) => [part.conversation, part.gap_days]), [['c1', null], ['c2', 3], ['c3', null]])
  const check = await corpus.check(sop, { unit: 'deal' })
  assert.deepEqual(check.alignment('d1').deviations[0].origin, { conversation: 'c2', turns: null })
  assert.deepEqual(check.stages().rows().map((row) => row.stage_advanced), [true, false, true])
  assert.equal((await review(corpus, sop, { unit: 'deal', outcome: 'stage_advanced' })).summary.won, 2)
  await assert.rejects(corpus.check(sop, { unit: 'customer' }), { code: 'argument.invalid' })
  const mixed = await Corpus.fromRecords(records.map((record) => ({ ...record, customer: record.id })))
  await assert.rejects(mixed.byDeal(), { code: 'corpus.deal_mixed' })
  const left = await mixed.byDeal({ onError: 'collect' })
  assert.deepEqual([left.ids, left.problems().map(({ code }) => code)], [['d2'], ['corpus.deal_mixed']])
})

test('hints are plain objects', async () => {
  const twice = Sop.fromObject({ format: 'goldpath/1', name: 'x', steps: ['a'], flow: ['a'], accepted: [{ skip: 'a', until: '2026-03-01' }] })
  const [hint] = twice.lint({ today: '2026-03-02' })
  assert.deepEqual([hint.code, hint.place, hint.line, hint.step], ['lint.accepted_over', 'accepted[0]', null, 'a'])
  assert.match(hint.sentenceZh, /到期/)
  assert.deepEqual(Playbook.by('s', { x: twice }).lint({ today: '2026-03-02' }), [hint])
  assert.throws(() => twice.lint({ today: 'soon' }), { code: 'argument.invalid' })
  const check = await (await Corpus.fromRecords([{ id: 'c1', steps: ['b'] }])).check(twice)
  assert.deepEqual(check.lint().map(({ code }) => code), ['lint.never_seen', 'lint.accepted_unused'])
})
