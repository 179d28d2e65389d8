//! The demo's person, tenant and key.

use secrecy::{ExposeSecret, SecretString};
use vitrine_entity::TenantId;
use vitrine_entity::api_key::KeyKind;
use vitrine_feeds::keys::{NewApiKey, Scope};
use vitrine_people::identity::{
    ClientInfo, Credentials, IdentityError, NewRegistration, SignedIn, first_owned_by,
};

use super::state_file::DemoState;
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
    demo_state: &mut DemoState,
) -> Result<Entered, Failure> {
    demo_state.write(settings)?;
    let identity = &services.identity;
    let signed_in = match identity
        .registration
        .register_unasked(registration(demo_state), ClientInfo::default())
        .await
    {
        Err(IdentityError::EmailTaken) => {
            identity
                .login
                .log_in(&credentials(demo_state), ClientInfo::default())
                .await
        }
        registered => registered,
    };
    match signed_in {
        Ok(SignedIn {
            tenant,
            refresh_token,
            ..
        }) => {
            identity.sessions.log_out(&refresh_token).await.map_err(step)?;
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
            tenant: first_owned_by(&services.database(), &demo_state.email)
                .await
                .map_err(step)?
                .ok_or_else(|| step(error))?,
            password_fits: false,
        }),
        Err(error) => Err(step(error)),
    }
}

fn credentials(demo_state: &DemoState) -> Credentials {
    Credentials {
        email: demo_state.email.clone(),
        password: SecretString::from(demo_state.password.clone()),
        code: None,
        tenant: None,
    }
}

fn registration(demo_state: &DemoState) -> NewRegistration {
    NewRegistration {
        email: demo_state.email.clone(),
        password: demo_state.password.clone().into(),
        name: "Demo".to_owned(),
        site_name: "Demo site".to_owned(),
    }
}

/// The kept key while it opens the feed, or a new one.
pub(super) async fn key(
    settings: &Settings,
    services: &Services,
    tenant: TenantId,
    demo_state: &mut DemoState,
) -> Result<String, Failure> {
    let keys = services.keys();
    if let Some(key) = &demo_state.key
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
    demo_state.key = Some(key.clone());
    demo_state.write(settings)?;
    Ok(key)
}
