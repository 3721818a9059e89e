// Innovations, proposals, the best path and the book, from Node.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Corpus, Patch, PilotPlan, ProposalBook, Sop, review } from '../index.mjs'

const sop = Sop.parse('{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}}, flow: [a, b, c]}')

function* cases(n, seed) {
  let state = BigInt(seed)
  const roll = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn
    return Number(state >> 11n) / 2 ** 53
  }
  for (let i = 0; i < n; i++) {
    const rep = Math.floor(roll() * 8)
    const x = roll() < (rep === 3 ? 0.7 : 0.1)
    const month = String(1 + Math.floor((i * 11) / n)).padStart(2, '0')
    yield {
      id: `c${i}`,
      rep: `r${rep}`,
      startedAt: new Date(`2026-${month}-15T09:00:00Z`),
      steps: ['a', 'b', ...(x ? ['x'] : []), 'c'],
      outcome: { won: roll() < (x ? 0.55 : 0.3) },
    }
  }
}

test('what works, who found it, and the next version', async () => {
  const made = await review(await Corpus.fromRecords([...cases(4000, 7)]), sop)
  const [one] = await made.innovations()
  assert.deepEqual([one.status, one.choice.step, one.firstUsers], ['proven', 'x', ['r3']])
  assert.ok(one.later.estimate > 0.1 && one.sentenceZh.includes('x'))
  const [lead] = await made.innovators()
  assert.deepEqual([lead.rep, lead.place], ['r3', 1])
  assert.equal((await made.innovationsTable()).length, 1)
  const [proposal] = await made.proposals()
  assert.equal(proposal.kind, 'insert')
  assert.ok(sop.apply(Patch.parse(proposal.patch)).toYaml().includes('x'))
  const best = await made.bestPath({ mustContain: ['never'] })
  assert.deepEqual([best.changed, best.proposals, best.unmet[0].constraint], [true, [proposal.id], 'must_contain'])
  assert.ok(best.gain.low < best.gain.estimate && best.sentence('zh').length > 0)
  const book = new ProposalBook()
  assert.deepEqual(await book.add(made, { date: '2026-12-01' }), [proposal.id])
  book.accept(proposal.id, { reason: 'it works' })
  assert.throws(() => book.reject(proposal.id), { code: 'improve.decided' })
  assert.ok(book.apply(sop).toYaml().includes('x'))
  const seen = await book.refresh(await review(await Corpus.fromRecords([...cases(4000, 8)]), sop))
  assert.equal(seen.seenAgain[0].recheck.held, 'held_up')
  assert.equal(ProposalBook.fromJson(book.toJson()).toJson(), book.toJson())
})

test('another version held against the past', async () => {
  const made = await review(await Corpus.fromRecords([...cases(4000, 7)]), sop)
  const second = Sop.parse('{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}, x: {}}, flow: [a, b, x, c]}')
  const tested = await made.backtest(second)
  assert.equal(tested.reps.reduce((sum, of) => sum + of.conformity.lost, 0), tested.conformity.lost)
  assert.ok(tested.conformity.lost > 0 && tested.expected.low > 0 && tested.sentenceZh.includes('x'))
  assert.ok(tested.support[0].since !== null && tested.support[0].gain.affected > 100)
  assert.ok((await made.backtest(second, { asOf: '2026-03-01' })).conformity.cases < tested.conformity.cases)
  await assert.rejects(made.backtest(second, { entry: 3 }), { code: 'argument.invalid' })
})

test('the CRM against the conversations', async () => {
  const staged = Sop.parse('{format: goldpath/1, name: d, steps: {a: {stage: s1}, b: {stage: s2}}, flow: [a, b]}')
  const corpus = await Corpus.fromRecords([{ id: 'c1', rep: 'r1', startedAt: '2026-03-02', steps: ['a'], attributes: { crm: 's2' } }])
  const check = await corpus.check(staged)
  const found = await check.crm({ stage: 'crm', fields: [{ field: 'crm', step: 'b' }] })
  assert.deepEqual(found.claims().column('verdict'), ['claimed_ahead', 'claimed_ahead'])
  assert.equal(found.agreement().rows()[0].n, 1)
  assert.ok(found.sentences('zh')[0].includes('crm'))
  await assert.rejects(check.crm({ stage: 'gone' }), { code: 'argument.invalid' })
})

