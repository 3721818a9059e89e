// Talk tracks from Node.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Corpus, Sop, TalkTracks, cluster, clusterVectors, rankTracks, review } from '../index.mjs'

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

test('knowledge points grow and are looked up', async () => {
  const sop = Sop.parse('{format: goldpath/1, name: o, steps: {open: {}, dear: {by: customer, title: 嫌贵, unplanned: true}, demo: {title: 演示}}, flow: [open, demo]}')
  const records = Array.from({ length: 200 }, (_, i) => {
    const on = i % 10 < (i % 2 === 0 ? 7 : 3)
    const turns = [
      { speaker: 'agent', text: '您好', steps: ['open'] },
      { speaker: 'customer', text: '太贵了', steps: ['dear'] },
      { speaker: 'agent', text: i % 2 === 0 ? '我给您算一笔账' : '价格是统一的' },
      { speaker: 'customer', text: on ? '好的' : '不需要' },
      ...(on ? [{ speaker: 'agent', text: '那我们安排演示', steps: ['demo'] }] : []),
    ]
    return { id: `c${i}`, rep: `r${(i >> 1) % 4}`, team: `t${(i >> 1) % 2}`, turns, outcome: { won: on } }
  })
  const check = async (part) => (await Corpus.fromRecords(part)).check(sop)
  const whole = await TalkTracks.of(await check(records))
  const grown = await (await TalkTracks.of(await check(records.slice(77)))).append(await check(records.slice(0, 77)))
  assert.deepEqual(whole.toBytes(), grown.toBytes())
  assert.deepEqual(TalkTracks.fromBytes(whole.toBytes()).tracks().rows(), grown.tracks().rows())
  const [found] = grown.lookUp('太贵了吧')
  assert.deepEqual([found.topic, found.tracks[0].text, found.tracks[0].clearWinner, found.next[0].title], ['dear', '我给您算一笔账', true, '演示'])
  assert.equal(whole.findings.find((f) => f.verdict === 'helps' && f.outcome === 'advanced').what.wording, '我给您算一笔账')
  assert.ok(whole.byRep().length > whole.byTeam().length && whole.findingsTable().length > 0)
  await assert.rejects(grown.append(await check(records.slice(0, 1))), { code: 'talk.known_conversation' })
  const scores = records.map((r, i) => ({ conversation: r.id, turn: 2, score: i % 2 }))
  const scored = await TalkTracks.of(await check(records), { steps: ['dear'], criterion: 'score', scores, feedback: ['score', 'words'], oldAfter: 30 })
  assert.equal(scored.tracks().rows()[0].text, '价格是统一的')
  await assert.rejects(TalkTracks.of(await check(records), { feedback: ['x'] }), { code: 'argument.invalid' })
  const made = await review(await Corpus.fromRecords(records), sop)
  assert.equal((await made.knowledgePoints()).rows()[2].best_text, '我给您算一笔账')
  assert.deepEqual((await made.talkTracks()).tracks().rows(), whole.tracks().rows())
})
