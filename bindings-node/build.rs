//! Tells the linker that Node supplies the Node-API symbols, and makes the folder napi-derive writes the types to.

fn main() {
    if let Some(folder) = std::env::var_os("NAPI_TYPE_DEF_TMP_FOLDER") {
        // Without it the addon still builds; only `npm run build` needs the types, and says so.
        let _ = std::fs::create_dir_all(folder);
    }
    napi_build::setup();
}
