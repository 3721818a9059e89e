// The page of a rep: what was done, what the SOP plans, what the evidence advises. All text is set as text.

const byId = (id) => document.getElementById(id)
const element = (name, text, className = '') => Object.assign(document.createElement(name), { textContent: text, className })
const token = new URLSearchParams(location.search).get('token')
const query = token ? `?token=${encodeURIComponent(token)}` : ''
const sop = await (await fetch(`api/sop${query}`)).json()
byId('name').textContent = sop.version ? `${sop.name} v${sop.version}` : sop.name

let socket
let path = []
let wait = 500

function connect() {
  socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live${query}`)
  socket.onopen = () => {
    wait = 500
    start(sessionStorage.getItem('saved'))
  }
  socket.onmessage = ({ data }) => show(JSON.parse(data))
  socket.onclose = () => {
    byId('status').textContent = '连接断开，正在重连 · reconnecting'
    setTimeout(connect, (wait = Math.min(wait * 2, 15_000)))
  }
}

function start(saved = null) {
  const segment = byId('segment').value.trim()
  socket.send(JSON.stringify({ type: 'start', attributes: segment ? { segment } : {}, saved }))
  if (!saved) path = []
}

function show(message) {
  if (message.type === 'error') {
    byId('status').textContent = message.message
    if (sessionStorage.getItem('saved')) {
      sessionStorage.removeItem('saved')
      start()
    }
    return
  }
  byId('status').textContent = ''
  sessionStorage.setItem('saved', message.saved)
  path = JSON.parse(message.saved).steps ?? path
  const { state, advice } = message
  const zh = document.documentElement.lang === 'zh'
  const sentence = (one) => element('li', zh ? one.sentenceZh : one.sentenceEn, one.finding ? 'evidence' : '')
  byId('next').replaceChildren(...advice.next.map(sentence))
  byId('avoid').replaceChildren(...advice.avoid.map(sentence))
  byId('avoid-part').hidden = advice.avoid.length === 0
  byId('path').replaceChildren(...path.map((step) => element('li', sop.steps.find((one) => one.id === step)?.title ?? step)))
  byId('deviations').replaceChildren(...state.deviations.map((one) => element('li', zh ? one.sentenceZh : one.sentenceEn)))
  for (const button of byId('steps').children) button.classList.toggle('planned', state.allowed.includes(button.dataset.step))
}

function push(step) {
  path = [...path, step]
  socket.send(JSON.stringify({ type: 'push', step }))
}

byId('steps').append(...sop.steps.map((step) => {
  const button = element('button', step.title ?? step.id)
  button.dataset.step = step.id
  button.onclick = () => push(step.id)
  return button
}))
byId('restart').onclick = () => {
  sessionStorage.removeItem('saved')
  start()
}
byId('undo').onclick = () => {
  path = path.slice(0, -1)
  socket.send(JSON.stringify({ type: 'undo' }))
}
connect()
