//! The paths that stand in an item's code, also within macros and attributes.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Attribute, Item, ItemUse, Macro, Meta};

use super::imports::imports_of;
use super::source::Segments;

/// Every path in an item.
pub(super) fn names_in(item: &Item) -> Vec<Segments> {
    let mut names = Names::default();
    names.visit_item(item);
    names.0
}

#[derive(Default)]
struct Names(Vec<Segments>);

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        self.0
            .push(segments.map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, found: &'ast ItemUse) {
        let imports = imports_of(&found.tree).into_iter();
        self.0.extend(imports.map(|import| import.path));
    }

    fn visit_macro(&mut self, found: &'ast Macro) {
        collect(found.tokens.clone(), &mut self.0);
        syn::visit::visit_macro(self, found);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            collect(list.tokens.clone(), &mut self.0);
        }
    }
}

/// The paths among tokens: words that `::` joins.
fn collect(stream: TokenStream, names: &mut Vec<Segments>) {
    let mut path = Segments::new();
    let mut colons = 0;
    for tree in stream {
        match tree {
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Ident(word) => {
                if colons != 2 {
                    finish(&mut path, names);
                }
                path.push(word.to_string());
                colons = 0;
            }
            other => {
                finish(&mut path, names);
                colons = 0;
                if let TokenTree::Group(group) = other {
                    collect(group.stream(), names);
                }
            }
        }
    }
    finish(&mut path, names);
}

fn finish(path: &mut Segments, names: &mut Vec<Segments>) {
    if !path.is_empty() {
        names.push(std::mem::take(path));
    }
}
