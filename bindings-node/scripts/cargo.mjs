// Builds the addon with cargo, in the workspace's own target folder, and puts it beside binding.js.
// (`napi build` always passes --target, which would compile every dependency a second time.)

import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const folder = dirname(dirname(fileURLToPath(import.meta.url)))

const library = { win32: 'goldpath_node.dll', darwin: 'libgoldpath_node.dylib' }[process.platform] ?? 'libgoldpath_node.so'

/** The name napi's generated loader looks for. */
export function addonName() {
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime
  const abi = { linux: musl ? '-musl' : '-gnu', win32: '-msvc' }[process.platform] ?? ''
  return `goldpath.${process.platform}-${process.arch}${abi}.node`
}

export const hasCrate = () => existsSync(join(folder, 'Cargo.toml'))

/** Builds with `profile` and returns the target folder. */
export function buildAddon(profile) {
  const cargo = process.env.CARGO ?? 'cargo'
  const run = (args, stdio) => execFileSync(cargo, args, { cwd: folder, stdio, maxBuffer: 1 << 28 })
  const metadata = run(['metadata', '--format-version', '1', '--no-deps'], ['ignore', 'pipe', 'inherit'])
  const target = JSON.parse(metadata).target_directory
  // GOLDPATH_CARGO_ARGS: what the Makefile adds so that one dependency graph serves all three languages.
  const extra = process.env.GOLDPATH_CARGO_ARGS?.split(' ').filter(Boolean) ?? ['--package', 'goldpath-node']
  run(['build', '--locked', '--profile', profile, ...extra], ['ignore', 'inherit', 'inherit'])
  const built = join(target, profile === 'dev' ? 'debug' : profile, library)
  const addon = join(folder, addonName())
  // Renamed into place: a running process may have the old file mapped.
  copyFileSync(built, `${addon}.new`)
  renameSync(`${addon}.new`, addon)
  return target
}
