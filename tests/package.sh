#!/usr/bin/env bash
# `make package`: builds what is published (a wheel, two npm tarballs, a crate) into target/package, and holds each against the
# README from an empty folder, with nothing of this repository in reach. PROFILE=dev checks the same with less building.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
out=$root/target/package
profile=${PROFILE:-dist}
python=${PYTHON:-python3}
cargo=${CARGO:-cargo}
rm -rf "$out"
mkdir -p "$out"
# Each check runs in a new folder outside of the repository, where no path leads back to it.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The first block of a language in the README.
block() { awk -v lang="$1" '$0 == "```" lang {on = 1; next} /^```$/ {if (on) exit} on' "$root/README.md"; }

says() {
  [[ "$2" == *"$3"* ]] || { echo "$1 says: $2" >&2; exit 1; }
  echo "$1 does what the README says"
}

echo "== wheel"
"$python" -m venv "$scratch/build"
"$scratch/build/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.10,<2'
"$scratch/build/bin/maturin" build --quiet --locked --profile "$profile" --manifest-path bindings-python/Cargo.toml --interpreter "$python" --out "$out"
"$python" -m venv "$scratch/python"
"$scratch/python/bin/pip" install --quiet --disable-pip-version-check --no-index "$out"/goldpath-*.whl
block python >"$scratch/readme.py"
said=$(cd "$scratch" && env -u PYTHONPATH python/bin/python readme.py)
says "$(cd "$out" && ls goldpath-*.whl)" "$said" 'c2 “Find the need” was skipped'
"$scratch/python/bin/python" -c 'import goldpath, importlib.resources as r; assert (r.files(goldpath) / "py.typed").is_file() and (r.files(goldpath) / "_goldpath.pyi").is_file()'

echo "== npm"
(cd bindings-node && GOLDPATH_CARGO_ARGS="--package goldpath-node" node scripts/build.mjs --profile "$profile" && node scripts/pack.mjs "$out")
git diff --exit-code --stat -- bindings-node/index.d.ts bindings-node/index.mjs bindings-node/binding.js
mkdir "$scratch/node"
echo '{"private": true}' >"$scratch/node/package.json"
# Offline and without optional packages: those of other platforms are not looked for.
(cd "$scratch/node" && npm install --silent --offline --no-audit --no-fund --omit=optional "$out"/goldpath-*.tgz)
{ block js; echo "console.log(found.check.alignment('c2').deviations[0].sentenceEn)"; } >"$scratch/node/readme.mjs"
says "$(cd "$out" && echo goldpath-*.tgz)" "$(cd "$scratch/node" && node readme.mjs)" 'was skipped'

echo "== crate"
"$cargo" package --quiet --locked --allow-dirty --no-verify -p goldpath
crate=$(ls -t target/package/goldpath-*.crate | head -1)
mkdir -p "$scratch/rust/src"
tar -xzf "$crate" -C "$scratch/rust"
version=$(basename "$crate" .crate)
block rust >"$scratch/rust/src/main.rs"
cp "$scratch/rust/$version/Cargo.lock" "$scratch/rust/"
printf '[package]\nname = "readme"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\ngoldpath = { path = "%s" }\n[workspace]\n' "$version" >"$scratch/rust/Cargo.toml"
(cd "$scratch/rust" && CARGO_TARGET_DIR="$root/target/package/built" "$cargo" run --quiet)
echo "$(basename "$crate") does what the README says"
ls -l "$out"/*.whl "$out"/*.tgz "$crate" | awk '{print $5, $NF}'
