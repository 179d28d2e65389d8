//! Who belongs to a tenant, and how one comes to belong to it.
//!
//! Whatever changes who belongs to a tenant locks the tenant's row first and looks at the roles then, so that
//! two changes at once follow each other: two owners who leave at the same time do not both succeed.

mod accepting;
mod error;
mod invitation_email;
mod invitations;
mod members;
mod ownership;
mod retention;
mod rules;
mod site;
mod token;

pub use accepting::Acceptance;
pub use error::TeamError;
pub use members::Member;
pub use retention::prune_invitations;
pub use site::Site;

use crate::{identity::Identity, mail::Outbox};
use std::sync::Arc;
use token::Tokens;
use url::Url;
use vitrine_base::{clock::SharedClock, database::Database, paging::Cursors, security::MasterKey};

/// Looks after members and invitations.
pub struct Teams {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
    tokens: Tokens,
    identity: Arc<Identity>,
    outbox: Outbox,
    public_url: Url,
}

impl Teams {
    /// The service over its parts. Links in invitations lead to `public_url`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        master: &MasterKey,
        identity: Arc<Identity>,
        outbox: Outbox,
        public_url: Url,
    ) -> Self {
        Self {
            database,
            clock,
            cursors: Cursors::new(master),
            tokens: Tokens::new(master),
            identity,
            outbox,
            public_url,
        }
    }
}
