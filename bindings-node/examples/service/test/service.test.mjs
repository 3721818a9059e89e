// The service over a small corpus: what it answers, and what it refuses.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Corpus, Sop, Store } from '../../../index.mjs'
import { build } from '../server.mjs'

const folder = mkdtempSync(join(tmpdir(), 'goldpath-service-'))
const sop = Sop.parse('{format: goldpath/1, name: demo, version: 3, steps: {open: {}, need: {title: 需求}, close: {}}, flow: [open, need, close]}')
const corpus = await Corpus.fromRecords([
  { id: 'c1', rep: '<b>安</b>', turns: [{ speaker: 'agent', text: '<script>alert(1)</script>', steps: ['open'] }], outcome: { won: true } },
  { id: 'c2', rep: 'Bob', steps: ['open', 'close'], outcome: { won: false } },
])
let app
let store
before(async () => {
  store = await Store.open(join(folder, 'team.goldpath'))
  app = await build({ corpus, sop, library: await store.clips(), limits: { body: 10_000, message: 2_000, sessions: 3, rate: 20 } })
  await app.ready()
})
after(async () => {
  await app.close()
  store.close()
  rmSync(folder, { recursive: true })
})
const get = async (url) => {
  const answer = await app.inject(url)
  return [answer.statusCode, answer.headers['content-type'].startsWith('application/json') ? answer.json() : answer.body]
}

test('pages and data', async () => {
  const [status, html] = await get('/?lang=en')
  assert.ok(status === 200 && html.includes('<html') && !html.includes('<script>alert(1)'))
  assert.equal((await get('/?lang=fr'))[0], 400)
  assert.deepEqual((await get('/api/review'))[1].summary.cases, 2)
  assert.equal((await get('/api/findings'))[0], 200)
  const [, one] = await get('/api/cases/c2')
  assert.deepEqual([one.alignment.deviations[0].kind, one.score.parts.length], ['skipped', 3])
  assert.deepEqual([(await get('/api/cases/none'))[0], (await get('/nothing'))[0]], [404, 404])
  const live = await app.inject('/live')
  assert.match(live.headers['content-security-policy'], /default-src 'none'/)
})

test('what to say', async () => {
  const [status, [answer]] = await get(`/api/answers?words=${encodeURIComponent('open')}`)
  assert.deepEqual([status, answer.topic, answer.tracks[0].text], [200, 'open', '<script>alert(1)</script>'])
  assert.deepEqual((await get('/api/answers?words=xyzzy'))[1], [])
  for (const wrong of ['', '?words=', '?words=a&most=1e9', `?words=${'x'.repeat(2_001)}`]) assert.equal((await get(`/api/answers${wrong}`))[0], 400)
})

test('conversations are checked, and refused where they are none', async () => {
  const post = (payload, headers = {}) => app.inject({ method: 'POST', url: '/api/check', payload, headers })
  const answer = await post([{ id: 'x', steps: ['open', 'close'] }])
  assert.deepEqual([answer.statusCode, answer.json().cases[0].case_id, answer.json().deviations[0].kind], [200, 'x', 'skipped'])
  for (const [payload, status, code, headers] of [
    [{}, 400, 'request.invalid'],
    [[{ steps: ['open'] }], 400, 'request.invalid'],
    [[{ id: 'x', steps: ['a'] }, { id: 'x', steps: ['a'] }], 400, 'corpus.duplicate_id'],
    [[{ id: 'x'.repeat(20_000) }], 413, 'FST_ERR_CTP_BODY_TOO_LARGE'],
    ['{"id": ', 400, 'FST_ERR_CTP_INVALID_JSON_BODY', { 'content-type': 'application/json' }],
    ['<x/>', 415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE', { 'content-type': 'text/xml' }],
  ]) {
    const answer = await post(payload, headers)
    assert.deepEqual([answer.statusCode, answer.json().code], [status, code])
    assert.ok(!/\/(home|tmp|root|work)|at .*\.mjs|node_modules/.test(answer.body), answer.body)
  }
})

test('clips', async () => {
  const made = await app.inject({ method: 'POST', url: '/api/clips', payload: { conversation: 'c1', turns: [0, 0], title: '开场' } })
  assert.deepEqual([made.statusCode, made.json().id], [201, 'clip-1'])
  assert.equal((await get(`/api/clips?words=${encodeURIComponent('开场')}`))[1][0].clip.id, 'clip-1')
  assert.equal((await get('/api/clips?colour=red'))[0], 400)
  assert.equal((await app.inject({ method: 'POST', url: '/api/clips', payload: { title: 'x' } })).statusCode, 400)
})

test('live sessions with advice', async () => {
  const socket = await app.injectWS('/api/live')
  const ask = (message) => {
    const answer = new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(data.toString()))))
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    return answer
  }
  assert.equal((await ask({ type: 'push', step: 'open' })).code, 'request.invalid')
  const first = await ask({ type: 'start', attributes: { segment: 'smb' } })
  assert.deepEqual([first.state.point, first.advice.next[0].step], [null, 'open'])
  assert.deepEqual((await ask({ type: 'push', step: 'open' })).advice.next[0].sentenceZh, '按 SOP，下一步是“需求”。')
  const gone = await ask({ type: 'push', step: 'close' })
  assert.deepEqual([gone.state.deviations[0].kind, gone.state.cost], ['skipped', 1])
  assert.equal((await ask({ type: 'undo' })).state.cost, 0)
  for (const wrong of ['{', '[]', 'null', '3', { type: 'constructor' }, { type: 'push', step: '' }, { type: 'start', version: 2 }, { type: 'start', saved: 'x' }, { type: 'start', attributes: { segment: {} } }]) {
    const answer = await ask(wrong)
    assert.deepEqual([answer.type, typeof answer.code], ['error', 'string'])
  }
  assert.equal((await ask({ type: 'start', saved: gone.saved, version: 3 })).state.cost, 1)
  socket.terminate()
})

test('limits', async () => {
  const closed = (socket) => new Promise((resolve) => socket.once('close', resolve))
  const many = await app.injectWS('/api/live')
  const end = closed(many)
  for (let i = 0; i < 400; i++) many.send('{"type":"undo"}')
  assert.equal(await end, 1008)
  const long = await app.injectWS('/api/live')
  const refused = closed(long)
  long.send('x'.repeat(3_000))
  assert.equal(await refused, 1009)
})

test('who may ask', async () => {
  const guarded = await build({ corpus, sop, authenticate: (request) => request.headers.authorization === 'Bearer right' && 'ann' })
  assert.equal((await guarded.inject('/api/sop')).statusCode, 401)
  assert.equal((await guarded.inject({ url: '/api/sop', headers: { authorization: 'Bearer right' } })).statusCode, 200)
  assert.equal((await guarded.inject('/healthz')).statusCode, 200)
  await assert.rejects(guarded.injectWS('/api/live'))
  await guarded.close()
})
