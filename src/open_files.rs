//! How many files and connections the system lets this process have open.

use std::num::NonZeroUsize;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Settings;

/// Open files that are no connections of clients or of the database: those of Redis, Instagram, emails and exports.
const KEPT: u64 = 256;

/// Raises the limit of open files as far as the system lets this process: many set a low one, which is for programs
/// that cannot do with more.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::debug!(%error, limit = ?limit.current, "the limit of open files stays as it is");
    }
}

/// Has the server hold no more connections than there can be files open: beyond that limit nobody is answered.
pub(crate) fn bound_connections(settings: &mut Settings) {
    let Some(limit) = getrlimit(Resource::Nofile).current else {
        return;
    };
    let kept = KEPT + u64::from(settings.database.max_connections.get());
    let server = &mut settings.server;
    let Some(fitting) = fitting(limit, kept, server.max_connections) else {
        return;
    };
    tracing::warn!(
        "server.max_connections is {wanted}, and the system lets this process open {limit} files, of which it needs \
         some itself: it holds {fitting} connections at once; set the limit of open files (LimitNOFILE, ulimit -n) to \
         {enough}",
        wanted = server.max_connections,
        enough = kept.saturating_add(u64::try_from(server.max_connections.get()).unwrap_or(u64::MAX)),
    );
    server.max_connections = fitting;
    server.connections_per_network = server.connections_per_network.min(half(fitting));
}

/// Connections that fit into a limit, where those that are wanted do not.
fn fitting(limit: u64, kept: u64, wanted: NonZeroUsize) -> Option<NonZeroUsize> {
    // Under a limit so low that all of it is kept, some are answered all the same.
    let left = limit.saturating_sub(kept).max(limit / 4);
    let left = NonZeroUsize::new(usize::try_from(left).unwrap_or(usize::MAX));
    let left = left.unwrap_or(NonZeroUsize::MIN);
    (left < wanted).then_some(left)
}

/// No network alone takes every place.
fn half(connections: NonZeroUsize) -> NonZeroUsize {
    NonZeroUsize::new(connections.get() / 2).unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(limit: u64, wanted: usize) -> Option<usize> {
        fitting(limit, 266, NonZeroUsize::new(wanted).unwrap()).map(NonZeroUsize::get)
    }

    #[test]
    fn connections_are_bounded_by_open_files_where_they_do_not_fit() {
        assert_eq!(fit(524_288, 20_000), None);
        assert_eq!(fit(20_266, 20_000), None);
        assert_eq!(fit(20_265, 20_000), Some(19_999));
        assert_eq!(fit(1_024, 20_000), Some(758));
        assert_eq!(fit(1_024, 100), None);
        assert_eq!(fit(100, 20_000), Some(25));
        assert_eq!(fit(0, 20_000), Some(1));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn one_network_takes_at_most_half_of_the_connections_that_fit() {
        let mut settings = Settings::default();
        settings.server.max_connections = NonZeroUsize::MAX;
        settings.server.connections_per_network = NonZeroUsize::MAX;

        bound_connections(&mut settings);

        let server = settings.server;
        assert!(server.max_connections < NonZeroUsize::MAX);
        assert_eq!(server.connections_per_network, half(server.max_connections));
    }
}
