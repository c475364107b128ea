//! Which model is compiled in: `models/default.onnx`, or the file that the variable `TAMIS_BUILTIN_MODEL` names, with which a
//! deployment brings its own without a change to the source.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=TAMIS_BUILTIN_MODEL");
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let model = env::var_os("TAMIS_BUILTIN_MODEL").filter(|model| !model.is_empty());
    let model = root.join(model.unwrap_or_else(|| "models/default.onnx".into()));
    println!("cargo:rustc-env=TAMIS_BUILTIN_MODEL_PATH={}", model.display());
}
