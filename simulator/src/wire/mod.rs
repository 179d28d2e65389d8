//! What goes over the wire: how requests are read, and the shapes of answers and refusals.

mod dialect;
mod form;
mod graph_error;
mod json_text;
mod modes;

pub use dialect::Dialect;
pub(crate) use form::Form;
pub(crate) use graph_error::GraphError;
pub(crate) use json_text::JsonText;
pub use modes::{
    EarlyRefresh, Envelope, ExchangeId, MissingRole, Modes, PermissionsShape, RefreshedToken, UserIdType,
};
