//! Why Redis does not do what it was asked.

use redis::{ErrorKind, RedisError};

/// A kind of trouble with Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Nothing answers at the address, or the connection broke.
    Unreachable,
    /// No answer in time.
    Silent,
    /// The user or password is wrong.
    SignIn,
    /// The user may not do this: the ACL denies it.
    NoPermission,
    /// A replica, which takes no writes.
    ReadOnly,
    /// It is still reading its data.
    Loading,
    /// A replica that lost its master.
    MasterDown,
    /// The cluster is not complete.
    ClusterDown,
    /// Its memory is full.
    Full,
    /// It has too few replicas to take writes.
    NoReplicas,
    /// It cannot save its data, and takes no writes until it can.
    Misconf,
    /// A script of somebody runs for too long.
    Busy,
    /// Anything else.
    Other,
}

impl Cause {
    /// The kind of an error.
    #[must_use]
    pub fn of(error: &RedisError) -> Self {
        if error.is_timeout() {
            return Self::Silent;
        }
        match error.kind() {
            ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => Self::Unreachable,
            ErrorKind::AuthenticationFailed => Self::SignIn,
            _ => Self::of_words(
                error.code().unwrap_or_default(),
                error.detail().unwrap_or_default(),
            ),
        }
    }

    /// Servers before 7.0 report what a script met as a plain error that quotes the code.
    fn of_words(code: &str, detail: &str) -> Self {
        let named = |word: &str| code == word || (code == "ERR" && detail.contains(&format!("-{word} ")));
        let causes = [
            ("READONLY", Self::ReadOnly),
            ("OOM", Self::Full),
            ("MISCONF", Self::Misconf),
            ("NOREPLICAS", Self::NoReplicas),
            ("NOPERM", Self::NoPermission),
            ("LOADING", Self::Loading),
            ("MASTERDOWN", Self::MasterDown),
            ("CLUSTERDOWN", Self::ClusterDown),
            ("BUSY", Self::Busy),
            ("NOAUTH", Self::SignIn),
            ("WRONGPASS", Self::SignIn),
        ];
        let found = causes.into_iter().find(|(word, _)| named(word));
        match found {
            Some((_, cause)) => cause,
            None if detail.contains("The user executing the script can't") => Self::NoPermission,
            None => Self::Other,
        }
    }

    /// A word for readiness answers and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::SignIn => "sign_in_refused",
            Self::NoPermission => "no_permission",
            Self::ReadOnly => "read_only",
            Self::Loading => "loading",
            Self::MasterDown => "master_down",
            Self::ClusterDown => "cluster_down",
            Self::Full => "full",
            Self::NoReplicas => "no_replicas",
            Self::Misconf => "misconf",
            Self::Busy => "busy",
            Self::Other => "other",
        }
    }

    /// Whether a new connection may find a better server at once: after a failover the address names another one,
    /// but a demoted primary keeps its connections, and a dead network keeps them open.
    pub(crate) fn ends_a_connection(self) -> bool {
        matches!(
            self,
            Self::ReadOnly
                | Self::Loading
                | Self::MasterDown
                | Self::ClusterDown
                | Self::Silent
                | Self::SignIn
        )
    }

    /// Whether nothing at all was done, so that the same may be asked elsewhere.
    pub(crate) fn was_not_executed(self) -> bool {
        matches!(self, Self::ReadOnly | Self::MasterDown)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn redis_own_words_are_understood() {
        for (code, detail, cause) in [
            (
                "READONLY",
                "You can't write against a read only replica.",
                Cause::ReadOnly,
            ),
            (
                "OOM",
                "command not allowed when used memory > 'maxmemory'.",
                Cause::Full,
            ),
            (
                "MISCONF",
                "Redis is configured to save RDB snapshots",
                Cause::Misconf,
            ),
            (
                "NOREPLICAS",
                "Not enough good replicas to write.",
                Cause::NoReplicas,
            ),
            ("NOPERM", "this user has no permissions", Cause::NoPermission),
            (
                "ERR",
                "The user executing the script can't run this command or subcommand script: 05, on @user_script:1.",
                Cause::NoPermission,
            ),
            (
                "ERR",
                "Error running script (call to f_05): @user_script:1: -READONLY You can't write",
                Cause::ReadOnly,
            ),
            ("ERR", "unknown command", Cause::Other),
        ] {
            assert_eq!(Cause::of_words(code, detail), cause, "{code} {detail}");
        }
    }

    #[test]
    fn silence_is_not_the_same_as_a_broken_connection() {
        let of = |kind: io::ErrorKind| Cause::of(&io::Error::from(kind).into());
        assert_eq!(of(io::ErrorKind::TimedOut), Cause::Silent);
        assert_eq!(of(io::ErrorKind::BrokenPipe), Cause::Unreachable);
    }
}
