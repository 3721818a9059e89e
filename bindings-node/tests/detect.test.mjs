// Detectors from Node: rules, learning, the host's numbers, and what goes wrong.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { Corpus, Detector, GoldpathError } from '../index.mjs'

const TURNS = [['what is your budget', 'budget'], ['good morning', 'opening'], ['这个可以分期付款', 'answer']].flatMap(([text, step]) =>
  ['', '?', ' now', ' please', '!', '，您看'].map((end) => [text + end, step]),
)
const labelled = () => Corpus.fromRecords(TURNS.map(([text, step], i) => ({ id: `c${i}`, turns: [{ speaker: 'agent', text, steps: [step] }] })))

test('rules find steps, and faults name their place', async () => {
  const detector = Detector.fromObject({ format: 'goldpath/detector/1', rules: [{ step: 'budget', phrases: ['预算', 'budget'], question: true }] })
  assert.deepEqual(detector.find(['您的预算是多少？', 'hello']).rows().map((row) => row.step), ['budget', null])
  const path = join(mkdtempSync(join(tmpdir(), 'goldpath-')), 'detector.yaml')
  writeFileSync(path, 'format: goldpath/detector/1\nrules:\n  - {step: s, phrases: a, prob: 2}\n')
  await assert.rejects(Detector.read(path), (error) => error instanceof GoldpathError && error.code === 'detector.wrong_number' && error.faults[0].line === 3)
  assert.equal(Detector.jsonSchema().title, 'goldpath detector')
})

test('what is labelled is learned', async () => {
  const corpus = await labelled()
  const detector = await Detector.fit(corpus)
  assert.deepEqual((await detector.tag(corpus)).steps, ['budget', 'opening', 'answer'])
  const found = await detector.evaluate(corpus)
  assert.equal(found.accuracy, 1)
  assert.equal(found.steps().length, 3)
  assert.deepEqual(Detector.fromBytes(detector.toBytes()).toBytes(), detector.toBytes())
  await assert.rejects(Detector.fit(corpus, { leastExamples: 100 }), { code: 'detector.few_examples' })
})

test('the host brings vectors, scores and labels', async () => {
  const corpus = await labelled()
  const numbers = new Float32Array(TURNS.flatMap(([, step]) => ['budget', 'opening', 'answer'].map((name) => Number(name === step))))
  const detector = await Detector.fit(corpus, { vectors: { numbers, length: 3 } })
  assert.equal(detector.find(['?'], { vectors: { numbers: new Float32Array([0, 0, 1]), length: 3 } }).rows()[0].step, 'answer')
  await assert.rejects(detector.tag(corpus), { code: 'detector.vector_length' })
  assert.deepEqual(corpus.tagScores(['a', 'b'], new Float32Array(TURNS.flatMap(() => [0.9, 0.1]))).steps, ['a'])
  assert.deepEqual(corpus.tagLabels(TURNS.map(() => ['x'])).steps, ['x'])
  assert.throws(() => corpus.tagLabels([['x']]), { code: 'detector.score_count' })
})
