// What users and the world get wrong: each a clear error of ours, nothing lost in silence, never a crash.

import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Corpus, GoldpathError, Playbook, Sop, review } from '../index.mjs'

const folder = mkdtempSync(join(tmpdir(), 'goldpath-'))
const file = (name, content) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const ours = (code, ...patterns) => (error) => {
  assert.ok(error instanceof GoldpathError, `${error}`)
  assert.equal(error.code, code)
  for (const pattern of patterns) assert.match(error.message, pattern)
  return true
}
const head = 'format: goldpath/1\nname: x\n'
const levels = (n) => '['.repeat(n) + 'a' + ']'.repeat(n)

for (const [what, text, code, pattern] of [
  ['an unknown step', `${head}steps: [a]\nflow: [a, b]`, 'sop.unknown_step', /4.*`b`/],
  ['a duplicate id', `${head}steps: {a: {}, a: {}}\nflow: [a]`, 'sop.duplicate_id', /twice/],
  ['an empty choice', `${head}steps: [a]\nflow: [a, {one_of: []}]`, 'sop.empty_choice', /flow\[1\]/],
  ['reversed bounds', `${head}steps: [a]\nflow: [{repeat: [a], at_least: 3, at_most: 2}]`, 'sop.reversed_bounds', /3/],
  ['an unreachable step', `${head}steps: [a, b, c]\ngraph: {start: a, end: b, edges: [[a, b], [c, b]]}`, 'sop.unreachable', /`c`/],
  ['no way to the end', `${head}steps: [a, b, c]\ngraph: {start: a, end: b, edges: [[a, c], [c, a]]}`, 'sop.no_end', /end/],
  ['a step in flow and anytime', `${head}steps: [a, b]\nflow: [a, b]\nanytime: [b]`, 'sop.flow_and_anytime', /`b`/],
  ['an alias bomb', `${head}a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\nsteps: *f`, 'sop.too_deep_or_large', /./],
  ['nesting of 10,000 levels', `${head}steps: [a]\nflow: ${levels(10_000)}`, 'sop.too_deep_or_large', /./],
  ['any_order of 30', `${head}steps: [${Array.from({ length: 30 }, (_, i) => `s${i}`)}]\nflow: [{any_order: [${Array.from({ length: 30 }, (_, i) => `s${i}`)}]}]`, 'sop.too_many_states', /flow\[0\]/],
]) {
  test(`an SOP with ${what}`, () => {
    assert.throws(() => Sop.parse(text), ours(code, pattern))
    assert.throws(() => Playbook.parse(text), ours(code))
  })
}

test('all faults of an SOP at once, each with line, place and help', () => {
  try {
    Sop.parse(`${head}steps: [a]\nflow: [a, b, c]`)
    assert.fail('an error is due')
  } catch (error) {
    assert.deepEqual(error.faults.map(({ code, line, place }) => [code, line, place]), [
      ['sop.unknown_step', 4, 'flow[1]'], ['sop.unknown_step', 4, 'flow[2]'],
    ])
    assert.ok(error.faults[0].message && error.faults[0].column)
  }
})

test('an SOP object that is none', () => {
  const deep = { format: 'goldpath/1', name: 'x', steps: ['a'], flow: [] }
  for (let i = 0, at = deep.flow; i < 3000; i++) at = at[at.push([]) - 1]
  assert.throws(() => Sop.fromObject(deep), ours('sop.too_deep_or_large'))
  const round = { name: 'x' }
  round.steps = round
  assert.throws(() => Sop.fromObject(round), ours('argument.invalid', /circular/))
  assert.throws(() => Sop.fromObject(undefined), ours('argument.invalid'))
  assert.throws(() => Sop.fromObject({ format: 'goldpath/1', name: 'x', steps: { a: {} }, flow: [7n] }), ours('argument.invalid', /BigInt/))
  assert.throws(() => Sop.fromObject(3), GoldpathError)
  assert.throws(() => Sop.parse(3), /[Ss]tring/)
})

test('files that are not there, empty, cut off, not UTF-8 or of no known kind', async () => {
  await assert.rejects(Sop.read(join(folder, 'none.yaml')), ours('io', /none\.yaml/))
  await assert.rejects(Corpus.read(join(folder, 'none.jsonl')), ours('io', /none\.jsonl/))
  await assert.rejects(Corpus.read(file('empty.jsonl', '')), ours('corpus.empty', /empty\.jsonl/))
  await assert.rejects(Corpus.read(file('calls.parquet', 'PAR1')), ours('corpus.format', /\.jsonl/))
  await assert.rejects(Sop.read(file('latin.yaml', Buffer.from([0x6e, 0xe9]))), ours('sop.not_utf8'))
  const lines = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ id: `c${i}`, steps: ['a', String(Math.sin(i))] })).join('\n')
  const zipped = gzipSync(lines)
  const cut = file('cut.jsonl.gz', zipped.subarray(0, zipped.length / 2))
  await assert.rejects(Corpus.read(cut), ours('corpus.truncated', /cut\.jsonl\.gz/))
  const kept = await Corpus.read(cut, { onError: 'collect' })
  assert.ok(kept.length > 0)
  assert.equal(kept.problems()[0].code, 'corpus.truncated')
})

test('line 57 is broken: an error with its line, or collected and listed', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => JSON.stringify({ id: `c${i}`, steps: ['a'] }))
  lines[56] = '{"id": "c56", "steps": ["a"'
  const path = file('broken.jsonl', lines.join('\n'))
  await assert.rejects(Corpus.read(path), (error) => ours('corpus.json')(error) && error.faults[0].line === 57)
  const corpus = await Corpus.read(path, { onError: 'collect' })
  assert.equal(corpus.length + corpus.problems().length, 100)
  assert.equal(corpus.problems()[0].line, 57)
  assert.deepEqual(corpus.problemsTable().rows().map(({ line, code }) => [line, code]), [[57, 'corpus.json']])
  await assert.rejects(Corpus.read(file('bytes.jsonl', Buffer.from([0x7b, 0xff, 0x7d]))), ours('corpus.not_utf8', /bytes\.jsonl/))
})

