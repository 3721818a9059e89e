// node main.mjs --calls calls.jsonl.gz --sop sop.yaml [--store team.goldpath] [--port 8080] [--host 127.0.0.1]
//
// With the environment variable TOKEN, requests need `Authorization: Bearer …` (or `?token=…` for the socket of the page).

import { timingSafeEqual } from 'node:crypto'
import { parseArgs } from 'node:util'
import { Corpus, Sop, Store } from '../../index.mjs'
import { build } from './server.mjs'

const { values } = parseArgs({
  options: {
    calls: { type: 'string' },
    sop: { type: 'string' },
    store: { type: 'string' },
    outcome: { type: 'string' },
    port: { type: 'string', default: '8080' },
    host: { type: 'string', default: '127.0.0.1' },
  },
})
if (!values.calls || !values.sop) {
  console.error('say which conversations and which SOP: --calls calls.jsonl.gz --sop sop.yaml')
  process.exit(2)
}
const store = values.store ? await Store.open(values.store) : null
const token = process.env.TOKEN ? Buffer.from(process.env.TOKEN) : null
const authenticate = token && ((request) => {
  const given = Buffer.from(String(request.headers.authorization ?? '').replace(/^Bearer /, '') || String(request.query.token ?? ''))
  return given.length === token.length && timingSafeEqual(given, token) ? 'somebody with the token' : null
})
const app = await build({
  corpus: await Corpus.read(values.calls),
  sop: await Sop.read(values.sop),
  outcome: values.outcome,
  library: (await store?.clips()) ?? null,
  authenticate,
  logger: { level: 'warn' },
})
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    await app.close()
    store?.close()
  })
}
console.log(await app.listen({ port: Number(values.port), host: values.host }))
