// The store and the clip library.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Corpus, GoldpathError, Sop, Store } from '../index.mjs'

const folder = mkdtempSync(join(tmpdir(), 'goldpath-'))
after(() => rmSync(folder, { recursive: true }))
const refused = (code) => (error) => error instanceof GoldpathError && error.code === code
const corpus = await Corpus.fromRecords([
  { id: 'c1', rep: '安', turns: [{ speaker: 'customer', text: '太贵了', steps: ['objection'] }, { speaker: 'agent', text: '我们来算一笔账', steps: ['answer'] }], outcome: { won: true } },
])

test('clips are kept and found', async () => {
  const store = await Store.open(join(folder, 'team.goldpath'))
  const library = await store.clips()
  const clip = await library.add(corpus, { conversation: 'c1', turns: [0, 1], title: '算账', tags: ['价格'] }, 1000)
  assert.deepEqual([clip.id, clip.rep, clip.addedAt, clip.lines.length, clip.redacted], ['clip-1', '安', 1000, 2, true])
  assert.deepEqual(library.search({ words: '一笔账' }).map((hit) => hit.clip), [clip])
  assert.equal((await library.change('clip-1', { note: '先问再算' }, 2000)).note, '先问再算')
  await library.setPlaylist({ name: '新人', clips: ['clip-1'] }, 3000)
  await library.watched('clip-1', 'Cai', 4000)
  assert.deepEqual([library.playlists(), library.watches()], [[{ name: '新人', note: '', clips: ['clip-1'] }], [{ clip: 'clip-1', rep: 'Cai', at: 4000 }]])
  assert.match(library.toMarkdown({}, 'zh'), /^## 算账\n/)
  assert.equal(library.cutList(), 'clip,title,media,start,end\n')
  assert.equal(library.toJsonl({ tag: 'none' }), '')
  await assert.rejects(Store.open(join(folder, 'team.goldpath')), refused('store.in_use'))
  await store.verify()
  assert.deepEqual([store.logs(), (await store.export('clips')).split('\n').length], [['clips'], 5])
  store.close()
  await assert.rejects(library.remove('clip-1', 'x'), refused('store.closed'))
  const again = await (await Store.open(join(folder, 'team.goldpath'))).clips()
  assert.deepEqual([String(again), again.length, again.get('clip-1').note], ['ClipLibrary(1 clips, 1 playlists)', 1, '先问再算'])
  await again.remove('clip-1', 'old')
  assert.throws(() => again.get('clip-1'), refused('clips.unknown'))
})

test('mistakes are errors', async () => {
  writeFileSync(join(folder, 'text'), 'these are notes of mine, and no store')
  await assert.rejects(Store.open(join(folder, 'text')), refused('store.not_a_store'))
  const library = await (await Store.open(join(folder, 'other.goldpath'))).clips()
  for (const clip of ['c1', { conversation: 'c1' }, { conversation: 'c1', turns: [0, 1], title: 'x', colour: 'red' }, { conversation: 'c1', turns: [0, 9], title: 'x' }]) {
    await assert.rejects(library.add(corpus, clip), refused('argument.invalid'))
  }
})

test('suggestions can be taken as they are', async () => {
  const sop = Sop.parse('{format: goldpath/1, name: x, steps: {objection: {by: customer}, answer: {}}, flow: [objection, answer]}')
  const [suggestion] = (await (await corpus.check(sop)).score()).clipSuggestions(5, 'zh')
  assert.match(suggestion.reasonZh, /得分最高的会话之一（100.0\/100 分）里的“answer”/)
  const library = await (await Store.open(join(folder, 'third.goldpath'))).clips()
  assert.equal((await library.add(corpus, suggestion.clip)).step, 'answer')
})
