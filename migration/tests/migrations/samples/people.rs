use super::{Owner, moment, word, words};
use vitrine_entity::{
    ApiKeyId, InvitationId, MailLinkId, MembershipId, RecoveryCodeId, SessionId, StringList, api_key,
    daily_use, invitation, mail_link, membership, plan, recovery_code, second_factor, session, tenant, user,
};

pub(crate) fn tenant(owner: &Owner) -> tenant::Model {
    tenant::Model {
        id: owner.tenant,
        name: word(),
        allowed_origins: StringList::default(),
        created_at: moment(),
        updated_at: moment(),
        paused_at: None,
        plan_name: None,
    }
}

pub(crate) fn full_tenant(owner: &Owner) -> tenant::Model {
    tenant::Model {
        paused_at: Some(moment()),
        plan_name: Some("default".to_owned()),
        ..tenant(owner)
    }
}

pub(crate) fn user(owner: &Owner) -> user::Model {
    user::Model {
        id: owner.user,
        email: format!("{}@example.org", word()),
        password_hash: word(),
        name: word(),
        email_verified_at: None,
        created_at: moment(),
        updated_at: moment(),
    }
}

pub(crate) fn full_user(owner: &Owner) -> user::Model {
    user::Model {
        email_verified_at: Some(moment()),
        ..user(owner)
    }
}

pub(crate) fn membership(owner: &Owner) -> membership::Model {
    membership::Model {
        id: MembershipId::generate(),
        tenant_id: owner.tenant,
        user_id: owner.user,
        role: membership::Role::Owner,
        created_at: moment(),
    }
}

pub(crate) fn session(owner: &Owner) -> session::Model {
    session::Model {
        id: SessionId::generate(),
        tenant_id: owner.tenant,
        user_id: owner.user,
        generation: 1,
        user_agent: None,
        network: None,
        created_at: moment(),
        last_used_at: moment(),
        expires_at: moment(),
        revoked_at: None,
        refreshed_at: None,
    }
}

pub(crate) fn full_session(owner: &Owner) -> session::Model {
    session::Model {
        user_agent: Some(word()),
        network: Some(word()),
        revoked_at: Some(moment()),
        refreshed_at: Some(moment()),
        ..session(owner)
    }
}

pub(crate) fn api_key(owner: &Owner) -> api_key::Model {
    api_key::Model {
        id: ApiKeyId::generate(),
        tenant_id: owner.tenant,
        name: word(),
        kind: api_key::KeyKind::Secret,
        prefix: word(),
        hash: word(),
        scopes: StringList::default(),
        allowed_origins: StringList::default(),
        created_by: None,
        created_at: moment(),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
        rotated_at: None,
        replaced_by: None,
    }
}

pub(crate) fn full_api_key(owner: &Owner) -> api_key::Model {
    api_key::Model {
        scopes: words(),
        allowed_origins: words(),
        created_by: Some(owner.user),
        expires_at: Some(moment()),
        last_used_at: Some(moment()),
        revoked_at: Some(moment()),
        rotated_at: Some(moment()),
        replaced_by: Some(ApiKeyId::generate()),
        ..api_key(owner)
    }
}

pub(crate) fn mail_link(owner: &Owner) -> mail_link::Model {
    mail_link::Model {
        id: MailLinkId::generate(),
        user_id: owner.user,
        purpose: mail_link::LinkPurpose::VerifyEmail,
        email: word(),
        digest: word(),
        created_at: moment(),
        expires_at: moment(),
        used_at: None,
        used_from: None,
    }
}

pub(crate) fn full_mail_link(owner: &Owner) -> mail_link::Model {
    mail_link::Model {
        purpose: mail_link::LinkPurpose::ResetPassword,
        used_at: Some(moment()),
        used_from: Some(word()),
        ..mail_link(owner)
    }
}

pub(crate) fn second_factor(owner: &Owner) -> second_factor::Model {
    second_factor::Model {
        user_id: owner.user,
        secret: vec![1, 2, 3],
        key_id: word(),
        created_at: moment(),
        confirmed_at: None,
        wrong_codes: 0,
        last_step: 0,
    }
}

pub(crate) fn full_second_factor(owner: &Owner) -> second_factor::Model {
    second_factor::Model {
        confirmed_at: Some(moment()),
        ..second_factor(owner)
    }
}

pub(crate) fn recovery_code(owner: &Owner) -> recovery_code::Model {
    recovery_code::Model {
        id: RecoveryCodeId::generate(),
        user_id: owner.user,
        digest: word(),
        created_at: moment(),
        used_at: None,
    }
}

pub(crate) fn full_recovery_code(owner: &Owner) -> recovery_code::Model {
    recovery_code::Model {
        used_at: Some(moment()),
        ..recovery_code(owner)
    }
}

pub(crate) fn invitation(owner: &Owner) -> invitation::Model {
    invitation::Model {
        id: InvitationId::generate(),
        tenant_id: owner.tenant,
        email: word(),
        role: membership::Role::Viewer,
        token_hash: word(),
        invited_by: owner.user,
        created_at: moment(),
        expires_at: moment(),
        ended_at: None,
        accepted_by: None,
    }
}

pub(crate) fn full_invitation(owner: &Owner) -> invitation::Model {
    invitation::Model {
        ended_at: Some(moment()),
        accepted_by: Some(owner.user),
        ..invitation(owner)
    }
}

pub(crate) fn plan(_: &Owner) -> plan::Model {
    plan::Model {
        name: word(),
        accounts: 1,
        feeds: 2,
        api_keys: 3,
        members: 4,
        syncs_per_day: 5,
        invitations_per_day: 6,
        connections_per_day: 7,
        exports_per_day: 8,
        changes_per_day: 9,
        created_at: moment(),
        updated_at: moment(),
    }
}

pub(crate) fn daily_use(owner: &Owner) -> daily_use::Model {
    daily_use::Model {
        tenant_id: owner.tenant,
        day: moment().date_naive(),
        what: word(),
        count: 7,
    }
}
