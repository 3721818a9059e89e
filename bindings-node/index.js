'use strict'
// The CommonJS door: the native binding, and the class its errors are made of.

const native = require('./binding.js')

/** Every error of goldpath; `code` is stable and the same in Rust, Python and Node. */
class GoldpathError extends Error {
  constructor(message, code = 'internal', where = {}) {
    super(message)
    this.name = 'GoldpathError'
    this.code = code
    this.where = where
  }
}

const { onError, __napiBindingTarget, ...names } = native
onError((code, message, where) => new GoldpathError(message, code, JSON.parse(where)))

module.exports = { ...names, GoldpathError }
