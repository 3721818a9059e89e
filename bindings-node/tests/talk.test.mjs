// Talk tracks from Node.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Corpus, Sop, TalkTracks, cluster, clusterVectors, rankTracks } from '../index.mjs'

test('wordings are gathered, ranked and shown', async () => {
  const sop = Sop.parse('{format: goldpath/1, name: x, steps: [open, close], flow: [open, close]}')
  const turns = [{ speaker: 'agent', text: 'good morning Ann', steps: ['open'] }, { speaker: 'customer', text: 'sure' }]
  const check = await (await Corpus.fromRecords([0, 1, 2].map((i) => ({ id: `c${i}`, turns })))).check(sop)
  const talk = await TalkTracks.of(check, { names: ['Ann'], expert: { open: ['hello, how can I help'] } })
  assert.equal(talk.length, 2)
  const said = talk.tracks().rows().find((row) => row.uses === 3)
  assert.equal(said.text, 'good morning [name]')
  assert.equal(talk.snippets(said.track)[0].reaction, 'sure')
  assert.deepEqual(talk.coverage().rows().map((row) => row.missing), ['few', 'none'])
  assert.equal(talk.emerging().length, 0)
  await assert.rejects(TalkTracks.of(check, { steps: ['nowhere'] }), { code: 'talk.unknown_step' })
})

test('the host brings texts, vectors and counts', () => {
  assert.deepEqual([...cluster(['分期来做可以吗', '嗯分期来做可以吗？', '再见'])], [0, 0, 1])
  assert.deepEqual([...clusterVectors({ numbers: new Float32Array([1, 0, 0, 1, 0.9, 0.1]), length: 2 }, 0.8)], [0, 1, 0])
  assert.deepEqual(rankTracks([0, 0, 1], [9, 1, 5], [10, 10, 10]).rows().map((row) => row.place), [1, 2, 1])
  assert.throws(() => rankTracks([0], [2], [1]), { code: 'argument.invalid' })
})
