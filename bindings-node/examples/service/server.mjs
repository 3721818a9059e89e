// A small web host: the report, a JSON API, and live sessions with advice over WebSocket.
//
// Everything that counts, compares or recommends is goldpath; this file only says who may ask, how much, and how it is
// answered. In a project of your own, import from 'goldpath'.

import { readFileSync } from 'node:fs'
import websocket from '@fastify/websocket'
import Ajv2020 from 'ajv/dist/2020.js'
import fastify from 'fastify'
import { Corpus, GoldpathError, Scorecard, review } from '../../index.mjs'

const page = (name) => readFileSync(new URL(`public/${name}`, import.meta.url))
const schema = (name) => JSON.parse(readFileSync(new URL(`../../../docs/schema/${name}.schema.json`, import.meta.url), 'utf8'))

export const LIMITS = {
  /** Bytes of a request. */
  body: 1 << 20,
  /** Bytes of a message of a live session. */
  message: 16 << 10,
  /** Live sessions at once. */
  sessions: 2_000,
  /** Messages of a session a second, on average over ten seconds. */
  rate: 50,
  /** Milliseconds after which a silent session is closed. */
  idle: 30 * 60_000,
}

/**
 * The service over one corpus and its SOP.
 *
 * `authenticate(request)` decides who may ask: it gives whoever it is, or nothing. Without it everybody may; that is for a
 * laptop, not for a network.
 */
