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

async function found({ sop, conversations, scorecard }) {
  const playbook = Playbook.parse(typeof sop === 'string' ? sop : JSON.stringify(sop))
  if (!conversations) return {}
  const corpus = await Corpus.fromRecords(conversations.map((c) => (typeof c === 'string' ? c : JSON.stringify(c))).join('\n'))
  const check = await corpus.check(playbook)
  const scores = scorecard ? await check.score(cardOf(scorecard, playbook)) : null
  const choices = check.choices().rows()
  const one = ({ case_id: id, status }) => {
    if (status === 'unchecked') return [id, { status }]
    const a = check.alignment(id)
    return [id, {
      moves: a.moves.map((m) => `${m.kind} ${m.step}`),
      deviations: a.deviations.map((d) => ({ kind: d.kind, step: d.step, cost: d.cost, accepted: d.accepted, en: d.sentenceEn, zh: d.sentenceZh })),
      choices: choices.filter((c) => c.case_id === id).map((c) => `${c.chosen} ${c.step} after ${c.point ?? ''} (${c.visit})`),
      cost: a.cost, prefix_cost: a.prefixCost, prefix_stop: a.prefixStop, stopped_at: a.stoppedAt, status: a.status,
      fitness: rounded(a.fitness), adherence: rounded(a.adherence), conforms_so_far: a.conformsSoFar, fully_conforms: a.fullyConforms,
      ...(scores ? { score: scoreOf(scores.explain(id)) } : {}),
    }]
  }
  return Object.fromEntries(check.cases().rows().map(one))
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
      assert.deepEqual(await found(given), expect.cases ?? {})
    }
  })
}
