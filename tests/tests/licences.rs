//! What goldpath is built of may be used by all who may use goldpath: the licence and source of every dependency, for every
//! platform, those of tests and tools too. (Known weaknesses are not looked up: that needs a service.)

use std::process::Command;

use goldpath_tests::cases_folder;
use serde_json::Value;
use spdx::{Expression, ParseMode};

/// Licences that ask for no more than to be named.
const ALLOWED: [&str; 12] =
    ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "PSF-2.0", "Unicode-3.0", "Unlicense", "Zlib"];

/// Why a licence is not allowed, if it is not.
fn refused(package: &str, licence: Option<&str>) -> Option<String> {
    let Some(licence) = licence else { return Some(format!("{package} names no licence")) };
    // Older packages write `MIT/Apache-2.0`.
    let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else { return Some(format!("{package}: `{licence}` is no licence expression")) };
    let allowed = expression.evaluate(|asked| asked.license.id().is_some_and(|id| ALLOWED.contains(&id.name)));
    (!allowed).then(|| format!("{package} is under `{licence}`"))
}

fn json(path: &str) -> Value {
    let path = cases_folder().join("../..").join(path);
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).expect("JSON")
}

#[test]
fn crates_are_free_and_from_the_registry() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = cases_folder().join("../../Cargo.toml");
    let output = Command::new(cargo).args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]).arg(manifest).output().expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100);
    let bad = packages.iter().filter_map(|package| refused(package["name"].as_str()?, package["license"].as_str()));
    assert_eq!(bad.collect::<Vec<_>>(), Vec::<String>::new());
    let mut sources = packages.iter().filter_map(|package| package["source"].as_str());
    assert!(sources.all(|source| source.starts_with("registry+")), "crates come from the registry, not from git");
}

#[test]
fn packages_of_node_are_free() {
    assert!(json("bindings-node/package.json").get("dependencies").is_none(), "the addon asks for nothing");
    for lock in ["bindings-node/package-lock.json", "bindings-node/examples/service/package-lock.json"] {
        let lock = json(lock);
        // The first is the package itself.
        let others = lock["packages"].as_object().expect("packages").iter().filter(|(path, _)| !path.is_empty());
        let bad: Vec<_> = others.filter_map(|(path, package)| refused(path, package["license"].as_str())).collect();
        assert_eq!(bad, Vec::<String>::new());
    }
}

#[test]
fn a_licence_that_binds_is_refused() {
    for fine in ["MIT", "MIT/Apache-2.0", "LGPL-2.1-or-later OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception"] {
        assert_eq!(refused("x", Some(fine)), None);
    }
    for not in [Some("GPL-3.0-only"), Some("MIT AND GPL-3.0-only"), Some("Proprietary"), None] {
        assert!(refused("x", not).is_some(), "{not:?}");
    }
}
