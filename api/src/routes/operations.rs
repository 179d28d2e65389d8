//! The one list of operations: what is registered is described, and nothing else.

use crate::{compat, operators, pages, v1};
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

/// Makes a function that registers handlers, and a description of these and of others that are registered with patterns
/// of their own.
macro_rules! operations {
    (
        registered: $($handler:ident $(:: $in_handler:ident)*),+;
        with_own_patterns: $($other:ident $(:: $in_other:ident)*),+;
    ) => {
        /// Registers every operation whose path is its pattern. Fixed words stand before parameters.
        pub(super) fn register(config: &mut ServiceConfig) {
            config$(.service($handler $(:: $in_handler)*))+;
        }

        /// Describes every operation.
        #[derive(OpenApi)]
        #[openapi(
            paths($($handler $(:: $in_handler)*,)+ $($other $(:: $in_other)*,)+),
            components(schemas(compat::graph::RefusalView))
        )]
        pub(super) struct ListedOperations;
    };
}

operations! {
    registered:
        pages::index::show_index,
        operators::read_health,
        operators::read_readiness,
        operators::read_openapi,
        pages::docs::show_docs,
        pages::docs::read_docs_file,
        pages::style::read_style,
        pages::email::show_verify_email,
        pages::email::show_reset_password,
        pages::email::show_accept_invitation,
        pages::email::read_letters_script,
        pages::problems::explain_problem,
        v1::people::auth::register,
        v1::people::auth::login,
        v1::people::auth::refresh,
        v1::people::auth::logout,
        v1::people::switching::switch_tenant,
        v1::people::me::read_me,
        v1::people::recovery::forgot_password,
        v1::people::recovery::reset_password,
        v1::people::recovery::verify_email,
        v1::people::me::update_me,
        v1::people::me::resend_verification,
        v1::people::me::change_password,
        v1::people::sessions::list_sessions,
        v1::people::sessions::end_other_sessions,
        v1::people::sessions::end_session,
        v1::people::second_factor::read_second_factor,
        v1::people::second_factor::begin_second_factor,
        v1::people::second_factor::enable_second_factor,
        v1::people::second_factor::disable_second_factor,
        v1::people::second_factor::renew_recovery_codes,
        v1::tenant::read_tenant,
        v1::tenant::update_tenant,
        v1::tenant::usage::read_usage,
        v1::people::members::transfer_ownership,
        v1::people::members::list_members,
        v1::people::members::change_member,
        v1::people::members::remove_member,
        v1::people::invitations::list_invitations,
        v1::people::invitations::create_invitation,
        v1::people::invitations::accept_invitation,
        v1::people::invitations::withdraw_invitation,
        v1::tenant::deletion::delete_tenant,
        v1::tenant::deletion::read_deletion,
        v1::tenant::deletion::restore_tenant,
        v1::tenant::exports::export_tenant,
        v1::tenant::exports::request_export,
        v1::tenant::exports::read_export_task,
        v1::tenant::exports::read_export_document,
        v1::tenant::audit_log::list_audit_events,
        v1::api_keys::list_api_keys,
        v1::api_keys::create_api_key,
        v1::api_keys::revoke_api_key,
        v1::api_keys::rotate_api_key,
        v1::api_keys::own_key::read_own_key,
        v1::accounts::connections::begin_connection,
        v1::accounts::consent_callback::finish_connection,
        v1::accounts::connections::complete_connection,
        v1::accounts::connections::connect_with_token,
        v1::accounts::callbacks::deauthorize,
        v1::accounts::callbacks::request_data_deletion,
        v1::accounts::callbacks::show_data_deletion,
        v1::accounts::webhook::confirm_webhook,
        v1::accounts::webhook::hear_webhook,
        v1::accounts::list_accounts,
        v1::accounts::read_account,
        v1::accounts::update_account,
        v1::accounts::disconnect_account,
        v1::accounts::sync_account,
        v1::accounts::refresh_account_token,
        v1::accounts::media::list_media,
        v1::accounts::jobs::list_jobs,
        v1::accounts::jobs::read_job,
        v1::accounts::jobs::retry_job,
        v1::feeds::list_feeds,
        v1::feeds::read_feed,
        v1::feeds::create_feed,
        v1::feeds::update_feed,
        v1::feeds::delete_feed,
        v1::feeds::items::list_feed_items,
        v1::feeds::items::change_feed_item,
        v1::feeds::items::decide_feed_item,
        v1::feeds::items::undecide_feed_item;
    with_own_patterns:
        v1::feeds::photos::read_photos,
        v1::feeds::documents::read_json_feed,
        v1::feeds::documents::read_rss,
        v1::feeds::documents::read_atom,
        compat::behold::read_behold_feed,
        compat::graph::read_me,
        compat::graph::list_my_media,
        compat::graph::list_media_of,
        compat::graph::read_object,
        compat::graph::list_children,
        compat::graph::read_objects,
        compat::graph::refresh::refresh_access_token,
        compat::shim::read_shim,
        compat::token::read_token_script,
        compat::token::read_token_json,
        compat::token::read_token;
}
