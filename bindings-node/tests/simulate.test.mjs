// Simulated conversations: the same as in Python, in both languages, with their truth if asked for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Plan, review, simulate } from '../index.mjs'

test('the same seed gives the same conversations', async () => {
  const made = await simulate(100, { words: false })
  // The example of `simulate` in Python says the same.
  assert.equal(String(made.corpus), 'Corpus(100 conversations, 608 step events, 0 turns)')
  assert.equal(String(made.sop), 'Sop("Enterprise software follow-up" v3, 18 steps, 13 places in the flow)')
  assert.equal(made.truth, null)
  assert.deepEqual((await simulate(100, { words: false })).corpus.ids, made.corpus.ids)
  assert.equal((await review(made.corpus, made.sop)).summary.cases, 100)
})

test('words in Chinese, and the truth', async () => {
  const made = await simulate(20, { lang: 'zh', seed: 3, truth: true })
  assert.match(made.corpus.conversation(made.corpus.ids[0]).turns[0].text, /\p{Script=Han}/u)
  const effect = made.truth.effects.find(({ choice }) => choice === 'skip_need')
  assert.ok(effect.winDifference < 0 && effect.bySegment.length === 3)
  assert.equal(typeof made.truth.reps[0].winRate, 'number')
})

test('progress, cancelling and wrong arguments', async () => {
  const seen = []
  await simulate(5000, { words: false, onProgress: ({ stage, total }) => seen.push([stage, total]) })
  await new Promise(setImmediate)
  assert.deepEqual(seen[0], ['simulate', 5000])
  await assert.rejects(simulate(1e9, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' })
  for (const bad of [-1, 1.5, NaN]) await assert.rejects(simulate(bad), { code: 'argument.invalid' })
  await assert.rejects(simulate(1, { lang: 'fr' }), { code: 'argument.invalid' })
})

test('a plan names its outcome', async () => {
  const { corpus, sop } = await simulate(200, { words: false })
  const check = await corpus.check(sop)
  assert.equal(Plan.of(check.screen()).outcome, 'won')
})
