(async () => {
'use strict'
const data = document.getElementById('rows')
const sides = [...document.querySelectorAll('.side')]
const each = (root, what, act) => root.querySelectorAll(what).forEach(act)

// The language that is shown is the language of the page.
each(document, 'input.to', (to) => to.addEventListener('change', () => { document.documentElement.lang = document.querySelector(`.side.${to.id.slice(3)}`).lang }))

// A click on a head sorts the rows beneath it; the first column by words, numbers by size.
each(document, 'table', (table) => each(table, 'thead th', (head) => {
  const button = document.createElement('button')
  button.className = 'sort'
  button.append(...head.childNodes)
  head.append(button)
  button.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') !== 'descending'
    each(table, 'thead th', (other) => other.removeAttribute('aria-sort'))
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
    const text = (row) => row.cells[head.cellIndex]?.textContent.trim() ?? ''
    const number = (row) => Number.parseFloat(text(row).replace(/,/g, '').replace('−', '-'))
    const compare = (a, b) => {
      const [x, y] = [number(a), number(b)]
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) === Number.isNaN(y) ? text(b).localeCompare(text(a)) : Number.isNaN(x) ? 1 : -1
      return y - x
    }
    const body = table.tBodies[0]
    body.append(...[...body.rows].sort((a, b) => (down ? compare(a, b) : compare(b, a))))
  })
}))

// What a search or a choice leaves out is hidden, each for its own reason.
const hide = (item, reason, hidden) => {
  const reasons = (item.reasons ??= new Set())
  if (hidden) reasons.add(reason)
  else reasons.delete(reason)
  item.hidden = reasons.size > 0
}
const searched = '.rows > li, .cards > li, .variants > li, tbody > tr, article, .found > li'
for (const side of sides) {
  const bar = side.querySelector('.filter')
  const field = bar.elements.search
  field.addEventListener('input', () => {
    const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean)
    let found = 0
    each(side, searched, (item) => {
      const text = (item.words ??= item.textContent.toLowerCase())
      const has = words.every((word) => text.includes(word))
      if (has) found += 1
      hide(item, 'search', !has)
    })
    side.querySelector('.found-count').textContent = words.length ? `${found}` : ''
  })
  bar.addEventListener('submit', (event) => event.preventDefault())
  bar.hidden = false
}

if (!data.dataset.rows || !('DecompressionStream' in window)) {
  each(document, '.filter .choices', (choices) => { choices.hidden = true })
  return
}
const head = JSON.parse(data.dataset.head)
const packed = Uint8Array.from(atob(data.dataset.rows), (c) => c.charCodeAt(0))
const buffer = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
const n = head.rows
const view = new DataView(buffer)
const wide = Array.from({ length: 3 + head.fields }, (_, i) => (row) => view.getUint16(2 * (i * n + row), true))
const flags = new Uint8Array(buffer, 2 * n * wide.length, n)
const marks = (row) => view.getUint32(2 * n * wide.length + n + 4 * row, true)
const [CHECKED, SO_FAR, COMPLETE, FULLY, DECIDED, WON] = [1, 2, 4, 8, 16, 32]
const NOTHING = 65535

const grouped = (x) => String(x).replace(/\B(?=(\d{3})+$)/g, ',')
const share = (k, of, zh) => (of ? `${((100 * k) / of).toFixed(1)}${zh ? '' : '\u00a0'}%` : '–')
// Wilson's interval, as everywhere on the page.
const rate = (k, of, zh) => {
  if (!of) return '–'
  const z = 1.959963984540054
  const [p, d] = [k / of, 1 + (z * z) / of]
  const [mid, half] = [(p + (z * z) / (2 * of)) / d, (z / d) * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of))]
  return `${share(k, of, zh)} [${share(k === 0 ? 0 : Math.max(0, mid - half), 1, zh)}, ${share(k === of ? 1 : Math.min(1, mid + half), 1, zh)}] (n ${grouped(of)})`
}

