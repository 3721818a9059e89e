// The page of a rep in a real browser. Skipped, and said so, where there is no Chromium (Debian: `apt-get install chromium`).

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chromium } from 'playwright-core'
import { Corpus, Sop } from '../../../index.mjs'
import { build } from '../server.mjs'
import { launch, skip } from './chromium.mjs'

test('a rep records steps and reads what to do next', { skip }, async () => {
  const sop = Sop.parse('{format: goldpath/1, name: "<img src=x onerror=alert(1)>", steps: {open: {title: 开场}, need: {title: "<b>需求</b>"}, close: {title: 签约}}, flow: [open, need, close]}')
  const corpus = await Corpus.fromRecords([{ id: 'c1', steps: ['open', 'need', 'close'], outcome: { won: true } }])
  const app = await build({ corpus, sop })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const browser = await chromium.launch(launch)
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } })
    const wrong = []
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
    page.on('pageerror', (error) => wrong.push(String(error)))
    page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`))
    await page.goto(`${url}/live`)
    await page.getByText('按 SOP，下一步是“开场”。').waitFor()
    assert.equal(await page.locator('h1').textContent(), '<img src=x onerror=alert(1)>')
    await page.getByRole('button', { name: '开场' }).click()
    await page.getByText('按 SOP，下一步是“<b>需求</b>”。').waitFor()
    await page.getByRole('button', { name: '签约' }).click()
    await page.getByText('跳过了“<b>需求</b>”').waitFor()
    assert.deepEqual(await page.locator('#path li').allTextContents(), ['开场', '签约'])
    await page.reload()
    await page.getByText('跳过了“<b>需求</b>”').waitFor()
    await page.getByRole('button', { name: /Undo/ }).click()
    await page.getByText('按 SOP，下一步是“<b>需求</b>”。').waitFor()
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing reaches beyond a phone')
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT })
    await page.goto(`${url}/?lang=zh`)
    assert.ok((await page.title()).length > 0)
    assert.deepEqual(wrong.filter((text) => !text.includes('favicon')), [])
  } finally {
    await browser.close()
    await app.close()
  }
})
