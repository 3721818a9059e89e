//! Benchmarks of goldpath: criterion benches in `benches/`, side-by-side scripts against peers in `peers/`.