for (const [what, record, code, place] of [
  ['no id', { steps: ['a'] }, 'corpus.missing_id', '[1]'],
  ['steps of a wrong type', { id: 'x', steps: 'a' }, 'corpus.wrong_type', '[1].steps'],
  ['a turn of a wrong type', { id: 'x', turns: [{ speaker: 'robot', text: '' }] }, 'corpus.wrong_type', '[1].turns[0].speaker'],
  ['an outcome of a wrong type', { id: 'x', outcome: { won: 'yes' } }, 'corpus.wrong_type', '[1].outcome.won'],
  ['NaN for an outcome', { id: 'x', outcome: { won: NaN } }, 'corpus.not_a_number', '[1].outcome.won'],
  ['Infinity for an outcome', { id: 'x', outcome: { won: -Infinity } }, 'corpus.not_a_number', '[1].outcome.won'],
  ['undefined for an outcome', { id: 'x', outcome: { won: undefined } }, 'corpus.json', '[1].outcome.won'],
  ['NaN for an attribute', { id: 'x', attributes: { size: NaN } }, 'corpus.not_a_number', '[1].attributes.size'],
  ['NaN for a probability', { id: 'x', steps: [{ step: 'a', prob: NaN }] }, 'corpus.not_a_number', '[1].steps[0].prob'],
  ['undefined among the steps', { id: 'x', steps: [undefined] }, 'corpus.wrong_type', '[1].steps[0]'],
  ['a bigint', { id: 'x', attributes: { size: 1n } }, 'corpus.json', '[1].attributes.size'],
  ['a function', { id: 'x', attributes: { size: () => 1 } }, 'corpus.json', '[1].attributes.size'],
  ['the id of another', { id: 'first' }, 'corpus.duplicate_id', '[1].id'],
  ['null in its place', null, 'corpus.wrong_type', '[1]'],
  ['undefined in its place', undefined, 'corpus.json', '[1]'],
]) {
  test(`a record with ${what}`, async () => {
    const records = [{ id: 'first', steps: ['a'] }, record, { id: 'last', steps: ['a'] }]
    await assert.rejects(Corpus.fromRecords(records), (error) => {
      ours(code)(error)
      assert.equal(error.faults[0].place, place)
      return true
    })
    const corpus = await Corpus.fromRecords(records, { onError: 'collect' })
    assert.deepEqual([corpus.ids, corpus.problems().map((fault) => fault.place)], [['first', 'last'], [place]])
  })
}

test('records that are none', async () => {
  await assert.rejects(Corpus.fromRecords({ id: 'x' }), ours('argument.invalid', /array/))
  await assert.rejects(Corpus.fromRecords('[{"id": "a"}'), ours('corpus.json'))
  const round = { id: 'round' }
  round.attributes = { round }
  await assert.rejects(Corpus.fromRecords([round]), (error) => error instanceof GoldpathError && /circular|recursion/.test(error.message))
  assert.equal((await Corpus.fromRecords([])).length, 0)
  await assert.rejects(Corpus.fromRecords([], { onError: 'ignore' }), ours('argument.invalid', /collect/))
  await assert.rejects(async () => (await Corpus.fromRecords([])).check({}), Error)
})

const sop = Sop.parse(`${head}steps: [a, b, c]\nflow: [a, b, c]`)

test('an empty path, a path of 100,000 steps, a line of 10 MB', async () => {
  const long = Array.from({ length: 100_000 }, (_, i) => 'abcd'[(i * 7) % 4])
  const words = [{ speaker: 'agent', text: '好'.repeat(3_500_000), steps: ['a'] }]
  const path = file('big.jsonl', [{ id: 'empty', steps: [] }, { id: 'long', steps: long }, { id: 'words', turns: words }].map((r) => JSON.stringify(r)).join('\n'))
  const corpus = await Corpus.read(path)
  const check = await corpus.check(sop)
  assert.equal(check.alignment('empty').moves.length, 3)
  assert.equal(check.alignment('empty').prefixCost, 0)
  assert.equal(check.alignment('long').moves.filter(({ event }) => event !== null).length, 100_000)
  assert.equal(corpus.conversation('words').turns[0].text.length, 3_500_000)
})

test('markup in every text field is escaped in the report and in tables', async () => {
  const evil = '<script>alert(1)</script>'
  const wicked = Sop.fromObject({
    format: 'goldpath/1', name: evil, version: evil, steps: { [evil]: { title: evil, stage: evil, guidance: evil }, b: { title: evil } }, flow: [evil, 'b'],
  })
  const record = (i) => ({
    id: evil + i, rep: evil, team: evil, deal: evil, channel: evil, attributes: { [evil]: evil },
    turns: [{ speaker: 'agent', name: evil, text: evil, steps: i % 2 ? [evil, 'b'] : ['b', evil] }], outcome: { [evil]: i % 3 === 0 },
  })
  const made = await review(await Corpus.fromRecords(Array.from({ length: 60 }, (_, i) => record(i))), wicked)
  for (const lang of ['en', 'zh']) assert.doesNotMatch(await made.toHtml(lang), /<script>alert/)
  for (const table of [made.check.cases(), made.check.deviations(), made.findingsTable()]) assert.doesNotMatch(table.toHtml(), /<script/)
})
