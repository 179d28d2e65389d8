//! Why there is no client.

use thiserror::Error;

/// Why a client could not be built. No address is repeated in it, only the name of the setting.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The address is neither `https` nor `http` to a loopback host, so tokens would travel in the clear.
    #[error("{setting} must be an https address, or http to a loopback host")]
    Insecure {
        /// The setting at fault.
        setting: &'static str,
    },
    /// The address carries a user name, a password, a query or a fragment.
    #[error("{setting} must be a plain address, without credentials, query or fragment")]
    NotPlain {
        /// The setting at fault.
        setting: &'static str,
    },
    /// No rustls crypto provider is installed in this process.
    #[error("no TLS crypto provider is installed")]
    NoTlsProvider,
    /// The HTTP client could not be set up, most likely for want of trusted roots.
    #[error("the HTTP client could not be set up")]
    Http(#[source] reqwest::Error),
}
