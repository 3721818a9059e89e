// The JavaScript examples of README and docs run as they are written.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const docs = readdirSync(join(root, 'docs/src'), { recursive: true }).map((page) => join('docs/src', page))
const pages = ['README.md', 'README.zh-CN.md', ...docs.filter((page) => page.endsWith('.md')).sort()]
const door = new URL('../index.mjs', import.meta.url).href

let found = 0
for (const page of pages) {
  const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block)
  for (const [number, block] of blocks.entries()) {
    found += 1
    test(`${page}, block ${number + 1}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'goldpath-prose-'))
      try {
        writeFileSync(join(folder, 'block.mjs'), block.replaceAll("from 'goldpath'", `from '${door}'`))
        const said = execFileSync(process.execPath, ['block.mjs'], { cwd: folder, encoding: 'utf8' })
        // A comment behind a line that prints says what it prints.
        for (const [, expected] of block.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)) assert.ok(said.includes(expected), said)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }
}

test('there are examples', () => assert.ok(found > 0))
