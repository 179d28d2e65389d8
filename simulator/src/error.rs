//! What can go wrong outside the simulated platform.

use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// Why the simulator could not start, or could not do what was asked of it.
#[derive(Debug, Error)]
pub enum SimulatorError {
    /// The listen address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state file is there but cannot be read.
    #[error("cannot read the state file {path}")]
    ReadState {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state file is not one of ours.
    #[error("the state file {path} is damaged")]
    DamagedState {
        /// The file.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// The state file cannot be written.
    #[error("cannot write the state file {path}")]
    WriteState {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The public URL is no absolute http(s) URL.
    #[error("the public URL {0} is no absolute http or https URL")]
    PublicUrl(String),
    /// No account has this username.
    #[error("no account is named {0}")]
    UnknownAccount(String),
    /// Another account has this username.
    #[error("an account named {0} is already there")]
    UsernameTaken(String),
    /// The username is empty or holds a character no username has.
    #[error("{0} is no username")]
    InvalidUsername(String),
    /// The account has no such media.
    #[error("the account {username} has no media {id}")]
    UnknownMedia {
        /// The account.
        username: String,
        /// The id asked for.
        id: String,
    },
    /// Callbacks go to this machine only.
    #[error("callbacks are sent to loopback addresses only, not to {0}")]
    NotLoopback(String),
    /// The callback could not be sent.
    #[error("the callback could not be sent")]
    Callback(#[from] reqwest::Error),
    /// A task of the simulator ended by panicking.
    #[error("a task of the simulator failed")]
    Task(#[from] tokio::task::JoinError),
}
