//! Addresses of the web, as people write them and as browsers send them.

pub mod address;
pub mod origin_pattern;
mod public_suffix;
