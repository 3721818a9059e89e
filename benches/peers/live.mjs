// A million pushes over 10,000 open live sessions from Node: the spread of one push.
//
//     node benches/peers/live.mjs
//
// The next push goes to the next session; a session whose conversation is over begins a new one. Timed is
// `session.push(step)` alone, with the objects it gives.

import { Sop } from '../../bindings-node/index.mjs'

const OPEN = 10_000
const PUSHES = 1_000_000
const steps = 'open need budget authority demo price objection answer trial close'.split(' ')
const sop = Sop.fromObject({
  format: 'goldpath/1',
  name: 'live',
  steps,
  flow: ['open', { any_order: ['need', 'budget', 'authority'] }, { one_of: ['demo', 'trial'] }, { repeat: ['objection', 'answer'] }, 'price', 'close'],
})
// Runs, and runs with steps left out, doubled and swapped.
const paths = [
  'open need budget authority demo objection answer price close',
  'open budget need demo price close',
  'open price need authority budget trial objection answer objection answer price close',
  'open open need small_talk demo close price',
  'need authority demo price price objection close',
].map((path) => path.split(' '))

const sessions = Array.from({ length: OPEN }, () => sop.live())
const took = new Float64Array(PUSHES)
for (let i = 0; i < PUSHES; i++) {
  const slot = i % OPEN
  const turn = Math.floor(i / OPEN)
  const path = paths[slot % paths.length]
  if (turn % path.length === 0) sessions[slot] = sop.live()
  const session = sessions[slot]
  const step = path[turn % path.length]
  const began = process.hrtime.bigint()
  session.push(step)
  took[i] = Number(process.hrtime.bigint() - began) / 1e3
}
took.sort()
const at = (share) => took[Math.floor((PUSHES - 1) * share)].toFixed(2)
console.log(`push from Node: p50 ${at(0.5)} µs, p99 ${at(0.99)} µs, p99.9 ${at(0.999)} µs`)
