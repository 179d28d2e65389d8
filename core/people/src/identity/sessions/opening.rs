//! How a session begins.

use crate::identity::{
    ClientInfo, IdentityError,
    client_info::Networks,
    sessions::{
        lifetimes::UNUSED_SESSION_LIFETIME,
        refresh_token::TokenGeneration,
        retention::forget_beyond,
        token_pair::{SessionTokens, SignedIn},
    },
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait};
use vitrine_base::clock::{SharedClock, later};
use vitrine_entity::{SessionId, TenantId, UserId, membership::Role, session, tenant, user};

/// A browser's own name is kept up to this many characters.
const LONGEST_USER_AGENT: usize = 200;

/// Opens sessions.
#[derive(Clone)]
pub(in crate::identity) struct SessionOpener {
    clock: SharedClock,
    networks: Networks,
    tokens: SessionTokens,
}

impl SessionOpener {
    /// The service over its parts.
    pub(in crate::identity) fn new(clock: SharedClock, networks: Networks, tokens: SessionTokens) -> Self {
        Self {
            clock,
            networks,
            tokens,
        }
    }

    /// Opens a session of a person who proved to be a member, and gives its first tokens.
    ///
    /// # Errors
    /// When the database fails.
    pub(in crate::identity) async fn open(
        &self,
        connection: &impl ConnectionTrait,
        user: user::Model,
        tenant: tenant::Model,
        role: Role,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        let session = self.row(user.id, tenant.id, client);
        let session = session.insert(connection).await?;
        forget_beyond(connection, user.id).await?;
        self.tokens
            .issue(user, tenant, role, TokenGeneration::of(&session))
    }

    fn row(&self, user: UserId, tenant: TenantId, client: ClientInfo) -> session::ActiveModel {
        let now = self.clock.now();
        session::ActiveModel {
            id: Set(SessionId::generate()),
            tenant_id: Set(tenant),
            user_id: Set(user),
            generation: Set(1),
            network: Set(self.networks.of_person(user, &client)),
            user_agent: Set(client
                .user_agent
                .map(|name| name.chars().take(LONGEST_USER_AGENT).collect())),
            created_at: Set(now),
            last_used_at: Set(now),
            expires_at: Set(later(now, UNUSED_SESSION_LIFETIME)),
            revoked_at: Set(None),
            refreshed_at: Set(None),
        }
    }
}
