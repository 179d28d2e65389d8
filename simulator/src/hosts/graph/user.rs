//! Writing a user.

use super::access::Access;
use super::listing::{PageRequest, write_page};
use super::selection::{UserField, user_fields};
use crate::accounts::AccountRecord;
use crate::media::files::File;
use crate::platform::AccountIdForm;
use crate::platform::Platform;
use crate::wire::Form;
use crate::wire::GraphError;
use crate::wire::JsonText;

/// What a user's node needs to be written.
struct UserNode<'a> {
    platform: &'a Platform,
    access: &'a Access,
    record: AccountRecord,
    version: &'a str,
}

/// `GET /me`.
pub(super) fn user(
    platform: &Platform,
    query: &Form,
    access: &Access,
    version: &str,
) -> Result<String, GraphError> {
    let fields = user_fields(query.get("fields").unwrap_or_default(), platform.dialect())?;
    let node = UserNode {
        platform,
        access,
        record: access.account.record().clone(),
        version,
    };
    let mut json = JsonText::new(platform.modes().escape_json, 512);
    json.object(|json| {
        for field in &fields {
            node.write(json, field);
        }
    });
    Ok(json.finish())
}

impl UserNode<'_> {
    fn write(&self, json: &mut JsonText, field: &UserField) {
        let record = &self.record;
        match field {
            UserField::Id => json.key("id").id(self.id(AccountIdForm::AppScoped)),
            UserField::UserId => json.key("user_id").id(self.id(AccountIdForm::Professional)),
            UserField::Username => json.key("username").string(&record.username),
            UserField::Name => json.key("name").string(&record.name),
            UserField::AccountType => json.key("account_type").string(record.account_type.as_str()),
            UserField::ProfilePictureUrl => self.picture(json),
            UserField::FollowersCount => json
                .key("followers_count")
                .number(record.impressions.saturating_mul(3)),
            UserField::FollowsCount => json.key("follows_count").number(180),
            UserField::MediaCount => json.key("media_count").number(self.media_count()),
            UserField::Biography => {
                json.key("biography")
                    .string("Walks, weather and light. Prints by request ✉️");
            }
            UserField::Website => json.key("website").string("https://example.com/"),
            UserField::HasProfilePic => json.key("has_profile_pic").boolean(record.has_picture),
            UserField::IsPublished => json.key("is_published").boolean(true),
            UserField::Media { limit, fields, text } => {
                json.key("media");
                let page = PageRequest::first(*limit);
                write_page(
                    json,
                    self.platform,
                    self.access,
                    &page,
                    fields,
                    text,
                    self.version,
                );
            }
        }
    }

    fn id(&self, form: AccountIdForm) -> u64 {
        self.platform.account_id(&self.access.account, form)
    }

    fn media_count(&self) -> usize {
        self.platform.shelves.media_of(&self.access.account).len()
    }

    fn picture(&self, json: &mut JsonText) {
        if self.record.has_picture {
            let file = File::Profile(self.id(AccountIdForm::Professional));
            json.key("profile_picture_url")
                .link(&self.platform.links.link(file, self.platform.clock.unix_now()));
        }
    }
}
