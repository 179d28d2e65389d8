//! What the tree looks like: crates, modules, documents, scripts.

mod arrows;
mod circles;
mod document_paths;
mod fixed_scripts;
