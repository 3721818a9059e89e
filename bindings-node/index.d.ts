/* Generated from the Rust types by `npm run build`; do not edit. */

/** Every error of goldpath; `code` is stable and the same in Rust, Python and Node. */
export declare class GoldpathError extends Error {
  constructor(message: string, code?: string, where?: Record<string, unknown>)
  code: string
  where: Record<string, unknown>
}

/** A class whose constructor and method throw (for the tests of the skeleton). */
export declare class Fragile {
  /** Throws unless `sound`. */
  constructor(sound: boolean)
  /** Throws. */
  crack(): void
}

/** The number of lines in a buffer of JSON lines. */
export declare function countLines(json: Buffer): number

/** Throws an error of the given code (for the tests of the skeleton). */
export declare function fail(code: string): void

/** Sleeps `steps` times 10 ms; fails or panics at the end when told to (for the tests of the skeleton). */
export declare function longWork(steps: number, end?: string | undefined | null, options?: WorkOptions | undefined | null): Promise<number>

/** Sums `values` by the dictionary-encoded `keys`: `names[keys[i]]` is the name of row i. */
export declare function sumBy(keys: Uint32Array, names: Array<string>, values: Float64Array): Float64Array

/** The version of the library. */
export declare function version(): string

/** Options of every long call. */
export interface WorkOptions {
  /** Stops the work; the promise is then rejected with the reason of the signal. */
  signal?: AbortSignal
  /** Called now and then with how much is done, and of how much. */
  onProgress?: (done: number, total: number) => void
}
