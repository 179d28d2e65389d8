//! How a person and a tenant come to be.

use super::{
    Identity, IdentityError, SignedIn, Visit,
    address::normalised,
    email::not_an_address,
    password_rules::{LONGEST, SHORTEST, Weakness, check_length},
    settings::LONGEST_NAME,
    throttle::Counted,
};
use crate::{database::is_duplicate, validation::Check};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr};
use secrecy::SecretString;
use vitrine_entity::{
    MembershipId, StringList, TenantId, Time, UserId,
    membership::{self, Role},
    tenant, user,
};

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
    /// Counted by network before anything is hashed, and given back when fields are refused: so one network can
    /// neither fill the queue of hashes, nor make tenants, nor ask for addresses without end.
    ///
    /// # Errors
    /// [`IdentityError::SignupClosed`], [`IdentityError::Invalid`], [`IdentityError::EmailTaken`],
    /// [`IdentityError::TooManyTries`].
    pub async fn register(&self, new: NewRegistration, visit: Visit) -> Result<SignedIn, IdentityError> {
        if !self.signup_enabled {
            return Err(IdentityError::SignupClosed);
        }
        let counted = self.count_registration(&visit).await?;
        let registered = self.register_unasked(new, visit).await;
        if let (Err(IdentityError::Invalid(_)), Some(counted)) = (&registered, counted) {
            self.throttle.forgive(counted).await;
        }
        registered
    }

    async fn count_registration(&self, visit: &Visit) -> Result<Option<Counted>, IdentityError> {
        let Some(network) = self.networks.of_anybody(visit) else {
            return Ok(None);
        };
        let (most, now) = (self.registrations_per_hour.get(), self.clock.now());
        let counted = self.throttle.begin_registration(&network, most, now).await?;
        Ok(Some(counted))
    }

    /// Registers even where strangers may not, on the operator's behalf.
    ///
    /// # Errors
    /// As [`Identity::register`].
    pub async fn register_unasked(
        &self,
        new: NewRegistration,
        visit: Visit,
    ) -> Result<SignedIn, IdentityError> {
        self.refuse_taken(&new.email).await?;
        let new = self.checked(new).await?;
        let password_hash = self.passwords.hash(&new.password).await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let user = insert_user(&transaction, &new, password_hash, now)
            .await
            .map_err(email_taken)?;
        let tenant = insert_tenant(&transaction, &new.site_name, now).await?;
        insert_owner(&transaction, tenant.id, user.id, now).await?;
        let signed_in = self
            .open_session(&transaction, user.clone(), tenant, Role::Owner, visit)
            .await?;
        self.send_verification(&transaction, &user, &user.email).await?;
        transaction.commit().await?;
        Ok(signed_in)
    }

    /// What can be refused without a hash is.
    async fn refuse_taken(&self, email: &str) -> Result<(), IdentityError> {
        match normalised(email) {
            Some(email) if self.is_taken(self.database.connection(), &email).await? => {
                Err(IdentityError::EmailTaken)
            }
            _ => Ok(()),
        }
    }

    /// Looks at everything that can be looked at without the database, and names all of it at once.
    async fn checked(&self, new: NewRegistration) -> Result<NewRegistration, IdentityError> {
        let mut check = Check::default();
        let email = normalised(&new.email);
        let name = check.text("name", &new.name, LONGEST_NAME);
        let site_name = check.text("site_name", &new.site_name, LONGEST_NAME);
        let mut errors = check.finish().err().unwrap_or_default();
        let about = [new.email.clone(), new.name.clone(), new.site_name.clone()];
        match self.check_new_password("password", &new.password, &about).await {
            Err(IdentityError::Invalid(weak)) => errors.splice(0..0, weak).for_each(drop),
            other => other?,
        }
        let Some(email) = email else {
            errors.insert(0, not_an_address());
            return Err(IdentityError::Invalid(errors));
        };
        if !errors.is_empty() {
            return Err(IdentityError::Invalid(errors));
        }
        Ok(NewRegistration {
            email,
            password: new.password,
            name,
            site_name,
        })
    }

    /// Refuses a password that may not be chosen by somebody about whom these words are known.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::Busy`].
    pub(super) async fn check_new_password(
        &self,
        field: &str,
        password: &SecretString,
        about: &[String],
    ) -> Result<(), IdentityError> {
        let weakness = match check_length(password) {
            Err(weakness) => weakness,
            Ok(()) if self.passwords.is_common(password, known_words(about)).await? => Weakness::Common,
            Ok(()) => return Ok(()),
        };
        let mut check = Check::default();
        let (code, message) = in_words(weakness);
        check.refuse(field, code, message);
        check.finish().map_err(IdentityError::Invalid)
    }
}

/// What is about the person may be as long as a body: only so much of it is looked at.
fn known_words(about: &[String]) -> Vec<String> {
    about
        .iter()
        .map(|word| word.chars().take(LONGEST_NAME).collect())
        .collect()
}

fn in_words(weakness: Weakness) -> (&'static str, String) {
    match weakness {
        Weakness::TooShort => ("too_short", format!("must have at least {SHORTEST} characters")),
        Weakness::TooLong => ("too_long", format!("must have at most {LONGEST} characters")),
        Weakness::Common => (
            "too_common",
            "is among the passwords that are tried first; choose one that is longer or less usual".to_owned(),
        ),
    }
}

pub(super) fn email_taken(error: DbErr) -> IdentityError {
    if is_duplicate(&error) {
        IdentityError::EmailTaken
    } else {
        IdentityError::Database(error)
    }
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
        plan_name: Set(None),
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
    use crate::testing::{Bed, on_both_engines};

    on_both_engines!(all_that_is_wrong_is_named_at_once);

    async fn all_that_is_wrong_is_named_at_once(bed: Bed) {
        let identity = bed.identity();
        let new = NewRegistration {
            email: "nobody".into(),
            password: "short".into(),
            name: String::new(),
            site_name: "x".repeat(101),
        };

        let Err(IdentityError::Invalid(errors)) = identity.register(new, Visit::default()).await else {
            panic!("it was accepted")
        };

        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "password", "name", "site_name"]);
    }
}
