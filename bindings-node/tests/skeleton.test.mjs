import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import * as goldpath from '../index.mjs'

const { GoldpathError, Fragile, countLines, fail, longWork, sumBy, version } = goldpath

test('both doors open on the same module', () => {
  const required = createRequire(import.meta.url)('../index.js')
  assert.equal(required.version, version)
  assert.match(version(), /^\d+\.\d+\.\d+/)
})

test('typed arrays and buffers are read', () => {
  assert.deepEqual(sumBy(new Uint32Array([0, 1, 0]), ['need', '报价'], new Float64Array([1, 2, 3])), new Float64Array([4, 2]))
  assert.equal(countLines(Buffer.from('{}\n{}\n')), 2)
})

const ours = (error) => {
  assert.ok(error instanceof GoldpathError)
  assert.ok(error instanceof Error)
  assert.equal(error.name, 'GoldpathError')
  assert.equal(error.code, 'sop.unknown_step')
  return true
}

test('errors carry our code from functions, classes and promises', async () => {
  assert.throws(() => fail('sop.unknown_step'), (error) => ours(error) && error.where.line === 3)
  assert.throws(() => new Fragile(false), ours)
  assert.throws(() => new Fragile(true).crack(), ours)
  await assert.rejects(longWork(1, 'fail'), ours)
})

test('a panic is an error, not the end of the process', async () => {
  await assert.rejects(longWork(1, 'panic'), { code: 'internal', message: /a panic of the core/ })
})

test('long work leaves the event loop and reports progress', async () => {
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  const seen = []
  assert.equal(await longWork(20, null, { onProgress: (done, total) => seen.push([done, total]) }), 20)
  clearInterval(timer)
  assert.ok(ticks > 10)
  assert.ok(seen.length >= 10)
  assert.equal(seen[0][1], 20)
})

test('an abort stops the work and rejects with its reason', async () => {
  const begun = Date.now()
  await assert.rejects(longWork(500, null, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' })
  assert.ok(Date.now() - begun < 2000)
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await assert.rejects(longWork(500, null, { signal: controller.signal }), /enough/)
  await assert.rejects(longWork(500, null, { signal: AbortSignal.abort() }), { name: 'AbortError' })
})