/** What is chosen: of each column a number, or the days from and to; nothing where all. */
const chosen = (bar) => {
  const e = bar.elements
  const at = (name) => (e[name] && e[name].value !== '' ? Number(e[name].value) : null)
  const day = (name) => (e[name]?.value ? Math.round(Date.parse(`${e[name].value}T00:00:00Z`) / 86400000) - head.day : null)
  const rep = e.rep?.value.trim() ? head.reps.indexOf(e.rep.value.trim()) : null
  const keys = [rep, at('team'), null, ...Array.from({ length: head.fields }, (_, i) => at(`field${i}`))]
  return { keys, from: day('from'), to: day('to') }
}
const any = (choice) => choice.from !== null || choice.to !== null || choice.keys.some((key) => key !== null)
const fits = (choice, key) => choice.keys.every((want, i) => want === null || key(i) === want)
  && (choice.from === null || (key(2) !== NOTHING && key(2) >= choice.from)) && (choice.to === null || (key(2) !== NOTHING && key(2) <= choice.to))

const apply = (choice) => {
  const filtered = any(choice)
  const sum = () => ({ n: 0, kept: 0, complete: 0, fully: 0, decided: 0, won: 0 })
  const [all, reps, counts] = [sum(), new Map(), new Array(head.deviations).fill(0)]
  if (filtered) {
    for (let row = 0; row < n; row += 1) {
      const f = flags[row]
      if (!fits(choice, (i) => wide[i](row))) continue
      const rep = wide[0](row)
      if (!reps.has(rep)) reps.set(rep, sum())
      for (const s of [all, reps.get(rep)]) {
        s.n += f & CHECKED ? 1 : 0
        s.kept += f & SO_FAR ? 1 : 0
        s.complete += f & COMPLETE ? 1 : 0
        s.fully += f & FULLY ? 1 : 0
        s.decided += f & DECIDED ? 1 : 0
        s.won += f & WON ? 1 : 0
      }
      for (let m = marks(row); m !== 0; m &= m - 1) counts[31 - Math.clz32(m & -m)] += 1
    }
  }
  for (const side of sides) {
    const zh = side.lang.startsWith('zh')
    const show = (cell, text) => {
      cell.first ??= cell.textContent
      cell.textContent = filtered ? text : cell.first
    }
    const figures = { n: grouped(all.n), kept: `${share(all.kept, all.n, zh)} (${grouped(all.kept)})`, fully: `${grouped(all.fully)} / ${grouped(all.complete)}`, won: rate(all.won, all.decided, zh) }
    each(side, '[data-figure]', (cell) => { cell.textContent = figures[cell.dataset.figure] })
    side.querySelector('.figures').hidden = !filtered
    side.querySelector('.nothing').hidden = !filtered || all.n > 0
    each(side, 'tr[data-deviation]', (row) => {
      const k = counts[Number(row.dataset.deviation)]
      show(row.querySelector('.part'), share(k, all.n, zh))
      show(row.querySelector('.cases'), grouped(k))
      const bar = row.querySelector('.bar')
      bar.first ??= bar.style.getPropertyValue('--p')
      bar.style.setProperty('--p', filtered ? `${all.n ? (100 * k) / all.n : 0}%` : bar.first)
      each(row, '.whole', (cell) => show(cell, '–'))
      hide(row, 'choice', filtered && k === 0)
    })
    each(side, 'tr[data-rep]', (row) => {
      const s = reps.get(Number(row.dataset.rep))
      hide(row, 'choice', filtered && !s)
      if (!s && filtered) return
      const texts = s ? [grouped(s.n), `${share(s.kept, s.n, zh)} (${grouped(s.kept)})`, `${grouped(s.fully)} / ${grouped(s.complete)}`, '–', '–', head.outcome ? rate(s.won, s.decided, zh) : '–'] : []
      each(row, 'td', (cell) => show(cell, texts[cell.cellIndex - 1]))
    })
    each(side, 'article[data-keys]', (article) => {
      const keys = article.dataset.keys.split(',').map(Number)
      hide(article, 'choice', filtered && !fits(choice, (i) => keys[i]))
    })
  }
}

// Both languages show the same choice.
for (const side of sides) {
  const bar = side.querySelector('.filter')
  const changed = () => {
    for (const other of sides) {
      const to = other.querySelector('.filter').elements
      if (other !== side) for (const from of bar.elements) if (from.name && from.name !== 'search') to[from.name].value = from.value
    }
    apply(chosen(bar))
  }
  bar.addEventListener('change', changed)
  bar.addEventListener('reset', () => setTimeout(() => { changed(); bar.elements.search.dispatchEvent(new Event('input')) }))
}
})()
