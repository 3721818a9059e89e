// People: the same history gives the same state; options, days and errors come over as they are.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'

import { AlertLog, CoachingLog, Corpus, Sop, review } from '../index.mjs'

const shared = JSON.parse(readFileSync(new URL('../../tests/histories/coaching.json', import.meta.url), 'utf8'))
const sop = Sop.parse('{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}')

async function people(options) {
  const records = Array.from({ length: 600 }, (_, i) => {
    const rep = i % 6
    const steps = (i * 7 + rep) % 10 < (rep === 0 ? 6 : 1) ? ['open', 'close'] : ['open', 'need', 'close']
    const at = new Date(Date.UTC(2026, 0, 5, 9) + i * 8 * 3_600_000).toISOString()
    return { id: `c${i}`, rep: `r_${rep}`, team: 'north', started_at: at, steps, outcome: { won: i % 7 > 2 } }
  })
  return (await review(await Corpus.fromRecords(records), sop)).people(options)
}

test('the shared history', () => {
  const log = CoachingLog.replay(shared.events)
  const state = shared.events.reduce((before, event) => before.apply(event), CoachingLog.replay([])).toJson()
  assert.equal(state, log.toJson())
  assert.equal(state, shared.expect.state)
  assert.deepEqual(log.tracks.map((t) => [t.rep, t.skill, t.stage]), shared.expect.stages)
  assert.deepEqual(log.belowStandard(shared.on).map((b) => [b.rep, b.skill, b.why]), shared.expect.below_standard)
  for (const { event, code } of shared.refused) assert.throws(() => log.apply(event), { code })
})

test('people', async () => {
  const found = await people()
  const need = found.ofRep('r_0').find((row) => row.skill === 'step:need')
  assert.equal(need.tier, 'below_standard')
  assert.ok(need.difference.high < 0)
  assert.ok(found.gaps('r_0').some((gap) => gap.skill === 'step:need' && gap.examples.length > 0))
  assert.equal(found.plan('r_0', 1).items[0].talkTracks.length, 0)
  assert.ok(found.ability('r_0', 'execution').points.length > 0)
  assert.ok(found.watch('r_0', 'execution', { oddsRatio: 0.5 }).points.length > 0)
  const effect = found.trainingEffect({ id: 't', reps: ['r_0'], date: new Date('2026-04-01') }, 'execution', { least: 5, also: [] })
  assert.ok(effect.sentenceZh)
  const assessment = found.assess('r_0', 'step:need', '2026-01-05', '2026-07-01', 0.8, { sure: 0.8 })
  assert.equal(assessment.result, 'fail')
  const log = CoachingLog.replay([{ at: '2026-07-02', event: 'assessed', assessment }])
  assert.ok(found.belowStandard(log).some((b) => b.rep === 'r_0' && b.why === 'failed_assessment'))
  assert.match(found.repPage('r_0', 'zh', log) + found.teamPage() + found.monitorPage(), /<!doctype html>/)
  assert.match(found.debrief({ rep: 'r_0', lang: 'zh' }), /复盘/)
  assert.equal(found.execution().name, 'execution')
  assert.equal(found.measures().length, 0)
  const again = await people({ asOf: '2026-03-01', utcOffset: 480, competences: [{ name: 'basics', kinds: ['step'], steps: ['need'] }] })
  assert.ok(again.ofRep('r_0').some((row) => row.skill === 'basics'))
  await assert.rejects(people({ watch: { odds: 2 } }), { code: 'argument.invalid' })
  assert.throws(() => found.gaps('nobody'), { code: 'argument.invalid' })
})

test('alerts are told once', () => {
  const alert = {
    id: 'a1', kind: 'decline', rep: 'r_1', what: 'results', title: 'results', since: '2026-03-02', found: '2026-04-06', until: null,
    chanceAlone: 0.01, before: 0.6, after: 0.5, n: 40, action: 'coach_rep',
  }
  const events = AlertLog.replay([]).news([alert])
  assert.deepEqual(events.map((e) => e.event), ['raised'])
  let log = AlertLog.replay(events)
  assert.deepEqual(log.news([alert]), [])
  log = log.apply({ event: 'intervened', id: 'a1', at: '2026-04-07', by: 'Li', what: '辅导' })
  assert.equal(log.alerts[0].status, 'acted_on')
})
