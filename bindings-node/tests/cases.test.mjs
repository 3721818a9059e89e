// The shared cases of the three languages, in Node: see tests/cases/README.md at the root of the repository.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { Corpus, GoldpathError, Playbook, Scorecard } from '../index.mjs'

const folder = new URL('../../tests/cases/', import.meta.url)
const rounded = (x) => (x === null ? null : Math.round(x * 1e6) / 1e6)

const scoreOf = (s) => ({
  score: rounded(s.score), got: rounded(s.got), possible: rounded(s.possible), penalty: rounded(s.penalty),
  parts: s.parts.map((p) => ({ kind: p.kind, state: p.state, en: p.sentenceEn, zh: p.sentenceZh })),
})

function cardOf(card, playbook) {
  if (card === 'equal') return Scorecard.equal(playbook)
  return typeof card === 'string' ? Scorecard.parse(card) : Scorecard.fromObject(card)
}

const state = ({ point, visit, events, cost, conformsSoFar, mayEnd, allowed, deviations, distanceToEnd }) => ({
  point, visit, events, cost, conforms_so_far: conformsSoFar, may_end: mayEnd, allowed,
  deviations: deviations.map((d) => ({ kind: d.kind, accepted: d.accepted, en: d.sentenceEn, zh: d.sentenceZh })),
  left: distanceToEnd.steps, left_cost: distanceToEnd.cost,
})

function live(playbook, { attributes, steps, started_at }) {
  const session = playbook.live(started_at ? { ...attributes, started_at } : attributes)
  for (const step of steps) session.push(step)
  const end = state(playbook.resume(session.toJson()).state)
  for (let i = 0; i < Math.ceil(steps.length / 2); i++) session.undo()
  return { end, half: state(session.state) }
}

const uncertain = (u) => ({
  fitness: [rounded(u.fitnessLow), rounded(u.fitnessHigh)],
  expected: rounded(u.fitnessExpected),
  conforms_so_far: [rounded(u.conformsSoFar.low), rounded(u.conformsSoFar.high)],
  fully_conforms: [rounded(u.fullyConforms.low), rounded(u.fullyConforms.high)],
  events: u.events.map((e) => [e.event, e.step, rounded(e.prob), e.used, rounded(e.influence), rounded(e.fitnessInfluence)]),
})

function codes({ sop, saved }) {
  const playbook = Playbook.parse(typeof sop === 'string' ? sop : JSON.stringify(sop))
  return saved?.map((one) => {
    try {
      playbook.resume(typeof one === 'string' ? one : JSON.stringify(one))
      return ''
    } catch (error) {
      return error.code
    }
  })
}

async function found({ sop, conversations, unit, lint, threshold, ...more }) {
  const playbook = Playbook.parse(typeof sop === 'string' ? sop : JSON.stringify(sop))
  if (!conversations) return { cases: {} }
  const corpus = await Corpus.fromRecords(conversations.map((c) => (typeof c === 'string' ? c : JSON.stringify(c))).join('\n'))
  const check = await corpus.check(playbook, { unit, threshold })
  const scores = more.scorecard ? await check.score(cardOf(more.scorecard, playbook)) : null
  const choices = check.choices().rows()
  const one = ({ case_id: id, status }) => {
    if (status === 'unchecked') return [id, { status }]
    const a = check.alignment(id)
    return [id, {
      moves: a.moves.map((m) => `${m.kind} ${m.step}`),
      deviations: a.deviations.map((d) => ({ kind: d.kind, step: d.step, cost: d.cost, accepted: d.accepted, en: d.sentenceEn, zh: d.sentenceZh, ...(d.origin && { conversation: d.origin.conversation }) })),
      choices: choices.filter((c) => c.case_id === id).map((c) => `${c.chosen} ${c.step} after ${c.point ?? ''} (${c.visit})`),
      cost: a.cost, prefix_cost: a.prefixCost, prefix_stop: a.prefixStop, stopped_at: a.stoppedAt, status: a.status,
      fitness: rounded(a.fitness), adherence: rounded(a.adherence), conforms_so_far: a.conformsSoFar, fully_conforms: a.fullyConforms,
      ...(more.live && { live: live(playbook, conversations.find((c) => c.id === id)) }),
      ...(more.uncertain && { uncertain: uncertain(check.uncertainty(id)) }),
      ...(scores ? { score: scoreOf(scores.explain(id)) } : {}),
    }]
  }
  const cases = Object.fromEntries(check.cases().rows().map(one))
  if (!lint) return { cases }
  const hints = [...playbook.lint({ today: lint }), ...check.lint()]
  return { cases, hints: hints.map((h) => ({ code: h.code, place: h.place, line: h.line, en: h.sentenceEn, zh: h.sentenceZh })) }
}

for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  test(name, async () => {
    const { expect, ...given } = JSON.parse(readFileSync(new URL(name, folder)))
    if (expect.error) {
      await assert.rejects(found(given), (error) => {
        assert.ok(error instanceof GoldpathError)
        assert.deepEqual(error.faults.map(({ code }) => code), expect.error)
        return true
      })
    } else {
      assert.deepEqual(await found(given), { cases: {}, ...Object.fromEntries(Object.entries(expect).filter(([key]) => key !== 'saved')) })
      assert.deepEqual(codes(given), expect.saved)
    }
  })
}
