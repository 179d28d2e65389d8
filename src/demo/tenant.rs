//! The demo's person, tenant and key.

use secrecy::{ExposeSecret, SecretString};
use vitrine_entity::TenantId;
use vitrine_entity::api_key::KeyKind;
use vitrine_feeds::keys::{NewApiKey, Scope};
use vitrine_people::identity::{
    Credentials, IdentityError, NewRegistration, SignedIn, Visit, first_owned_by,
};

use super::state_file::Kept;
use super::step;
use crate::config::Settings;
use crate::failure::Failure;
use crate::wiring::Services;

/// The demo's tenant.
pub(super) struct Entered {
    /// Which it is.
    pub(super) tenant: TenantId,
    /// Whether the kept password opens it still; people may choose another one, or a second factor.
    pub(super) password_fits: bool,
}

/// Registers the demo's person, or signs in whoever registered before. The password is kept first, so that it
/// is known whatever happens next.
pub(super) async fn enter(
    settings: &Settings,
    services: &Services,
    kept: &mut Kept,
) -> Result<Entered, Failure> {
    kept.write(settings)?;
    let identity = services.identity(settings);
    let signed_in = match identity
        .register_unasked(registration(kept), Visit::default())
        .await
    {
        Err(IdentityError::EmailTaken) => identity.login(&credentials(kept), Visit::default()).await,
        registered => registered,
    };
    match signed_in {
        Ok(SignedIn {
            tenant,
            refresh_token,
            ..
        }) => {
            identity.logout(&refresh_token).await.map_err(step)?;
            Ok(Entered {
                tenant: tenant.id,
                password_fits: true,
            })
        }
        Err(
            error @ (IdentityError::InvalidCredentials
            | IdentityError::SecondFactorRequired
            | IdentityError::TooManyTries(_)),
        ) => Ok(Entered {
            tenant: first_owned_by(&services.database(), &kept.email)
                .await
                .map_err(step)?
                .ok_or_else(|| step(error))?,
            password_fits: false,
        }),
        Err(error) => Err(step(error)),
    }
}

fn credentials(kept: &Kept) -> Credentials {
    Credentials {
        email: kept.email.clone(),
        password: SecretString::from(kept.password.clone()),
        code: None,
        tenant: None,
    }
}

fn registration(kept: &Kept) -> NewRegistration {
    NewRegistration {
        email: kept.email.clone(),
        password: kept.password.clone().into(),
        name: "Demo".to_owned(),
        site_name: "Demo site".to_owned(),
    }
}

/// The kept key while it opens the feed, or a new one.
pub(super) async fn key(
    settings: &Settings,
    services: &Services,
    tenant: TenantId,
    kept: &mut Kept,
) -> Result<String, Failure> {
    let keys = services.keys();
    if let Some(key) = &kept.key
        && keys
            .authenticate(key)
            .await
            .is_ok_and(|caller| caller.tenant == tenant)
    {
        return Ok(key.clone());
    }
    let wanted = NewApiKey {
        name: "Demo site".to_owned(),
        kind: KeyKind::Publishable,
        scopes: vec![Scope::FeedsRead],
        allowed_origins: Vec::new(),
        expires_at: None,
    };
    let made = keys.create(tenant, None, wanted).await.map_err(step)?;
    let key = made.key.expose_secret().to_owned();
    kept.key = Some(key.clone());
    kept.write(settings)?;
    Ok(key)
}
