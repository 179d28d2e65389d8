//! The Lua that runs inside Redis, where each call is one atomic step.

use redis::Script;

/// Every script of the queue.
pub(super) struct Scripts {
    pub(super) push: Script,
    pub(super) fetch: Script,
    pub(super) settle: Script,
    pub(super) renew: Script,
    pub(super) stats: Script,
    pub(super) dead: Script,
    pub(super) take_dead: Script,
    pub(super) mend: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            push: with_prelude(include_str!("scripts/push.lua")),
            fetch: with_prelude(include_str!("scripts/fetch.lua")),
            settle: with_prelude(include_str!("scripts/settle.lua")),
            renew: with_prelude(include_str!("scripts/renew.lua")),
            stats: with_prelude(include_str!("scripts/stats.lua")),
            dead: with_prelude(include_str!("scripts/dead.lua")),
            take_dead: with_prelude(include_str!("scripts/take_dead.lua")),
            mend: Script::new(include_str!("scripts/mend.lua")),
        }
    }
}

fn with_prelude(body: &str) -> Script {
    Script::new(&format!("{}\n{body}", include_str!("scripts/prelude.lua")))
}