export async function build({ corpus, sop, outcome, library = null, authenticate = null, limits = {}, logger = false }) {
  const most = { ...LIMITS, ...limits }
  const made = await review(corpus, sop, { outcome })
  const scores = await made.check.score(Scorecard.equal(sop))
  const app = fastify({ logger, bodyLimit: most.body, forceCloseConnections: true, requestTimeout: 30_000 })

  // The published schemas of the library say what may come in.
  const ajv = new Ajv2020({ strict: false, allErrors: false, coerceTypes: false, formats: { double: true, float: true, uint32: true, uint64: true, int64: true } })
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema))

  // What is wrong with a request is told; what went wrong inside is logged, and not told.
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof GoldpathError) return reply.code(error.code === 'internal' ? 500 : 400).send(told(error))
    if (error.validation) return reply.code(400).send({ code: 'request.invalid', message: error.message })
    const status = error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500
    if (status === 500) request.log.error(error)
    reply.code(status).send(status === 500 ? { code: 'internal', message: 'internal error' } : { code: error.code ?? 'request', message: error.message })
  })
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ code: 'request.unknown', message: 'there is nothing here' }))

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' })
    if (!authenticate || request.url === '/healthz') return
    request.user = await authenticate(request)
    if (!request.user) return reply.code(401).send({ code: 'request.unauthorised', message: 'who are you?' })
  })

  app.get('/healthz', async () => ({ ok: true, conversations: corpus.length, sessions: live.size }))

  // Pages.
  const html = { en: null, zh: null }
  const lang = { querystring: { type: 'object', properties: { lang: { enum: ['en', 'zh'] } }, additionalProperties: false } }
  app.get('/', { schema: lang }, async (request, reply) => {
    const which = request.query.lang ?? 'zh'
    html[which] ??= made.toHtml(which)
    return reply.type('text/html; charset=utf-8').send(await html[which])
  })
  const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
  app.get('/live', async (_, reply) => reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(page('live.html')))
  app.get('/live.js', async (_, reply) => reply.type('text/javascript; charset=utf-8').send(page('live.js')))
  app.get('/live.css', async (_, reply) => reply.type('text/css; charset=utf-8').send(page('live.css')))

  // Data.
  app.get('/api/sop', async () => ({ name: sop.name, version: sop.version ?? null, steps: sop.steps }))
  app.get('/api/review', { schema: lang }, async (request) => ({ summary: made.summary, sentences: made.sentences(request.query.lang ?? 'zh') }))
  app.get('/api/findings', async () => made.findings)
  app.get('/api/cases/:id', async (request, reply) => {
    try {
      return { alignment: made.check.alignment(request.params.id), score: scores.explain(request.params.id) }
    } catch (error) {
      if (error.code === 'check.unknown_case') return reply.code(404).send(told(error))
      throw error
    }
  })
  // What to say to "太贵了": by the customer's words or by topic. Gathered once, when the service starts.
  const words = { type: 'object', properties: { words: { type: 'string', minLength: 1, maxLength: 2_000 }, most: { type: 'string', pattern: '^[0-9]{1,2}$' } }, required: ['words'], additionalProperties: false }
  const talk = await made.talkTracks().catch((error) => {
    if (error.code !== 'talk.no_turns') throw error
    return null
  })
  app.get('/api/answers', { schema: { querystring: words } }, async ({ query }) => talk?.lookUp(query.words, Number(query.most ?? 3)) ?? [])
  const { $defs, $schema: _, ...conversation } = schema('conversation')
  const conversations = { type: 'array', maxItems: 1_000, items: conversation, $defs }
  app.post('/api/check', { schema: { body: conversations } }, async (request) => {
    const checked = await (await Corpus.fromRecords(request.body)).check(sop)
    return { cases: [...checked.cases()], deviations: [...checked.deviations()] }
  })
  if (library) {
    const text = { type: 'string', maxLength: 200 }
    const query = { type: 'object', properties: { words: text, tag: text, step: text, rep: text, most: { type: 'string', pattern: '^[0-9]{1,3}$' } }, additionalProperties: false }
    app.get('/api/clips', { schema: { querystring: query } }, async ({ query: { most: n, ...query } }) => library.search({ ...query, most: Number(n ?? 20) }))
    app.get('/api/clips/suggestions', { schema: lang }, async (request) => scores.clipSuggestions(20, request.query.lang ?? 'zh'))
    app.post('/api/clips', async (request, reply) => reply.code(201).send(await library.add(corpus, request.body ?? {})))
  }

  // Live sessions.
  const live = new Set()
  await app.register(websocket, { options: { maxPayload: most.message } })
  app.get('/api/live', { websocket: true }, (socket) => {
    if (live.size >= most.sessions) return socket.close(1013, 'too many sessions')
    live.add(socket)
    let session = null
    let attributes = {}
    let allowance = most.rate * 10
    let before = Date.now()
    let idle = setTimeout(() => socket.close(1000, 'idle'), most.idle)
    const send = (message) => socket.readyState === 1 && socket.send(JSON.stringify(message))
    const stand = () => send({ type: 'state', state: session.state, advice: made.advise(session, attributes), saved: session.toJson() })
    const acts = {
      start({ attributes: given = {}, version = null, saved = null }) {
        if (version !== null && version !== (sop.version ?? null)) throw new GoldpathError(`this is version ${sop.version ?? 'none'} of the SOP`, 'live.other_sop')
        attributes = given
        session = saved === null ? sop.live(attributes) : sop.resume(saved)
      },
      push: ({ step }) => session.push(String(step)),
      undo: () => session.undo(),
    }
    socket.on('message', (data) => {
      const now = Date.now()
      allowance = Math.min(most.rate * 10, allowance + ((now - before) / 1000) * most.rate) - 1
      before = now
      if (allowance < 0) return socket.close(1008, 'too many messages')
      idle.refresh()
      try {
        const message = JSON.parse(data.toString())
        const act = Object.hasOwn(acts, message?.type) ? acts[message.type] : null
        if (!act) return send({ type: 'error', code: 'request.invalid', message: 'type is start, push or undo' })
        if (!session && message.type !== 'start') return send({ type: 'error', code: 'request.invalid', message: 'start first' })
        act(message)
        stand()
      } catch (error) {
        const known = error instanceof GoldpathError && error.code !== 'internal'
        if (!known && !(error instanceof SyntaxError) && !(error instanceof TypeError)) app.log.error(error)
        send({ type: 'error', ...(known ? told(error) : { code: 'request.invalid', message: 'not a message of this service' }) })
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(idle)
      live.delete(socket)
    })
  })
  app.addHook('preClose', async () => {
    for (const socket of live) socket.close(1001, 'the service is going down')
  })
  return app
}

const told = (error) => ({ code: error.code, message: error.message, faults: error.faults })
