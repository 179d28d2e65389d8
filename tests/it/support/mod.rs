//! Vitrine as its users run it: the real program, real engines, and a local Instagram.

mod admin;
mod beside;
mod chromium;
pub(crate) mod clients;
mod crew;
mod dump;
mod fleet;
mod held;
mod installation;
pub(crate) mod letters;
mod owner;
mod process;
mod tables;

pub(crate) use beside::Beside;
pub(crate) use chromium::Browser;
pub(crate) use fleet::{Fleet, Size, database, now_of, vault_of};
pub(crate) use held::Held;
pub(crate) use installation::{Installation, MASTER_KEY, Plan};
pub(crate) use owner::{Answer, Owner, PASSWORD, Program, SCOPES, connected, posted, shows};
pub(crate) use process::Process;
pub(crate) use tables::rows_of;

/// Which engines stand behind the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engines {
    /// SQLite and a queue in the process.
    Alone,
    /// Postgres and Redis, with an API and a worker process apart.
    Distributed,
}

/// Makes one test out of each named scenario on each pair of engines. A scenario is an
/// `async fn(Engines)`.
macro_rules! on_both_pairs {
    ($($(#[$meta:meta])* $scenario:ident),+ $(,)?) => {
        mod alone {
            $(
                $(#[$meta])*
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario($crate::support::Engines::Alone).await;
                }
            )+
        }
        mod distributed {
            $(
                $(#[$meta])*
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario($crate::support::Engines::Distributed).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_pairs;
