//! How many files and connections the system lets this process have open.

use std::num::NonZeroUsize;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use vitrine_api::ConnectionLimits;

use crate::config::Settings;

/// Open files that are no connections of clients or of the database: those of Redis, Instagram, emails and exports.
const KEPT: u64 = 256;
/// Connections that are held where the owner sets no number.
const USUAL: NonZeroUsize = NonZeroUsize::MIN.saturating_add(19_999);

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

/// How many connections the server holds: no more than there can be files open, since beyond that limit nobody is
/// answered. Warns where the owner wants more.
pub(crate) fn connection_limits(settings: &Settings) -> ConnectionLimits {
    let limit = getrlimit(Resource::Nofile).current;
    let limits = within(limit, settings);
    if let Some(warning) = limit.and_then(|limit| warning(limit, settings, limits.in_all)) {
        tracing::warn!("{warning}");
    }
    limits
}

fn within(limit: Option<u64>, settings: &Settings) -> ConnectionLimits {
    let server = &settings.server;
    let wanted = server.max_connections.unwrap_or(USUAL);
    match limit.and_then(|limit| fitting(limit, kept(settings), wanted)) {
        Some(fitting) => ConnectionLimits {
            in_all: fitting,
            per_network: server.connections_per_network.min(half(fitting)),
        },
        None => ConnectionLimits {
            in_all: wanted,
            per_network: server.connections_per_network,
        },
    }
}

/// The warning for an owner who set a number that does not fit.
fn warning(limit: u64, settings: &Settings, fitting: NonZeroUsize) -> Option<String> {
    let wanted = settings.server.max_connections?;
    let enough = kept(settings).saturating_add(u64::try_from(wanted.get()).unwrap_or(u64::MAX));
    (fitting < wanted).then(|| {
        format!(
            "server.max_connections is {wanted}, and the system lets this process open {limit} files, of which it \
             needs some itself: it holds {fitting} connections at once; set the limit of open files (LimitNOFILE, \
             ulimit -n) to {enough}"
        )
    })
}

/// Files that no client's connection may take.
fn kept(settings: &Settings) -> u64 {
    KEPT + u64::from(settings.database.max_connections.get())
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
        settings.server.max_connections = Some(NonZeroUsize::MAX);
        settings.server.connections_per_network = NonZeroUsize::MAX;

        let limits = connection_limits(&settings);

        assert!(limits.in_all < NonZeroUsize::MAX);
        assert_eq!(limits.per_network, half(limits.in_all));
    }

    #[test]
    fn an_owner_who_sets_no_number_gets_what_fits() {
        let settings = Settings::default();
        for (limit, in_all, per_network) in [
            (None, 20_000, 1_000),
            (Some(524_288), 20_000, 1_000),
            (Some(4_096), 3_830, 1_000),
            (Some(1_024), 758, 379),
        ] {
            let limits = within(limit, &settings);
            assert_eq!(
                (limits.in_all.get(), limits.per_network.get()),
                (in_all, per_network)
            );
        }
    }

    #[test]
    fn only_a_number_that_does_not_fit_is_warned_of() {
        let mut settings = Settings::default();
        let mut warned = |wanted: Option<usize>| {
            settings.server.max_connections = wanted.and_then(NonZeroUsize::new);
            warning(1_024, &settings, within(Some(1_024), &settings).in_all)
        };

        assert_eq!((warned(None), warned(Some(758))), (None, None));

        let said = warned(Some(20_000)).unwrap();
        for words in ["is 20000", "open 1024 files", "holds 758 connections", "to 20266"] {
            assert!(said.contains(words), "{said}");
        }
    }
}
