//! A user: the account that a feed is of.

use super::{
    media::List,
    value::{SafeValue, Value},
};
use crate::pages::graph_query::selection::{UserField, UserWord};
use serde::{Serialize, Serializer, ser::SerializeMap};
use vitrine_entity::account;

/// A user with the fields that are asked for.
pub(super) struct UserView<'a> {
    pub(super) account: &'a account::Model,
    pub(super) fields: &'a [UserField],
    pub(super) escape: bool,
    /// The posts of the one expansion that there can be.
    pub(super) media: Option<List<'a>>,
}

impl Serialize for UserView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for field in self.fields {
            match field {
                UserField::Word(word) => {
                    let value = value(self.account, *word);
                    if let Some(written) = value.and_then(|value| SafeValue::new(value, self.escape)) {
                        object.serialize_entry(word.as_str(), &written)?;
                    }
                }
                UserField::Media { .. } => object.serialize_entry("media", &self.media)?,
            }
        }
        object.end()
    }
}

/// The id that an app of Instagram's sees is that app's own, and none of the visitor's concern: `id` and
/// `user_id` are both the account's own.
fn value(account: &account::Model, word: UserWord) -> Option<Value<'_>> {
    match word {
        UserWord::Id | UserWord::UserId => Some(Value::Text(&account.platform_user_id)),
        UserWord::Username => account.username.as_deref().map(Value::Text),
        UserWord::Name => account.name.as_deref().map(Value::Text),
        UserWord::AccountType => account.account_type.as_deref().map(Value::Text),
        UserWord::ProfilePictureUrl => account.profile_picture_url.as_deref().map(Value::Link),
        UserWord::FollowersCount => account.followers_count.map(Value::Count),
        UserWord::FollowsCount => account.follows_count.map(Value::Count),
        UserWord::MediaCount => account.media_count.map(Value::Count),
        UserWord::Biography => account.biography.as_deref().map(Value::Text),
        UserWord::Website => account.website.as_deref().map(Value::Link),
    }
}
