/* Generated from the Rust types by `npm run build`; do not edit. */

/** Every error of goldpath; `code` is stable and the same in Rust, Python and Node. */
export declare class GoldpathError extends Error {
  constructor(message: string, code?: string, where?: Record<string, unknown>)
  code: string
  where: Record<string, unknown>
}

