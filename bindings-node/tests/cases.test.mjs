// The shared cases of the three languages, in Node: see tests/cases/README.md at the root of the repository.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { Corpus, GoldpathError, Playbook } from '../index.mjs'

const folder = new URL('../../tests/cases/', import.meta.url)
const rounded = (x) => (x === null ? null : Math.round(x * 1e6) / 1e6)

async function found({ sop, conversations, unit, lint }) {
  const playbook = Playbook.parse(typeof sop === 'string' ? sop : JSON.stringify(sop))
  if (!conversations) return { cases: {} }
  const corpus = await Corpus.fromRecords(conversations.map((c) => (typeof c === 'string' ? c : JSON.stringify(c))).join('\n'))
  const check = await corpus.check(playbook, { unit })
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
      assert.deepEqual(await found(given), { cases: {}, ...expect })
    }
  })
}
