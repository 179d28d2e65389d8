//! Vitrine: one binary, every role.
fn main() {}
