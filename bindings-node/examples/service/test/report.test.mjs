// The report in a real browser: languages, filter, search, sorting, hostile text, a phone, print. Skipped, and said so,
// where there is no Chromium.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { Corpus, Sop, review } from '../../../index.mjs'
import { launch, skip } from './chromium.mjs'

const EVIL = '<img src=x onerror=alert(1)>"\'&<script>alert(2)</script>'
const SOP = {
  format: 'goldpath/1',
  name: EVIL,
  steps: { open: { title: '开场' }, need: { title: EVIL }, price: { title: '报价' }, close: { title: '签约' } },
  flow: ['open', 'need', 'price', 'close'],
}

/** Cases by a fixed rule: some leave `need` out and win less. */
function cases(n) {
  const dice = (i, salt) => (Math.imul(i * 4 + salt + 1, 2654435761) >>> 8) % 1000
  return Array.from({ length: n }, (_, i) => {
    const steps = ['open', ...(dice(i, 0) < 300 ? [] : ['need']), 'price', ...(dice(i, 1) < 200 ? ['gift'] : []), 'close']
    const day = new Date(Date.UTC(2026, 0, 5) + (i % 120) * 86400000).toISOString()
    return {
      id: `c${i}${i === 3 ? EVIL : ''}`,
      rep: i % 7 === 0 ? EVIL : `r${i % 7}`,
      team: i % 7 < 3 ? '北区' : EVIL,
      started_at: day,
      turns: steps.map((step) => ({ speaker: 'agent', text: `${EVIL} {{ 7*7 }} ${step}`, steps: [step] })),
      attributes: { segment: dice(i, 2) < 500 ? 'SMB' : EVIL },
      outcome: { won: dice(i, 3) < (steps.includes('need') ? 500 : 250) },
    }
  })
}

let browser, folder, url, wrong, page
before(async () => {
  if (skip) return
  browser = await chromium.launch(launch)
  folder = mkdtempSync(join(tmpdir(), 'goldpath-report-'))
  const file = join(folder, 'report.html')
  const made = await review(await Corpus.fromRecords(cases(2_000)), Sop.parse(JSON.stringify(SOP)))
  await made.save(file, { lang: 'en' })
  url = pathToFileURL(file).href
})
after(async () => {
  await browser?.close()
  if (folder) rmSync(folder, { recursive: true })
})

async function open(viewport = { width: 1100, height: 900 }, options = {}) {
  page = await browser.newPage({ viewport, ...options })
  wrong = []
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`))
  page.on('request', (request) => request.url() !== url && !request.url().startsWith(`${url}#`) && wrong.push(`loaded ${request.url()}`))
  await page.goto(url)
}
const en = (what) => page.locator(`.side.en ${what}`)

test('five answers lead to their parts, and every link has its end', { skip }, async () => {
  await open()
  const answers = en('nav a')
  assert.equal(await answers.count(), 5)
  const lost = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.getAttribute('href').slice(1))).map((a) => a.outerHTML))
  assert.deepEqual(lost, [])
  const twice = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((x) => x.id).filter((id, i, all) => all.indexOf(id) !== i))
  assert.deepEqual(twice, [])
  assert.equal(await page.locator('.side img').count(), 0)
  assert.ok((await page.title()).startsWith('<img'))
  assert.deepEqual(wrong, [])
})

test('the language is switched in the page', { skip }, async () => {
  await open()
  assert.equal(await page.locator('.side.zh').isVisible(), false)
  await page.getByText('中文', { exact: true }).click()
  assert.equal(await page.locator('.side.zh').isVisible(), true)
  assert.equal(await page.locator('.side.en').isVisible(), false)
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN')
  assert.deepEqual(wrong, [])
})

