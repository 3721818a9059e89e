// Innovations, proposals, the best path and the book, from Node.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Corpus, Patch, ProposalBook, Sop, review } from '../index.mjs'

const sop = Sop.parse('{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}}, flow: [a, b, c]}')

function* cases(n, seed) {
  let state = BigInt(seed)
  const roll = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn
    return Number(state >> 11n) / 2 ** 53
  }
  for (let i = 0; i < n; i++) {
    const rep = Math.floor(roll() * 8)
    const x = roll() < (rep === 3 ? 0.7 : 0.1)
    const month = String(1 + Math.floor((i * 11) / n)).padStart(2, '0')
    yield {
      id: `c${i}`,
      rep: `r${rep}`,
      startedAt: new Date(`2026-${month}-15T09:00:00Z`),
      steps: ['a', 'b', ...(x ? ['x'] : []), 'c'],
      outcome: { won: roll() < (x ? 0.55 : 0.3) },
    }
  }
}

test('what works, who found it, and the next version', async () => {
  const made = await review(await Corpus.fromRecords([...cases(4000, 7)]), sop)
  const [one] = await made.innovations()
  assert.deepEqual([one.status, one.choice.step, one.firstUsers], ['proven', 'x', ['r3']])
  assert.ok(one.later.estimate > 0.1 && one.sentenceZh.includes('x'))
  const [lead] = await made.innovators()
  assert.deepEqual([lead.rep, lead.place], ['r3', 1])
  assert.equal((await made.innovationsTable()).length, 1)
  const [proposal] = await made.proposals()
  assert.equal(proposal.kind, 'insert')
  assert.ok(sop.apply(Patch.parse(proposal.patch)).toYaml().includes('x'))
  const best = await made.bestPath({ mustContain: ['never'] })
  assert.deepEqual([best.changed, best.proposals, best.unmet[0].constraint], [true, [proposal.id], 'must_contain'])
  assert.ok(best.gain.low < best.gain.estimate && best.sentence('zh').length > 0)
  const book = new ProposalBook()
  assert.deepEqual(await book.add(made, { date: '2026-12-01' }), [proposal.id])
  book.accept(proposal.id, { reason: 'it works' })
  assert.throws(() => book.reject(proposal.id), { code: 'improve.decided' })
  assert.ok(book.apply(sop).toYaml().includes('x'))
  const seen = await book.refresh(await review(await Corpus.fromRecords([...cases(4000, 8)]), sop))
  assert.equal(seen.seenAgain[0].recheck.held, 'held_up')
  assert.equal(ProposalBook.fromJson(book.toJson()).toJson(), book.toJson())
})

test('what really happens', async () => {
  const corpus = await Corpus.fromRecords([...cases(200, 3)])
  const seen = await corpus.discover({ noise: 0 })
  const check = await corpus.check(seen)
  assert.deepEqual([...new Set(check.cases().column('cost'))], [0])
  assert.equal((await corpus.directlyFollows()).length, 6)
  assert.ok((await corpus.directlyFollowsSvg(1)).startsWith('<svg'))
  await assert.rejects(corpus.discover({ noise: 3 }), { code: 'argument.invalid' })
})
