//! The shared cases in Rust. `GOLDPATH_BLESS=1 cargo test -p goldpath-tests --test cases` writes what is found into the
//! files; read the difference before you commit it.

use goldpath_tests::{cases, cases_folder, run};

#[test]
fn shared_cases() {
    let all = cases();
    assert!(!all.is_empty(), "there are cases");
    let mut wrong = Vec::new();
    for (file, mut case) in all {
        let found = run(&case);
        if std::env::var_os("GOLDPATH_BLESS").is_some() {
            case["expect"] = found;
            let text = serde_json::to_string_pretty(&case).expect("a case is JSON");
            std::fs::write(cases_folder().join(&file), text + "\n").expect("the file can be written");
        } else if case["expect"] != found {
            wrong.push(format!("{file}\n  expected {}\n  found    {found}", case["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
