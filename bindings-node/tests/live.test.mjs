// Live sessions, and events that detectors are not sure of.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Corpus, GoldpathError, Playbook, Sop, review } from '../index.mjs'

const sop = Sop.parse('{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}')
const refused = (code) => (error) => error instanceof GoldpathError && error.code === code

test('what a session says', () => {
  const session = sop.live()
  assert.deepEqual([session.point, session.cost, session.history, session.sop], [null, 0, [], 'demo'])
  session.push('open')
  session.push('close')
  const [deviation] = session.deviations
  assert.deepEqual([deviation.kind, deviation.step, deviation.provisional], ['skipped', 'need', true])
  assert.equal(deviation.sentenceZh, '跳过了“need”，这一步应在“open”之后（就目前来看）。')
  assert.deepEqual([session.conformsSoFar, session.mayEnd, session.distanceToEnd], [false, true, { cost: 0, steps: [] }])
  assert.deepEqual([session.state.events, session.state.deviations, session.state.distanceToEnd.cost], [2, [deviation], 0])
  assert.ok(session.bytes > 100)
})

test('steps are taken back', () => {
  const session = sop.live()
  assert.equal(session.undo(), null)
  const before = session.toJson()
  for (const step of ['open', '没听过的', 'close']) session.push(step)
  assert.deepEqual([session.undo(), session.undo(), session.undo(), session.undo()], ['close', '没听过的', 'open', null])
  assert.equal(session.toJson(), before)
})

test('a session is saved and goes on', () => {
  const playbook = Playbook.by('segment', { smb: sop, enterprise: Sop.parse('{format: goldpath/1, name: large, steps: [a], flow: [a]}') })
  const session = playbook.live({ segment: 'enterprise', other: 3 })
  session.push('a')
  const again = playbook.resume(session.toJson())
  assert.deepEqual([again.sop, again.history, again.state], ['large', ['a'], session.state])
  for (const saved of ['', '['.repeat(100_000), sop.toJson()]) assert.throws(() => sop.resume(saved), refused('live.json'))
  assert.throws(() => sop.resume(session.toJson()), refused('live.other_sop'))
  assert.throws(() => sop.resume(session.toJson().replace('live/1', 'live/9')), refused('live.version'))
  assert.throws(() => playbook.live({ segment: 'none' }), refused('live.no_sop'))
})

test('limits are errors, and what is refused changes nothing', () => {
  const session = sop.live()
  assert.throws(() => session.push(''), refused('argument.invalid'))
  assert.throws(() => session.push('x'.repeat(1_001)), refused('live.long_label'))
  assert.throws(() => session.push(undefined))
  for (let i = 0; i < 100_000; i++) session.push('open')
  assert.throws(() => session.push('open'), refused('live.too_long'))
  assert.equal(session.state.events, 100_000)
})

test('uncertain events', async () => {
  const steps = ['open', { step: 'need', prob: 0.4 }, 'close']
  const corpus = await Corpus.fromRecords([{ id: 'c1', rep: 'Ann', steps }, { id: 'c2', steps: ['open'] }])
  const check = await corpus.check(sop)
  const [first, second] = check.cases()
  assert.deepEqual([first.cost, first.uncertain_events, first.p_conforms, first.fitness_high], [1, 1, 0.4, 1])
  assert.deepEqual([second.uncertain_events, second.p_conforms, second.p_fully_conforms], [0, 1, 0])
  assert.equal((await corpus.check(sop, { threshold: 0.4 })).cases().rows()[0].cost, 0)
  assert.equal((await review(corpus, sop, { threshold: 0.4 })).check.cases().rows()[0].cost, 0)
  const [row] = check.uncertain()
  assert.deepEqual([row.case_id, row.rep, row.event, row.step, row.prob, row.used, row.influence, row.rank], ['c1', 'Ann', 1, 'need', 0.4, false, 1, 1])
  assert.deepEqual(check.uncertainty('c1').conformsSoFar, { low: 0.4, high: 0.4 })
  assert.throws(() => check.uncertainty('c9'), refused('check.unknown_case'))
  await assert.rejects(corpus.check(sop, { threshold: 2 }), refused('argument.invalid'))
})

test('advice', async () => {
  const corpus = await Corpus.fromRecords([{ id: 'c1', steps: ['open', 'need', 'close'], outcome: { won: true } }])
  const made = await review(corpus, sop)
  const advice = made.advise(sop.live(), { segment: 'smb' })
  assert.deepEqual([advice.point, advice.visit, advice.avoid], [null, 1, []])
  assert.deepEqual(advice.next.map(({ action, step, planned, finding, sentenceZh }) => [action, step, planned, finding, sentenceZh]), [['do', 'open', true, null, '按 SOP，下一步是“open”。']])
})
