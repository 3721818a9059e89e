// `node scripts/pack.mjs FOLDER`: the packages as npm publishes them, as tarballs in FOLDER: `goldpath` itself, and the one of
// this platform with the addon (build it before), which `goldpath` names among its optional dependencies.

import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NapiCli } from '@napi-rs/cli'
import { addonName, folder } from './cargo.mjs'

const out = resolve(process.argv[2])
const stage = join(out, 'stage')
rmSync(stage, { recursive: true, force: true })
const main = join(stage, 'goldpath')
mkdirSync(main, { recursive: true })

const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const licences = ['LICENSE-APACHE', 'LICENSE-MIT']
for (const name of about.files) cpSync(join(folder, name), join(main, name))
for (const name of ['README.md', ...licences]) copyFileSync(join(folder, '..', name), join(main, name))

// The folders of the platforms, each with its package.json.
writeFileSync(join(main, 'package.json'), JSON.stringify(about))
await new NapiCli().createNpmDirs({ cwd: main, npmDir: 'npm' })
const platform = addonName().replace(/^goldpath\.|\.node$/g, '')
const addon = join(main, 'npm', platform)
copyFileSync(join(folder, addonName()), join(addon, addonName()))
for (const name of licences) copyFileSync(join(folder, '..', name), join(addon, name))

const named = about.napi.targets.map((target) => `goldpath-${platformOf(target)}`)
const { devDependencies, overrides, scripts, ...published } = about
published.files = [...about.files.filter((name) => !name.startsWith('scripts/')), ...licences]
published.optionalDependencies = Object.fromEntries(named.map((name) => [name, about.version]))
writeFileSync(join(main, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
const { files, ...ofAddon } = JSON.parse(readFileSync(join(addon, 'package.json'), 'utf8'))
writeFileSync(join(addon, 'package.json'), `${JSON.stringify({ ...ofAddon, files: [...files, ...licences] }, null, 2)}\n`)

for (const cwd of [main, addon]) execFileSync('npm', ['pack', '--silent', '--pack-destination', out], { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
rmSync(stage, { recursive: true })

/** `x86_64-unknown-linux-gnu` as npm names it: `linux-x64-gnu`. */
function platformOf(target) {
  const [cpu, , system, abi] = target.split('-')
  return [{ windows: 'win32' }[system] ?? system, { x86_64: 'x64', aarch64: 'arm64' }[cpu], abi].filter(Boolean).join('-')
}
