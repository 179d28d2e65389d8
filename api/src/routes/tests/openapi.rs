//! The copy of the OpenAPI document in the tree.

use crate::{openapi::describe, routes::operations::ListedOperations};
use std::{env, fs};
use utoipa::OpenApi;

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
const ANEW: &str = "VITRINE_WRITE=1 cargo test -p vitrine-api --lib openapi";

/// A change of the contract shows in the diff of a commit.
#[test]
fn the_document_in_the_tree_is_the_one_that_the_code_makes() {
    let description = describe(
        ListedOperations::openapi(),
        &"http://127.0.0.1:8080".parse().unwrap(),
    );
    let made = serde_json::to_string_pretty(&description).unwrap() + "\n";
    if env::var_os("VITRINE_WRITE").is_some() {
        fs::write(KEPT, &made).unwrap();
    }

    let kept = fs::read_to_string(KEPT).unwrap_or_default();

    let mut both = kept.lines().zip(made.lines()).enumerate();
    let differing = both.find(|(_, (kept, made))| kept != made);
    assert!(
        kept == made,
        "docs/openapi.json is not what the code makes; the first lines that differ: {differing:?}. If the change is \
         meant, write the file anew with `{ANEW}`"
    );
}
