//! Version 1 of the API, one file a resource.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod audit_log;
pub(crate) mod auth;
pub(crate) mod callbacks;
pub(crate) mod connections;
pub(crate) mod feed_documents;
pub(crate) mod feed_items;
mod feed_view;
pub(crate) mod feeds;
pub(crate) mod invitations;
pub(crate) mod jobs;
pub(crate) mod me;
pub(crate) mod media;
pub(crate) mod members;
pub(crate) mod own_key;
pub(crate) mod photos;
pub(crate) mod photos_view;
mod plan_view;
pub(crate) mod recovery;
pub(crate) mod schemas;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod switching;
pub(crate) mod tenant;
pub(crate) mod tenant_tasks;
pub(crate) mod usage;

use actix_web::web::ServiceConfig;

/// Every route of version 1 but the public ones. Fixed words stand before parameters.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(auth::register)
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(switching::switch_tenant)
        .service(me::read_me)
        .service(recovery::forgot_password)
        .service(recovery::reset_password)
        .service(recovery::verify_email)
        .service(me::update_me)
        .service(me::resend_verification)
        .service(me::change_password)
        .service(sessions::list_sessions)
        .service(sessions::end_other_sessions)
        .service(sessions::end_session)
        .service(second_factor::read_second_factor)
        .service(second_factor::begin_second_factor)
        .service(second_factor::enable_second_factor)
        .service(second_factor::disable_second_factor)
        .service(second_factor::renew_recovery_codes)
        .service(tenant::read_tenant)
        .service(tenant::update_tenant)
        .service(usage::read_usage)
        .service(members::transfer_ownership)
        .service(members::list_members)
        .service(members::change_member)
        .service(members::remove_member)
        .service(invitations::list_invitations)
        .service(invitations::create_invitation)
        .service(invitations::accept_invitation)
        .service(invitations::withdraw_invitation)
        .service(tenant_tasks::delete_tenant)
        .service(tenant_tasks::read_deletion)
        .service(tenant_tasks::restore_tenant)
        .service(tenant_tasks::export_tenant)
        .service(tenant_tasks::request_export)
        .service(tenant_tasks::read_export_task)
        .service(tenant_tasks::read_export_document)
        .service(audit_log::list_audit_events)
        .service(api_keys::list_api_keys)
        .service(api_keys::create_api_key)
        .service(api_keys::revoke_api_key)
        .service(api_keys::rotate_api_key)
        .service(own_key::read_own_key)
        .service(connections::begin_connection)
        .service(connections::finish_connection)
        .service(connections::complete_connection)
        .service(connections::connect_with_token)
        .service(callbacks::deauthorize)
        .service(callbacks::request_data_deletion)
        .service(callbacks::show_data_deletion)
        .service(callbacks::confirm_webhook)
        .service(callbacks::hear_webhook)
        .service(accounts::list_accounts)
        .service(accounts::read_account)
        .service(accounts::update_account)
        .service(accounts::disconnect_account)
        .service(accounts::sync_account)
        .service(accounts::refresh_account_token)
        .service(media::list_media)
        .service(jobs::list_jobs)
        .service(jobs::read_job)
        .service(jobs::retry_job)
        .service(feeds::list_feeds)
        .service(feeds::read_feed)
        .service(feeds::create_feed)
        .service(feeds::update_feed)
        .service(feeds::delete_feed)
        .service(feed_items::list_feed_items)
        .service(feed_items::change_feed_item)
        .service(feed_items::decide_feed_item)
        .service(feed_items::undecide_feed_item);
}
