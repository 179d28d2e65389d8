//! The names that a `use` brings into its module.

use syn::UseTree;

use super::source::Segments;

/// One imported name, and the path behind it.
pub(super) struct Import {
    pub(super) name: String,
    pub(super) path: Segments,
}

/// Every name that a `use` imports. What a glob imports has no name: its path alone counts.
pub(super) fn imports_of(tree: &UseTree) -> Vec<Import> {
    let mut found = Vec::new();
    collect(tree, &[], &mut found);
    found
}

fn collect(tree: &UseTree, before: &[String], found: &mut Vec<Import>) {
    match tree {
        UseTree::Path(path) => collect(&path.tree, &with(before, &path.ident), found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, before, found)),
        UseTree::Glob(_) => found.push(import("*", before.to_vec())),
        UseTree::Name(name) if name.ident == "self" => {
            found.push(import(before.last().map_or("", String::as_str), before.to_vec()));
        }
        UseTree::Name(name) => found.push(import(&name.ident.to_string(), with(before, &name.ident))),
        UseTree::Rename(name) if name.ident == "self" => {
            found.push(import(&name.rename.to_string(), before.to_vec()));
        }
        UseTree::Rename(name) => found.push(import(&name.rename.to_string(), with(before, &name.ident))),
    }
}

fn import(name: &str, path: Segments) -> Import {
    Import {
        name: name.to_owned(),
        path,
    }
}

fn with(before: &[String], next: &syn::Ident) -> Segments {
    let mut path = before.to_vec();
    path.push(next.to_string());
    path
}
