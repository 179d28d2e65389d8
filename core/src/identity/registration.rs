//! How a person and a tenant come to be.

use super::{Identity, IdentityError, SignedIn};
use crate::{database::is_duplicate, validation::Check};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr};
use secrecy::{ExposeSecret, SecretString};
use vitrine_entity::{
    MembershipId, StringList, TenantId, Time, UserId,
    membership::{self, Role},
    tenant, user,
};

/// NIST SP 800-63B asks for at least 8 characters.
const SHORTEST_PASSWORD: usize = 8;
/// Longer than any pass phrase; bounds the work of hashing.
const LONGEST_PASSWORD: usize = 256;
/// RFC 5321, section 4.5.3.1.
const LONGEST_EMAIL: usize = 254;
const LONGEST_NAME: usize = 100;

/// Somebody who wants a space of their own.
#[derive(Debug)]
pub struct NewRegistration {
    /// Address; upper and lower case are the same.
    pub email: String,
    /// 8 to 256 characters.
    pub password: SecretString,
    /// How the person is called.
    pub name: String,
    /// How the site is called.
    pub site_name: String,
}

impl Identity {
    /// Makes a person, a tenant and a first session, all or nothing.
    ///
    /// # Errors
    /// [`IdentityError::SignupClosed`], [`IdentityError::Invalid`], [`IdentityError::EmailTaken`].
    pub async fn register(
        &self,
        new: NewRegistration,
        user_agent: Option<String>,
    ) -> Result<SignedIn, IdentityError> {
        if !self.signup_enabled {
            return Err(IdentityError::SignupClosed);
        }
        self.register_unasked(new, user_agent).await
    }

    /// Registers even where strangers may not, on the operator's behalf.
    ///
    /// # Errors
    /// As [`Identity::register`].
    pub async fn register_unasked(
        &self,
        new: NewRegistration,
        user_agent: Option<String>,
    ) -> Result<SignedIn, IdentityError> {
        let new = checked(new)?;
        let password_hash = self.passwords.hash(&new.password).await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let user = insert_user(&transaction, &new, password_hash, now)
            .await
            .map_err(email_taken)?;
        let tenant = insert_tenant(&transaction, &new.site_name, now).await?;
        insert_owner(&transaction, tenant.id, user.id, now).await?;
        let signed_in = self
            .open_session(&transaction, user, tenant, Role::Owner, user_agent)
            .await?;
        transaction.commit().await?;
        Ok(signed_in)
    }
}

fn email_taken(error: DbErr) -> IdentityError {
    if is_duplicate(&error) {
        IdentityError::EmailTaken
    } else {
        IdentityError::Database(error)
    }
}

/// An address in the form that is stored and looked up.
#[must_use]
pub(super) fn normalised(email: &str) -> String {
    email.trim().to_lowercase()
}

fn checked(new: NewRegistration) -> Result<NewRegistration, IdentityError> {
    let mut check = Check::default();
    let email = normalised(&new.email);
    if !looks_like_an_address(&email) {
        check.refuse("email", "invalid_email", "must be an e-mail address");
    }
    check_password(&mut check, &new.password);
    let name = check.text("name", &new.name, LONGEST_NAME);
    let site_name = check.text("site_name", &new.site_name, LONGEST_NAME);
    check.finish().map_err(IdentityError::Invalid)?;
    Ok(NewRegistration {
        email,
        password: new.password,
        name,
        site_name,
    })
}

fn check_password(check: &mut Check, password: &SecretString) {
    let length = password.expose_secret().chars().count();
    if length < SHORTEST_PASSWORD {
        check.refuse(
            "password",
            "too_short",
            format!("must have at least {SHORTEST_PASSWORD} characters"),
        );
    } else if length > LONGEST_PASSWORD {
        check.refuse(
            "password",
            "too_long",
            format!("must have at most {LONGEST_PASSWORD} characters"),
        );
    }
}

fn looks_like_an_address(email: &str) -> bool {
    let plain = !email.chars().any(|c| c.is_whitespace() || c.is_control());
    let parts = email.rsplit_once('@');
    let whole = parts.is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    plain && whole && email.len() <= LONGEST_EMAIL
}

async fn insert_user(
    connection: &impl ConnectionTrait,
    new: &NewRegistration,
    password_hash: String,
    now: Time,
) -> Result<user::Model, DbErr> {
    user::ActiveModel {
        id: Set(UserId::generate()),
        email: Set(new.email.clone()),
        password_hash: Set(password_hash),
        name: Set(new.name.clone()),
        email_verified_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(connection)
    .await
}

async fn insert_tenant(
    connection: &impl ConnectionTrait,
    name: &str,
    now: Time,
) -> Result<tenant::Model, DbErr> {
    tenant::ActiveModel {
        id: Set(TenantId::generate()),
        name: Set(name.to_owned()),
        allowed_origins: Set(StringList::default()),
        created_at: Set(now),
        updated_at: Set(now),
        paused_at: Set(None),
    }
    .insert(connection)
    .await
}

async fn insert_owner(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    user: UserId,
    now: Time,
) -> Result<membership::Model, DbErr> {
    membership::ActiveModel {
        id: Set(MembershipId::generate()),
        tenant_id: Set(tenant),
        user_id: Set(user),
        role: Set(Role::Owner),
        created_at: Set(now),
    }
    .insert(connection)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_texts() {
        let good = ["ada@example.com", "a.b+c@sub.example.org", "demo@vitrine.local"];
        let bad = [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "a@b@c",
            "ada@.com",
            "a\u{0}@b.c",
        ];

        assert!(good.iter().all(|email| looks_like_an_address(email)));
        assert!(!bad.iter().any(|email| looks_like_an_address(email)));
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let new = NewRegistration {
            email: "nobody".into(),
            password: "short".into(),
            name: String::new(),
            site_name: "x".repeat(101),
        };

        let Err(IdentityError::Invalid(errors)) = checked(new) else {
            panic!("it was accepted")
        };

        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "password", "name", "site_name"]);
    }
}