test('what reps do beside the steps', async () => {
  let state = 5n
  const roll = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn
    return Number(state >> 11n) / 2 ** 53
  }
  const rows = []
  for (let n = 0; n < 1200; n++) {
    const soon = roll() < 0.5
    const of = { deal: `d${n}`, rep: `r${n % 6}` }
    rows.push({ ...of, id: `${n}-1`, startedAt: '2026-03-02T09:00:00Z', steps: ['a'] })
    rows.push({ ...of, id: `${n}-2`, startedAt: `2026-03-${soon ? '04' : '20'}T09:00:00Z`, steps: ['b', 'c'], outcome: { won: roll() < (soon ? 0.55 : 0.3) } })
  }
  const made = await review(await Corpus.fromRecords(rows), sop, { unit: 'deal' })
  const [habit] = await made.habits()
  assert.ok(habit.habit.startsWith('gap_1_within') && habit.finding.verdict === 'helps' && habit.sentenceZh.includes('天内'))
  assert.equal((await made.habitsTable()).rows()[0].habit, habit.habit)
  assert.ok('laterConversation' in made.findings[0])
})

test('what really happens', async () => {
  const corpus = await Corpus.fromRecords([...cases(200, 3)])
  const seen = await corpus.discover({ noise: 0 })
  const check = await corpus.check(seen)
  assert.deepEqual([...new Set(check.cases().column('cost'))], [0])
  assert.equal((await corpus.directlyFollows()).length, 6)
  assert.ok((await corpus.directlyFollowsSvg(1)).startsWith('<svg'))
  await assert.rejects(corpus.discover({ noise: 3 }), { code: 'argument.invalid' })
})

function* pilotCases(from, to, tries, effect) {
  let state = BigInt(from + 11)
  const roll = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn
    return Number(state >> 11n) / 2 ** 53
  }
  for (let week = from; week < to; week++) {
    for (let n = 0; n < 80; n++) {
      const day = new Date(Date.UTC(2026, 0, 5 + week * 7 + (n % 7))).toISOString().slice(0, 10)
      const [id, rep] = [`${week}-${n}`, `r${Math.floor(n / 8)}`]
      const x = tries(id, rep, day)
      yield { id, rep, startedAt: day, steps: ['a', 'b', ...(x ? ['x'] : []), 'c'], outcome: { won: roll() < 0.3 + (x ? effect : 0) } }
    }
  }
}

test('a pilot from plan to judgement', async () => {
  const past = [...pilotCases(0, 26, () => false, 0)]
  const before = await review(await Corpus.fromRecords(past), sop)
  const plan = await before.planPilot({ step: 'x', after: 'b' }, { start: '2026-07-06', smallestEffect: 0.1, design: 'by_case', seed: 3 })
  assert.equal(PilotPlan.fromJson(plan.toJson()).hash, plan.hash)
  assert.ok(plan.fields.plannedCases > 500 && plan.fields.asked.smallestEffect === 0.1 && plan.sentence('zh').includes('试点'))
  assert.equal(plan.assigned('c', 'r1', '2026-07-05'), null)
  const weeks = 26 + plan.fields.plannedDays / 7
  const corpus = await Corpus.fromRecords([...past, ...pilotCases(26, weeks, (...of) => plan.assigned(...of), 0.2)])
  const pilot = await plan.judge(await corpus.check(sop))
  assert.deepEqual([pilot.state, pilot.stopped[0], pilot.arms[1].did, pilot.planHash], ['shown', 'benefit', 0, plan.hash])
  assert.ok(pilot.effect.low > 0 && pilot.asTreated.what.step === 'x' && pilot.sentenceZh.includes('x'))
  assert.equal((await plan.judge(await corpus.check(sop), '2026-07-06')).state, 'not_enough_data')
  await assert.rejects(before.planPilot({ step: 'x', after: 'b' }, { start: '2026-07-06', smallestEffect: 0.0001 }), { code: 'improve.pilot_too_small' })
  await assert.rejects(before.planPilot({ step: 'x', after: 'gone' }, { start: '2026-07-06', smallestEffect: 0.1 }), { code: 'argument.invalid' })
})
