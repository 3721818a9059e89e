// A fault of the library itself becomes an error of JavaScript: it never ends the process.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Sop } from '../index.mjs'

const { _panic } = createRequire(import.meta.url)('../binding.js')

test('a panic is an error, and the process goes on', async () => {
  assert.throws(() => _panic(false), /on purpose/)
  await assert.rejects(_panic(true), { code: 'internal', message: /on purpose/ })
  assert.equal(Sop.parse('{format: goldpath/1, name: x, steps: [a], flow: [a]}').name, 'x')
})

test('every function of the addon catches panics', () => {
  const folder = new URL('../src/', import.meta.url)
  const bare = []
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    for (const [, options, name] of text.matchAll(/#\[napi(\([^\]]*\))?\]\s*(?:#\[[^\]]*\]\s*|\/\/[^\n]*\n\s*)*pub (?:async )?fn (\w+)/g)) {
      if (!options?.includes('catch_unwind')) bare.push(`${file}: ${name}`)
    }
  }
  assert.deepEqual(bare, [])
})
