// Files of other formats from Node: the options arrive, and what goes wrong is told.

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Corpus } from '../index.mjs'

const folder = mkdtempSync(join(tmpdir(), 'goldpath-read-'))
const file = (name, text) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const xes = file('log.xes', `<log><trace><string key="id" value="c1"/><string key="result" value="yes"/>
<event><string key="concept:name" value="open"/><string key="who" value="Ann"/></event>
<event><string key="concept:name" value="paid"/></event></trace></log>`)

test('XES with names of its own', async () => {
  const corpus = await Corpus.read(xes, { case: 'id', rep: 'who', outcomes: [{ name: 'good', column: 'result', yes: 'yes' }], dropSteps: ['paid'] })
  assert.deepEqual(corpus.conversation('c1').outcome, { good: true })
  assert.deepEqual([corpus.steps, corpus.conversation('c1').rep], [['open'], 'Ann'])
  for (const outcomeSteps of [{ paid: 'paid' }, { paid: ['paid'] }, { paid: { yes: 'paid', no: ['lost'] } }]) {
    const told = await Corpus.read(xes, { case: 'id', outcomeSteps })
    assert.deepEqual([told.outcomes, told.steps, told.conversation('c1').outcome.paid], [['paid'], ['open'], true])
  }
  await assert.rejects(Corpus.read(xes), { code: 'corpus.missing_id' })
  await assert.rejects(Corpus.read(xes, { case: 'id', outcomeSteps: { won: 7 } }), { code: 'argument.invalid' })
})

test('CSV and its cases', async () => {
  const log = file('log.csv', 'deal|activity|time\nd1|call|2024/3/1 9:00\nd2|call|soon\n')
  const cases = file('cases.csv', 'id,stage,rep\nd1,signed,Ann\n')
  const corpus = await Corpus.read(log, { case: 'deal', cases, outcomes: [{ name: 'won', column: 'stage', yes: 'signed' }], onError: 'collect', delimiter: '|' })
  assert.deepEqual([corpus.ids, corpus.conversation('d1').outcome, corpus.conversation('d1').rep], [['d1'], { won: true }, 'Ann'])
  assert.deepEqual(corpus.problems().map(({ code, line }) => [code, line]), [['corpus.wrong_type', 3]])
  await assert.rejects(Corpus.read(log, { delimiter: 'ab' }), { code: 'argument.invalid' })
})

test('captions, ConvoKit and Gong', async () => {
  const vtt = file('a.vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>hi\n')
  assert.equal((await Corpus.read(vtt, { agents: 'Ann' })).conversation('a').turns[0].speaker, 'agent')
  assert.deepEqual((await Corpus.read(folder, { agents: ['Ann'] })).ids, ['a'])
  await assert.rejects(Corpus.read(vtt), { code: 'corpus.unknown_speaker' })
  await assert.rejects(Corpus.read(vtt, { agents: { a: 'x', b: 'y' } }), { code: 'argument.invalid' })
  const calls = file('calls.json', '{"callTranscripts": [{"callId": "1", "transcript": [{"speakerId": "7", "topic": "Intro", "sentences": [{"start": 0, "end": 900, "text": "Hi"}]}]}]}')
  const parties = file('parties.json', '{"calls": [{"metaData": {"id": "1"}, "parties": [{"speakerId": "7", "name": "Ann", "affiliation": "Internal"}]}]}')
  const corpus = await Corpus.read(calls, { parties, step: 'topic' })
  assert.deepEqual([corpus.steps, corpus.conversation('1').rep], [['Intro'], 'Ann'])
  assert.equal((await Corpus.read(calls, { parties, agents: { affiliation: ['Internal'] } })).length, 1)
})
