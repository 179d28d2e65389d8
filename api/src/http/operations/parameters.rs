//! Which query parameters operations know.

use super::{is_guarded, is_tagged};
use std::collections::BTreeSet;
use utoipa::openapi::{
    RefOr,
    path::{Operation, ParameterIn},
};

/// Browsers and Meta add parameters of their own to these, and so do proxies and campaigns.
const LENIENT: [&str; 5] = ["callbacks", "compat", "graph", "operators", "pages"];

/// The query parameters that an operation knows.
#[derive(Debug)]
pub(crate) struct Parameters {
    /// Their names.
    pub(crate) names: BTreeSet<String>,
    /// Whether the operation asks for a credential.
    pub(crate) guarded: bool,
}

impl Parameters {
    /// Those of an operation that refuses all others; none for one that lets them be.
    pub(super) fn of(operation: &Operation) -> Option<Self> {
        if LENIENT.iter().any(|tag| is_tagged(operation, tag)) {
            return None;
        }
        let known = operation.parameters.iter().flatten();
        let names = known.filter_map(|parameter| match parameter {
            RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
                Some(parameter.name.clone())
            }
            _ => None,
        });
        Some(Self {
            names: names.collect(),
            guarded: is_guarded(operation),
        })
    }
}
