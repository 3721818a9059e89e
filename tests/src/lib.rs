//! The cases that Rust, Python and Node all run, and tests that cross rooms. The cases are data: see `cases/README.md`.
