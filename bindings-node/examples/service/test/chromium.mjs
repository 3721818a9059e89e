// Where the tests find a real browser (Debian: `apt-get install chromium`, or name it in CHROMIUM).

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

function executable() {
  const places = [process.env.CHROMIUM, ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))]
  return places.filter(Boolean).find((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export const executablePath = executable()
export const skip = executablePath ? false : 'no Chromium on this machine'
export const launch = { executablePath, args: ['--no-sandbox'] }
