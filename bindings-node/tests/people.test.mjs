// People: the same history gives the same state; options, days and errors come over as they are.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'

import { AlertLog, CoachingLog, Corpus, History, Patch, ProposalBook, Sop, Store, TalkTracks, judgeMarks, review } from '../index.mjs'

const kept = JSON.parse(readFileSync(new URL('../../tests/histories/store.json', import.meta.url), 'utf8'))
const shared = JSON.parse(readFileSync(new URL('../../tests/histories/coaching.json', import.meta.url), 'utf8'))
const sop = Sop.parse('{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}')

const records = () =>
  Array.from({ length: 600 }, (_, i) => {
    const rep = i % 6
    const steps = (i * 7 + rep) % 10 < (rep === 0 ? 6 : 1) ? ['open', 'close'] : ['open', 'need', 'close']
    const at = new Date(Date.UTC(2026, 0, 5, 9) + i * 8 * 3_600_000).toISOString()
    return { id: `c${i}`, rep: `r_${rep}`, team: 'north', started_at: at, steps, outcome: { won: i % 7 > 2 } }
  })

async function people(options) {
  return (await review(await Corpus.fromRecords(records()), sop)).people(options)
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

test('the store keeps and rebuilds', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'goldpath-')), 'team.goldpath')
  const store = await Store.open(path)
  const [loop, alerts, proposals, sops] = [await store.coaching(), await store.alerts(), await store.proposals(), await store.sops()]
  assert.equal((await loop.add(shared.events, 0)).toJson(), shared.expect.state)
  for (const event of kept.alerts.events) await alerts.add(event, 0)
  await proposals.add(kept.proposals.events, 0)
  for (const { event, code } of shared.refused) await assert.rejects(loop.add(event), { code })
  for (const { event, code } of kept.alerts.refused) await assert.rejects(alerts.add(event), { code })
  for (const { event, code } of kept.proposals.refused) await assert.rejects(proposals.add(event), { code })
  assert.equal((await loop.history()).length, shared.events.length)
  assert.deepEqual((await alerts.history(3)).map((entry) => entry.record), kept.alerts.events.slice(3))
  assert.equal((await alerts.stateAfter(1)).table().length, 1)
  await proposals.save(await proposals.state())
  await assert.rejects(proposals.save(new ProposalBook()), { code: 'improve.rewritten' })
  const history = new History(sop, { date: '2026-01-01', reason: 'first' })
  history.push(Patch.of([{ wrap: 'need', in: 'optional' }]), { date: '2026-04-01' })
  assert.deepEqual((await sops.save(history, { name: 'phone' })).names, ['phone'])
  await assert.rejects(loop.save(history), { code: 'argument.invalid' })
  store.close()
  const again = await Store.open(path)
  await again.verify()
  assert.equal((await (await again.coaching()).state()).toJson(), shared.expect.state)
  assert.equal((await (await again.alerts()).state()).toJson(), kept.alerts.expect.state)
  assert.deepEqual(JSON.parse((await (await again.proposals()).state()).toJson()), JSON.parse(kept.proposals.expect.state))
  const archive = await (await again.sops()).state()
  assert.equal(archive.history('phone').toJson(), history.toJson())
  assert.throws(() => archive.history('none'), { code: 'archive.unknown' })
  assert.equal(archive.table().length, 1)
  again.close()
})

test('sessions, for whom, and a plan that is filled', async () => {
  const log = CoachingLog.replay(shared.events)
  for (const [id, expected] of Object.entries(shared.expect.sessions)) assert.deepEqual(log.sessions(id).map((s) => [s.date, s.reps]), expected)
  const found = (await people()).forWhom([{ id: 'clip-3', reps: ['r_0'], date: new Date('2026-03-30') }], 'execution', { least: 5, also: log.trainings })
  assert.ok(found.sentenceZh && found.groups.length > 1 && found.groups[0].sentenceEn)
  const spoken = records().map(({ steps, ...record }) => ({
    ...record,
    turns: steps.flatMap((step) => [
      { speaker: 'agent', text: step === 'need' ? '先问一下您现在怎么做的，电话 13800138000' : step, steps: [step] },
      { speaker: 'customer', text: '好的' },
    ]),
  }))
  const corpus = await Corpus.fromRecords(spoken)
  const seen = await review(corpus, sop)
  const staff = await seen.people()
  const store = await Store.open(join(mkdtempSync(join(tmpdir(), 'goldpath-')), 'team.goldpath'))
  const library = await store.clips()
  const other = spoken.find((record) => record.rep === 'r_3' && record.turns.length > 4)
  await library.add(corpus, { conversation: other.id, turns: [2, 3], title: '问现状', step: 'need' })
  const plan = staff.plan('r_0', 9, await TalkTracks.of(seen.check), library)
  const item = plan.items.find((one) => one.skill === 'step:need')
  assert.deepEqual(item.clips, [{ id: 'clip-1', title: '问现状', rep: 'r_3', watched: false }])
  const [snippet] = item.talkTracks[0].snippets
  assert.ok(snippet.rep !== 'r_0' && !snippet.answer.includes('13800138000'), snippet.answer)
  assert.deepEqual(staff.plan('r_0').items[0].talkTracks, [])
  store.close()
})

test('marks of judges', async () => {
  const check = await (await Corpus.fromRecords(records())).check(sop)
  const marks = [['Li', 5], ['Wang', 3]].flatMap(([judge, limit]) => Array.from({ length: 200 }, (_, i) => ({ judge, case: `c${i}`, good: (i * 7) % 10 < limit })))
  const { judges, agreements } = await judgeMarks(check, marks, { adjustFor: [] })
  assert.deepEqual(judges.map((one) => [one.judge, one.good, one.lean]), [['Li', 100, 'milder'], ['Wang', 60, 'harsher']])
  assert.deepEqual([agreements[0].both, agreements[0].alike], [200, 160])
  assert.ok(judges[0].sentenceZh && agreements[0].sentenceEn.includes('kappa'))
  await assert.rejects(judgeMarks(check, [{ judge: 'Li', case: 'nothing', good: true }]), { code: 'check.unknown_case' })
})