test('a filter that holds for all says what the page says; one of a team counts its cases', { skip }, async () => {
  await open()
  const plain = await en('#en-reps tr[data-rep] td').allTextContents()
  const shares = await en('tr[data-deviation] .part').allTextContents()
  await en('[name=from]').fill('2026-01-05')
  assert.deepEqual(await en('tr[data-deviation] .part').allTextContents(), shares)
  // All but means that the page does not hold for single cases.
  const same = (await en('#en-reps tr[data-rep] td').allTextContents()).map((text, i) => (text === '–' ? plain[i] : text))
  assert.deepEqual(same, plain)
  await en('[name=team]').selectOption({ label: '北区' })
  const of = cases(2_000).filter((c) => c.team === '北区')
  assert.equal(await en('[data-figure=n]').textContent(), of.length.toLocaleString('en-US'))
  assert.match(await en('[data-figure=won]').textContent(), new RegExp(`^${((100 * of.filter((c) => c.outcome.won).length) / of.length).toFixed(1)}`))
  assert.equal(await en('#en-reps tr[data-rep]:visible').count(), 3)
  // The other language follows.
  assert.equal(await page.locator('.side.zh [data-figure=n]').textContent(), of.length.toLocaleString('en-US'))
  await en('[name=rep]').fill('nobody')
  await en('[name=rep]').blur()
  assert.equal(await en('.nothing').isVisible(), true)
  await en('button[type=reset]').click()
  await page.waitForFunction(() => document.querySelector('.side.en .figures').hidden)
  assert.deepEqual(await en('#en-reps tr[data-rep] td').allTextContents(), plain)
  assert.deepEqual(wrong, [])
})

test('words are found, and rows are sorted from the keyboard', { skip }, async () => {
  await open()
  const all = await en('article').count()
  await en('[name=search]').fill('alert(2) gift')
  const left = await en('article:visible').count()
  assert.ok(left > 0 && left < all, `${left} of ${all}`)
  await en('[name=search]').fill('')
  assert.equal(await en('article:visible').count(), all)
  const head = en('#en-deviations th .sort').nth(3)
  await head.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  const cases = (await en('#en-deviations td.cases').allTextContents()).map((text) => Number(text.replaceAll(',', '')))
  assert.deepEqual(cases, [...cases].sort((a, b) => a - b))
  assert.deepEqual(wrong, [])
})

test('what is said stands under its topic, as text', { skip }, async () => {
  await open()
  const talk = en('#en-talk')
  assert.ok((await talk.locator('tbody tr').count()) > 4)
  assert.ok((await talk.locator('blockquote').first().textContent()).includes('<img src=x onerror=alert(1)>'))
  assert.ok((await talk.locator('.tag').allTextContents()).every((text) => ['clear winner', 'no clear winner', 'one wording only'].includes(text)))
  assert.deepEqual(wrong, [])
})

test('it reads on a phone, without script and on paper', { skip }, async () => {
  await open({ width: 360, height: 740 })
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing reaches beyond a phone')
  await page.close()
  await open({ width: 1100, height: 900 }, { javaScriptEnabled: false })
  assert.equal(await en('h1').isVisible(), true)
  assert.equal(await en('.filter').isVisible(), false)
  await page.getByText('中文', { exact: true }).click()
  assert.equal(await page.locator('.side.zh h1').isVisible(), true)
  assert.ok((await page.pdf({ format: 'A4' })).length > 10_000)
  assert.deepEqual(wrong, [])
})

test('text stands out enough, in light and in dark', { skip }, async () => {
  for (const colorScheme of ['light', 'dark']) {
    await open(undefined, { colorScheme })
    const faint = await page.evaluate(() => {
      const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number)
      const light = ([r, g, b]) => {
        const part = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
      }
      const behind = (x) => {
        for (let at = x; at; at = at.parentElement) {
          const c = channels(getComputedStyle(at).backgroundColor)
          if (c.length === 3 || c[3] === 1) return c
        }
        return [255, 255, 255]
      }
      return [...document.querySelectorAll('.side.en *')]
        .filter((x) => x.checkVisibility() && [...x.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
        .map((x) => {
          const [a, b] = [light(channels(getComputedStyle(x).color)), light(behind(x))].sort((p, q) => q - p)
          return [(a + 0.05) / (b + 0.05), x.outerHTML.slice(0, 80)]
        })
        .filter(([ratio]) => ratio < 4.5)
        .slice(0, 5)
    })
    assert.deepEqual(faint, [], colorScheme)
    await page.close()
  }
})
