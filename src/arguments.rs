//! The command line.

use clap::{Parser, Subcommand};

use crate::config::Flags;
use crate::roles::admin::AdminCommand;

/// Self-hosted Instagram feeds for websites, for many site owners at once.
///
/// Without a command, everything runs in this one process, on SQLite under ./data, with nothing to set up.
/// Settings come from vitrine.toml, from variables such as VITRINE_SERVER__LISTEN, and from flags; a later
/// source overrides an earlier one. VITRINE_LOG chooses what is logged, for example VITRINE_LOG=vitrine=debug.
#[derive(Debug, Parser)]
#[command(name = "vitrine", version)]
pub(crate) struct Arguments {
    /// What this process is to be.
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
    /// Settings given as flags.
    #[command(flatten)]
    pub(crate) flags: Flags,
}

/// What a process is to be.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Role {
    /// Run API, workers and scheduler in this process (this is what happens without a command)
    Up,
    /// Answer HTTP requests; any number of these may run on one Postgres and one Redis
    Api,
    /// Run jobs and find what is due; any number of these may run
    Worker,
    /// Migrate the database to this version, then exit
    Migrate,
    /// Run the simulator, a local stand-in for Instagram for development
    Simulator,
    /// Print the effective configuration without its secrets, or say what is wrong with it
    CheckConfig,
    /// Exit with 0 if the process on this machine answers, with 1 otherwise; for containers
    Healthcheck,
    /// Manage a running installation: queue, schedule, plans, sessions, keys
    #[command(subcommand)]
    Admin(AdminCommand),
}

impl Arguments {
    /// The role that was asked for and the flags as they apply to it.
    pub(crate) fn into_parts(self) -> (Role, Flags) {
        let role = self.role.unwrap_or(Role::Up);
        let listen_is_simulators = role == Role::Simulator;
        (
            role,
            Flags {
                listen_is_simulators,
                ..self.flags
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_command_everything_runs() {
        let arguments = Arguments::try_parse_from(["vitrine", "--listen", "127.0.0.1:0"]).unwrap();
        let (role, flags) = arguments.into_parts();
        assert_eq!((role, flags.listen.as_deref()), (Role::Up, Some("127.0.0.1:0")));
    }
}
