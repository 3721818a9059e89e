//! The published JSON Schemas are those of the types, and hold for real files. `GOLDPATH_BLESS=1` writes them.

use std::path::Path;

use goldpath::sop::{Fragment, History, Patch, Rules};
use goldpath::{Detector, Playbook, Scorecard, Sop};

#[test]
fn published_schemas_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema");
    let conversation = schemars::schema_for!(goldpath::corpus::Conversation).to_value();
    for (name, schema) in [
        ("sop.schema.json", Sop::json_schema()),
        ("playbook.schema.json", Playbook::json_schema()),
        ("conversation.schema.json", conversation),
        ("scorecard.schema.json", Scorecard::json_schema()),
        ("patch.schema.json", Patch::json_schema()),
        ("history.schema.json", History::json_schema()),
        ("fragment.schema.json", Fragment::json_schema()),
        ("rules.schema.json", Rules::json_schema()),
        ("detector.schema.json", Detector::json_schema()),
    ] {
        let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
        let path = folder.join(name);
        if std::env::var_os("GOLDPATH_BLESS").is_some() {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(&path, &text).expect("a file");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(published == text, "docs/schema/{name} is old: run the tests with GOLDPATH_BLESS=1");
    }
}
