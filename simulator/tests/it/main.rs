//! The simulator seen from outside, over HTTP.

mod consent;
mod support;
