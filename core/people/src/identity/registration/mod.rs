//! How a person and a tenant come to be.

pub(super) mod invited;

use crate::identity::{
    ClientInfo, IdentityError, SignedIn,
    credentials::verification_email::VerificationEmails,
    passwords::choice::{PasswordChoice, refuse_length},
    sessions::opening::SessionOpener,
    throttle::Attempts,
    users::{
        email_address::EmailAddress,
        memberships::insert_membership,
        names::LONGEST_NAME,
        rows::{NewUser, insert_user, with_address},
    },
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr};
use secrecy::SecretString;
use std::num::NonZeroU32;
use vitrine_base::{clock::SharedClock, database::Database, validation::Check};
use vitrine_entity::{StringList, TenantId, Time, membership::Role, tenant};

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

/// Registers people who want a space of their own.
pub struct Registration {
    pub(super) database: Database,
    pub(super) clock: SharedClock,
    pub(super) attempts: Attempts,
    pub(super) choice: PasswordChoice,
    pub(super) opener: SessionOpener,
    pub(super) verification: VerificationEmails,
    pub(super) signup_enabled: bool,
    pub(super) registrations_per_hour: NonZeroU32,
}

impl Registration {
    /// Makes a person, a tenant and a first session, all or nothing.
    ///
    /// Counted by network before anything is looked at, whatever comes of it: so one network can neither fill the
    /// queues of passwords, nor make tenants, nor ask for addresses without end.
    ///
    /// # Errors
    /// [`IdentityError::SignupClosed`], [`IdentityError::Invalid`], [`IdentityError::EmailTaken`],
    /// [`IdentityError::TooManyRegistrations`].
    pub async fn register(
        &self,
        new: NewRegistration,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        if !self.signup_enabled {
            return Err(IdentityError::SignupClosed);
        }
        self.attempts
            .count_registration(&client, self.registrations_per_hour)
            .await?;
        let (new, about) = self.admissible(new).await?;
        self.choice
            .refuse_common("password", &new.password, &about)
            .await?;
        self.admit(new, client).await
    }

    /// Registers even where strangers may not, on the operator's behalf. The password is taken for a random one: judging
    /// it would load word lists of some megabytes for good.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::EmailTaken`].
    pub async fn register_unasked(
        &self,
        new: NewRegistration,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        let (new, _) = self.admissible(new).await?;
        self.admit(new, client).await
    }

    /// The registration as it is kept, and what is known about the person, when nothing cheap speaks against it.
    async fn admissible(
        &self,
        new: NewRegistration,
    ) -> Result<(NewRegistration, [String; 3]), IdentityError> {
        let (new, about) = checked(new)?;
        self.refuse_taken(&new.email).await?;
        Ok((new, about))
    }

    async fn admit(&self, new: NewRegistration, client: ClientInfo) -> Result<SignedIn, IdentityError> {
        let person = NewUser {
            password_hash: self.choice.hash(&new.password).await?,
            email: new.email,
            name: new.name,
        };
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let user = insert_user(&transaction, person, None, now).await?;
        let tenant = insert_tenant(&transaction, &new.site_name, now).await?;
        insert_membership(&transaction, tenant.id, user.id, Role::Owner, now).await?;
        let signed_in = self
            .opener
            .open(&transaction, user.clone(), tenant, Role::Owner, client)
            .await?;
        self.verification.send(&transaction, &user, &user.email).await?;
        transaction.commit().await?;
        Ok(signed_in)
    }

    async fn refuse_taken(&self, email: &str) -> Result<(), IdentityError> {
        match with_address(self.database.connection(), email).await?.is_some() {
            true => Err(IdentityError::EmailTaken),
            false => Ok(()),
        }
    }
}

/// Looks at everything that costs nothing to look at, and names all of it at once; gives what is known about the
/// person, too.
fn checked(new: NewRegistration) -> Result<(NewRegistration, [String; 3]), IdentityError> {
    let mut check = Check::default();
    let email = EmailAddress::parse(&new.email);
    if email.is_none() {
        check.note(EmailAddress::refusal());
    }
    refuse_length(&mut check, "password", &new.password);
    let name = check.text("name", &new.name, LONGEST_NAME);
    let site_name = check.text("site_name", &new.site_name, LONGEST_NAME);
    check.finish().map_err(IdentityError::Invalid)?;
    let about = [new.email, name.clone(), site_name.clone()];
    let new = NewRegistration {
        email: email.map(String::from).unwrap_or_default(),
        password: new.password,
        name,
        site_name,
    };
    Ok((new, about))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{WithPeople, ada};
    use vitrine_base::testing::{Bed, on_both_engines};

    on_both_engines!(
        all_that_is_wrong_is_named_at_once,
        a_taken_address_is_told_before_the_password_is_judged,
    );

    async fn all_that_is_wrong_is_named_at_once(bed: Bed) {
        let identity = bed.identity();
        let new = NewRegistration {
            email: "nobody".into(),
            password: "short".into(),
            name: String::new(),
            site_name: "x".repeat(101),
        };

        let Err(IdentityError::Invalid(errors)) =
            identity.registration.register(new, ClientInfo::default()).await
        else {
            panic!("it was accepted")
        };

        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "password", "name", "site_name"]);
    }

    async fn a_taken_address_is_told_before_the_password_is_judged(bed: Bed) {
        let identity = bed.identity();
        let client = ClientInfo::default;
        identity.registration.register(ada(), client()).await.unwrap();
        let common = NewRegistration {
            password: "password".into(),
            ..ada()
        };

        let refused = identity.registration.register(common, client()).await.map(drop);

        assert!(matches!(refused, Err(IdentityError::EmailTaken)), "{refused:?}");
    }
}
