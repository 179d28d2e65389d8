//! The modules of a crate, read from its source.

use std::collections::HashMap;
use std::path::Path;

use syn::{Attribute, Item, ItemMod, Meta};

use super::imports::{Import, imports_of};
use super::names::names_in;

/// A module's place in its crate; empty for the crate's root.
pub(super) type Place = Vec<String>;

/// The segments of a path as they stand in the source.
pub(super) type Segments = Vec<String>;

/// What the modules of one crate import, and what their code names.
#[derive(Default)]
pub(super) struct Modules {
    imports: HashMap<Place, Vec<Import>>,
    references: Vec<(Place, Segments)>,
}

impl Modules {
    /// Reads a crate from its folder of sources, beginning with `lib.rs` and `main.rs`.
    pub(super) fn read(source: &Path) -> Self {
        let mut modules = Self::default();
        for root in ["lib.rs", "main.rs"].map(|name| source.join(name)) {
            if root.exists() {
                modules.read_file(&root, Place::new(), source);
            }
        }
        modules
    }

    /// All paths that the code of a module contains, with the module.
    pub(super) fn references(&self) -> impl Iterator<Item = &(Place, Segments)> {
        self.references.iter()
    }

    fn read_file(&mut self, file: &Path, place: Place, children: &Path) {
        let text = std::fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
        self.read_items(&parsed.items, &place, children);
    }

    fn read_items(&mut self, items: &[Item], place: &Place, children: &Path) {
        self.imports.entry(place.clone()).or_default();
        for item in items.iter().filter(|item| !is_for_tests(attributes_of(item))) {
            match item {
                Item::Mod(module) => self.read_module(module, place, children),
                Item::Use(found) => self.read_imports(imports_of(&found.tree), place),
                other => self.read_names(names_in(other), place),
            }
        }
    }

    fn read_imports(&mut self, imports: Vec<Import>, place: &Place) {
        self.read_names(imports.iter().map(|import| import.path.clone()).collect(), place);
        self.imports.entry(place.clone()).or_default().extend(imports);
    }

    fn read_names(&mut self, names: Vec<Segments>, place: &Place) {
        self.references
            .extend(names.into_iter().map(|name| (place.clone(), name)));
    }

    fn read_module(&mut self, module: &ItemMod, place: &Place, children: &Path) {
        let name = module.ident.to_string();
        let inner = child(place, &name);
        let folder = children.join(&name);
        if let Some((_, items)) = &module.content {
            return self.read_items(items, &inner, &folder);
        }
        let files = [children.join(format!("{name}.rs")), folder.join("mod.rs")];
        let file = files.iter().find(|file| file.exists());
        let file = file.unwrap_or_else(|| panic!("no file for {}", inner.join("::")));
        self.read_file(file, inner, &folder);
    }

    /// The module that defines what a path names, if it is one of this crate.
    pub(super) fn home_of(&self, from: &Place, path: &[String]) -> Option<Place> {
        match path.first()?.as_str() {
            "crate" => self.walk(Place::new(), &path[1..]),
            "self" => self.walk(from.clone(), &path[1..]),
            "super" => self.home_of(&from[..from.len().checked_sub(1)?].to_vec(), &parent_path(path)),
            first if self.knows(from, first) => self.walk(from.clone(), path),
            _ => None,
        }
    }

    /// Whether the first segment of a path names something of this crate, not another crate.
    fn knows(&self, place: &Place, name: &str) -> bool {
        let of_another_crate = |import: &Import| import.path.first().is_some_and(|first| first == name);
        self.imports.contains_key(&child(place, name))
            || self
                .import(place, name)
                .is_some_and(|import| !of_another_crate(import))
    }

    fn import(&self, place: &Place, name: &str) -> Option<&Import> {
        self.imports.get(place)?.iter().find(|import| import.name == name)
    }

    fn walk(&self, mut here: Place, path: &[String]) -> Option<Place> {
        for (at, segment) in path.iter().enumerate() {
            if self.imports.contains_key(&child(&here, segment)) {
                here.push(segment.clone());
                continue;
            }
            let Some(import) = self.import(&here, segment) else {
                break;
            };
            let whole = [&import.path[..], &path[at + 1..]].concat();
            return self.home_of(&here, &whole);
        }
        Some(here)
    }
}

fn child(place: &Place, name: &str) -> Place {
    let mut inner = place.clone();
    inner.push(name.to_owned());
    inner
}

/// `super::super::x` seen from a module is `super::x` seen from the module around it.
fn parent_path(path: &[String]) -> Segments {
    match path.get(1).map(String::as_str) {
        Some("super") => path[1..].to_vec(),
        _ => [&["self".to_owned()], &path[1..]].concat(),
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is built for tests only: `cfg(test)`, alone or beside a feature for tests.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    let conditions = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.to_string()),
        _ => None,
    });
    conditions.into_iter().any(|condition| {
        ["test", "\"testing\"", "\"fuzzing\""].iter().any(|word| {
            condition
                .split(|letter: char| !(letter.is_alphanumeric() || letter == '"'))
                .any(|part| part == *word)
        }) && !condition.starts_with("not")
    })
}
