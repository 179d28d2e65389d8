//! The email that an invitation is sent by.

use super::Teams;
use crate::mail::Email;
use secrecy::{ExposeSecret, SecretString};
use vitrine_entity::{invitation, membership::Role, tenant, user};

impl Teams {
    /// The email to whoever is invited; its link leads to the page that accepts the invitation.
    pub(super) fn message(
        &self,
        inviter: user::Model,
        site: tenant::Model,
        invitation: &invitation::Model,
        token: &SecretString,
    ) -> Email {
        let root = self.public_url.as_str().trim_end_matches('/');
        // What stands behind the # is sent to no server, and so to no log.
        let link = format!("{root}/accept-invitation#token={}", token.expose_secret());
        Email::Invitation {
            to: invitation.email.clone(),
            inviter: inviter.name,
            site: site.name,
            role: role_word(invitation.role).to_owned(),
            link,
        }
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mail::Outbox, testing::WithPeople};
    use std::sync::Arc;
    use vitrine_base::{
        security::{KeyRing, MasterKey, Vault},
        testing::Bed,
    };
    use vitrine_entity::InvitationId;

    #[tokio::test]
    async fn a_link_leads_below_the_path_that_the_server_is_shown_at() {
        let bed = Bed::sqlite().await;
        let (master, clock) = (MasterKey::from_bytes([1; 32]), Arc::new(bed.clock.clone()));
        let outbox = Outbox::new(&Vault::new(&KeyRing::from_master_key(&master, clock.clone())));
        let shown_at = "https://host.example/insta".parse().unwrap();
        let identity = Arc::new(bed.identity());
        let inviter = identity.users.find(bed.user().await).await.unwrap();
        let site = identity.tenant_settings.read(bed.tenant().await).await.unwrap();
        let invitation = invitation::Model {
            id: InvitationId::generate(),
            tenant_id: site.id,
            email: "bob@example.com".to_owned(),
            role: Role::Viewer,
            token_hash: String::new(),
            invited_by: inviter.id,
            created_at: bed.now(),
            expires_at: bed.now(),
            ended_at: None,
            accepted_by: None,
        };
        let teams = Teams::new(bed.database.clone(), clock, &master, identity, outbox, shown_at);

        let message = teams.message(inviter, site, &invitation, &"secret".into());

        let Email::Invitation { link, .. } = message else {
            panic!("another letter")
        };
        assert_eq!(link, "https://host.example/insta/accept-invitation#token=secret");
    }
}
