// `npm install` of a source folder: builds the addon where no binary is there. Needs only Node and cargo.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

if (existsSync(new URL('./cargo.mjs', import.meta.url))) {
  const { addonName, buildAddon, folder, hasCrate } = await import('./cargo.mjs')
  const skip = process.env.GOLDPATH_SKIP_BUILD || existsSync(join(folder, addonName()))
  if (!skip && hasCrate()) {
    try {
      buildAddon(process.env.GOLDPATH_PROFILE ?? 'release')
    } catch (error) {
      console.error(error.code === 'ENOENT' ? 'goldpath: building from source needs cargo (https://rustup.rs)' : error.message)
      process.exit(1)
    }
  }
}
