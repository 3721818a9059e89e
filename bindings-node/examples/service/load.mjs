// node load.mjs [--url ws://127.0.0.1:8080/api/live] [--sessions 200] [--rate 5] [--seconds 300]
//
// Opens live sessions and pushes steps at a steady rate; prints how long an answer takes, and what the service holds in
// memory at the beginning and at the end where `--pid` names its process.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import WebSocket from 'ws'

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'ws://127.0.0.1:8080/api/live' },
    sessions: { type: 'string', default: '200' },
    rate: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '300' },
    pid: { type: 'string' },
  },
})
const [sessions, rate, seconds] = [values.sessions, values.rate, values.seconds].map(Number)
const megabytes = () => (values.pid ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${values.pid}/status`, 'utf8'))[1]) / 1024 : NaN)
const steps = (await (await fetch(values.url.replace(/^ws/, 'http').replace('/api/live', '/api/sop'))).json()).steps.map((step) => step.id)
const waits = []
let refused = 0

function open(number) {
  return new Promise((resolve) => {
    const socket = new WebSocket(values.url)
    let asked = 0
    let pushed = 0
    socket.on('message', (data) => {
      waits.push(performance.now() - asked)
      if (JSON.parse(data.toString()).type === 'error') refused++
      resolve(socket)
    })
    const ask = (message) => {
      asked = performance.now()
      socket.send(JSON.stringify(message))
    }
    socket.on('open', () => ask({ type: 'start' }))
    // A call has some twenty steps; then the next one begins.
    socket.next = () => ask(pushed++ % 20 === 19 ? { type: 'start' } : { type: 'push', step: steps[(pushed * 7 + number) % steps.length] })
  })
}

const open_sockets = await Promise.all(Array.from({ length: sessions }, (_, number) => open(number)))
waits.length = 0
const before = megabytes()
const timers = open_sockets.map((socket, i) => setTimeout(() => { socket.timer = setInterval(socket.next, 1000 / rate) }, (i / sessions) * (1000 / rate)))
let warm = NaN
setTimeout(() => { warm = megabytes() }, Math.min(30_000, seconds * 100))
await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
timers.forEach(clearTimeout)
for (const socket of open_sockets) {
  clearInterval(socket.timer)
  socket.close()
}
waits.sort((a, b) => a - b)
const at = (share) => waits[Math.floor((waits.length - 1) * share)].toFixed(2)
console.log(`${sessions} sessions, ${rate} steps a second each, ${seconds} s: ${waits.length} answers, ${refused} refused`)
console.log(`p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, longest ${at(1)} ms`)
if (values.pid) console.log(`memory ${before.toFixed(0)} MB at first, ${warm.toFixed(0)} MB warm, ${megabytes().toFixed(0)} MB at the end`)
