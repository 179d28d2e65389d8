//! Lists name their entries by reference: each entry is described once.

use std::collections::BTreeSet;
use utoipa::{
    Modify,
    openapi::{OpenApi, Ref, RefOr, Schema, schema::ArrayItems},
};

/// What the names of lists begin with; the name of the entries' type follows.
const LIST: &str = "ListView_";

/// Puts references in the place of copies.
pub(super) struct Lists;

impl Modify for Lists {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = &mut document.components else {
            return;
        };
        let known: BTreeSet<String> = components.schemas.keys().cloned().collect();
        for (name, schema) in &mut components.schemas {
            let entry = name.strip_prefix(LIST).filter(|entry| known.contains(*entry));
            if let (Some(entry), RefOr::T(schema)) = (entry, schema) {
                refer(schema, entry);
            }
        }
    }
}

fn refer(list: &mut Schema, entry: &str) {
    if let Schema::Object(list) = list
        && let Some(RefOr::T(Schema::Array(data))) = list.properties.get_mut("data")
    {
        let reference = RefOr::Ref(Ref::from_schema_name(entry));
        data.items = ArrayItems::RefOrSchema(Box::new(reference));
    }
}
