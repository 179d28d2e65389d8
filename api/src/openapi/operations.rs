//! The operations of a document, for those who complete them.

use std::collections::BTreeMap;
use utoipa::openapi::{
    RefOr, Schema,
    path::{Operation, Paths},
};

/// The schemas of a document by their names.
pub(super) type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Every operation, with its path.
pub(super) fn operations(paths: &mut Paths) -> impl Iterator<Item = (&str, &mut Operation)> {
    paths.paths.iter_mut().flat_map(|(path, item)| {
        let methods = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        let known = methods.into_iter().flatten();
        known.map(move |operation| (path.as_str(), operation))
    })
}

/// A schema, also where it is named by reference; of one that may be null, the one that it is otherwise.
pub(super) fn resolved<'s>(schema: &'s RefOr<Schema>, schemas: &'s Schemas) -> Option<&'s Schema> {
    match schema {
        RefOr::Ref(reference) => {
            let (_, name) = reference.ref_location.rsplit_once('/')?;
            resolved(schemas.get(name)?, schemas)
        }
        RefOr::T(Schema::OneOf(either)) => {
            let mut known = either.items.iter().filter(|item| matches!(item, RefOr::Ref(_)));
            resolved(known.next()?, schemas)
        }
        RefOr::T(schema) => Some(schema),
    }
}
