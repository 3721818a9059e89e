// Patches, diffs, histories, fragments.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Composed, Composition, Corpus, Diff, Fragment, GoldpathError, History, Patch, Sop, compose, review } from '../index.mjs'

const sop = Sop.parse('{format: goldpath/1, name: demo, version: 1, steps: {open: {title: 开场}, need: {title: 需求}, close: {}}, flow: [open, need, close]}')
const patch = Patch.of([{ add_step: 'roi', step: { title: 'ROI 故事' } }, { insert: 'roi', after: 'need' }, { wrap: 'need', in: 'optional' }])

test('a patch leads to the other SOP and back', () => {
  const next = sop.apply(patch)
  assert.deepEqual(next.steps.map(({ id }) => id), ['open', 'need', 'close', 'roi'])
  const diff = sop.diff(next)
  assert.ok(diff instanceof Diff)
  assert.deepEqual(diff.sentences('zh'), ['“需求”改为可选。', '在“需求”之后加入“ROI 故事”。'])
  assert.deepEqual(diff.steps('added'), ['roi'])
  assert.ok(sop.apply(diff).equals(next) && sop.apply(diff.patch).equals(next))
  assert.equal(diff.patch.base.hash, sop.hash)
  assert.equal(diff.changes.filter(({ implied }) => implied)[0].kind, 'add_step')
  assert.match(diff.changes.at(-1).sentenceEn, /ROI 故事/)
  assert.ok(diff.toSvg('zh').startsWith('<svg'))
  assert.ok(Patch.parse(patch.toYaml()).equals(patch) && Patch.fromObject(JSON.parse(patch.toJson())).equals(patch))
  assert.equal(patch.edits[1].insert, 'roi')
  assert.deepEqual(next.placesOf('roi'), ['flow[2]'])
  assert.equal(typeof Patch.jsonSchema(), 'object')
})

test('what does not fit is named', () => {
  const codes = (call) => {
    try {
      call()
    } catch (error) {
      assert.ok(error instanceof GoldpathError)
      return error.faults.map(({ code }) => code)
    }
    assert.fail('no error')
  }
  assert.deepEqual(codes(() => sop.apply(Patch.of([{ drop: 'nothing' }, { unwrap: 'need' }]))), ['patch.not_in_flow', 'patch.other_content'])
  assert.deepEqual(codes(() => sop.apply(patch).apply(patch.boundTo(sop))).slice(0, 1), ['patch.other_base'])
  assert.deepEqual(codes(() => Patch.of([{ sing: 'x' }])), ['patch.edit_kind'])
  assert.deepEqual(codes(() => compose('x', [Fragment.ready('spin')], { same: { 'spin.problem': 'bant.need' } })), ['compose.unknown'])
})

test('a history replays', () => {
  const history = new History(sop, { date: '2026-01-01', reason: '第一版' })
  const next = history.push(patch, { date: '2026-04-01', by: '王经理' })
  assert.equal(next.version, 2)
  assert.equal(history.length, 2)
  assert.ok(history.head.equals(next) && history.asOf('2026-03-31').equals(sop) && history.asOf('2025-01-01') === null)
  assert.ok(History.parse(history.toYaml()).equals(history) && History.fromObject(JSON.parse(history.toJson())).equals(history))
  assert.equal(history.revisions[1].parent, sop.hash)
  assert.equal(history.diff(1, 2).sentences().length, 3)
  assert.throws(() => history.push(patch, { date: '2026-01-01' }), { code: 'patch.duplicate' })
  assert.throws(() => history.pushSop(sop), { code: 'history.order' })
})

test('fragments become an SOP', async () => {
  const made = compose('首次电话', ['pipeline', 'spin'].map((id) => Fragment.ready(id, 'zh')), { place: [{ put: 'spin', inside: 'pipeline.discovery' }] })
  assert.ok(made instanceof Composed)
  assert.deepEqual(made.sop.steps.slice(0, 3).map(({ id }) => id), ['first_contact', 'situation', 'problem'])
  assert.deepEqual(made.sources[1], { step: 'situation', of: [{ fragment: 'spin', step: 'situation' }] })
  assert.ok(made.hints.every(({ sentenceZh }) => sentenceZh.length > 4))
  const records = Array.from({ length: 80 }, (_, i) => ({
    id: `c${i}`, rep: `r${i % 4}`, segment: i % 2 ? 'smb' : 'large', outcome: { won: i % 3 > 0 },
    steps: i % 5 < 2 ? ['first_contact', 'situation', 'implication'] : ['first_contact', 'situation', 'problem', 'implication'],
  }))
  const corpus = await Corpus.fromRecords(records)
  const fit = made.fitMap(await review(corpus, made.sop))
  const rows = [...fit].filter((row) => row.choice === 'skip' && row.step === 'problem')
  assert.ok(rows.length >= 1 && rows.every((row) => row.fragment === 'spin' && row.stage === '需求'))
  assert.equal(rows[0].n_doing + rows[0].n_other, 80)
})

test('compositions are put together', () => {
  const [one, other] = ['pipeline', 'spin'].map((id) => Composition.of([Fragment.ready(id)]))
  const both = one.and(other).withRules({ place: [{ put: 'spin', inside: 'pipeline.discovery' }] })
  assert.deepEqual(both.fragments, ['pipeline', 'spin'])
  assert.ok(both.compose('x').sop.toYaml().includes('situation'))
  assert.ok(both.rules.includes('spin'))
})
