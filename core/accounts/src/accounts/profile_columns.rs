//! What is stored of a profile.

use sea_orm::ActiveValue::Set;
use vitrine_entity::account;
use vitrine_instagram::{Field, Profile};

/// Writes a profile into a row. What was not asked for stays as it is stored; a new account has none of it.
pub(crate) fn set_profile(row: &mut account::ActiveModel, profile: &Profile) {
    let asked = |field| !profile.unasked.contains(field);
    row.username = Set(profile.username.clone());
    if asked(Field::Name) {
        row.name = Set(profile.name.clone());
    }
    if asked(Field::AccountType) {
        row.account_type = Set(profile.account_type.as_ref().map(|kind| kind.as_str().to_owned()));
    }
    if asked(Field::ProfilePictureUrl) {
        row.profile_picture_url = Set(profile.profile_picture_url.clone());
    }
    if asked(Field::Biography) {
        row.biography = Set(profile.biography.clone());
    }
    if asked(Field::Website) {
        row.website = Set(profile.website.clone());
    }
    if asked(Field::MediaCount) {
        row.media_count = Set(profile.media_count);
    }
    if asked(Field::FollowersCount) {
        row.followers_count = Set(profile.followers_count);
    }
    if asked(Field::FollowsCount) {
        row.follows_count = Set(profile.follows_count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{DbBackend, QueryTrait};
    use vitrine_entity::TenantOwned;
    use vitrine_instagram::{AccountType, FieldSet};

    fn profile(unasked: FieldSet) -> Profile {
        Profile {
            id: "1".to_owned(),
            user_id: None,
            username: Some("ada".to_owned()),
            name: None,
            account_type: Some(AccountType::Business),
            profile_picture_url: None,
            followers_count: None,
            follows_count: None,
            media_count: None,
            biography: None,
            website: None,
            unasked,
        }
    }

    fn written(unasked: FieldSet) -> String {
        let mut columns = account::ActiveModel::default();
        set_profile(&mut columns, &profile(unasked));
        let row = account::Entity::update_across_tenants().set(columns);
        row.build(DbBackend::Sqlite).to_string()
    }

    #[test]
    fn a_sync_stores_what_kind_of_account_it_is() {
        let sql = written(FieldSet::default());

        assert!(sql.contains(r#""account_type" = 'BUSINESS'"#), "{sql}");
        assert!(sql.contains(r#""biography" = NULL"#), "{sql}");
    }

    #[test]
    fn what_was_not_asked_for_stays_as_it_is() {
        let sql = written(FieldSet::of(&[Field::AccountType, Field::Biography]));

        assert!(
            !sql.contains("account_type") && !sql.contains("biography"),
            "{sql}"
        );
        assert!(sql.contains(r#""username" = 'ada'"#), "{sql}");
    }
}
