//! What the tree looks like: crates, modules, documents, scripts.

mod arrows;
mod document_paths;
mod fixed_scripts;
