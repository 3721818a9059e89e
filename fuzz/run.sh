#!/usr/bin/env bash
# fuzz/run.sh [SECONDS [TARGET...]]: builds the targets for libFuzzer and runs each for that long (60 s) from seeds made of
# the project's own cases. GOLDPATH_FUZZ_JOBS says how many run at once (1). What was found is in fuzz/artifacts.
# Stable Rust and a C++ compiler are enough: the coverage of libFuzzer is a pass of LLVM, and the core has no unsafe code
# that a sanitizer could watch.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-60}
shift $(($# > 0 ? 1 : 0))
targets=("$@")
if [[ ${#targets[@]} == 0 ]]; then
  mapfile -t targets < <(for target in fuzz_targets/*.rs; do basename "$target" .rs; done)
fi

coverage=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing)
triple=$(rustc -vV | sed -n 's/^host: //p')
# With --target the flags do not reach build scripts, which have no libFuzzer to link to.
RUSTFLAGS="${coverage[*]}" cargo build --release --locked --target "$triple"
# The selection of packages that the tests build anyway.
(cd .. && cargo build --quiet --locked --workspace --all-targets)
"${CARGO_TARGET_DIR:-../target}/debug/examples/fuzz_seeds" corpus

run() {
  mkdir -p "corpus/$1" artifacts logs
  # One thread: which input reaches what must not depend on how threads take turns.
  RAYON_NUM_THREADS=1 "target/$triple/release/$1" "corpus/$1" -artifact_prefix="artifacts/$1-" -dict=corpus/words.dict \
    -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 >"logs/$1.log" 2>&1 ||
    { echo "$1: found something, see fuzz/logs/$1.log"; return 1; }
  echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "logs/$1.log") inputs in $seconds s, nothing found"
}
export -f run
export seconds triple
printf '%s\n' "${targets[@]}" | xargs -P "${GOLDPATH_FUZZ_JOBS:-1}" -I{} bash -c 'run {}'
