//! News of what happened at Instagram: no more than a hint to look sooner.

use super::{CallbackError, Callbacks, NotGenuine, object::Object, signature};
use sea_orm::{ColumnTrait, Condition, QueryFilter, sea_query::Expr};
use serde::Deserialize;
use std::{collections::BTreeSet, time::Duration};
use utoipa::ToSchema;
use vitrine_base::clock::later;
use vitrine_entity::{
    TenantOwned,
    account::{Column, Entity},
};

/// Meta sends at most so many at once.
const MOST_ENTRIES: usize = 1_000;
const LONGEST_ID: usize = 64;
/// However much is reported of an account, news bring no sync forward sooner than this after the last one.
const REST: Duration = Duration::from_mins(15);
/// What may mean that a post is new or changed.
const POST_FIELDS: [&str; 5] = ["comments", "live_comments", "mentions", "story_insights", "media"];

/// A webhook delivery; unknown content is ignored.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"object": "instagram", "entry": []}))]
pub struct DeliveryBody {
    /// `instagram`.
    #[serde(default)]
    object: String,
    /// What happened, account by account.
    #[serde(default)]
    #[schema(value_type = Vec<serde_json::Map<String, serde_json::Value>>)]
    entry: Vec<Object<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    field: Option<String>,
    #[serde(default)]
    changes: Vec<Object<Change>>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    field: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(u64),
    #[default]
    None,
}

impl Callbacks {
    /// Hears a delivery. Accounts that it names are synced sooner; nothing of it is stored, and what is unknown is
    /// a success. The same delivery twice changes nothing more.
    ///
    /// # Errors
    /// [`CallbackError::NotGenuine`], [`CallbackError::Unreadable`], [`CallbackError::Misshapen`], or when the database fails.
    pub async fn receive_webhook(&self, body: &[u8], signature: Option<&str>) -> Result<(), CallbackError> {
        let signature = signature.and_then(signature::from_header).ok_or(NotGenuine)?;
        if !signature::is_signed(&self.settings.secrets, body, &signature) {
            return Err(NotGenuine.into());
        }
        let accounts = accounts(body)?;
        if !accounts.is_empty() {
            self.bring_sync_forward(accounts).await?;
        }
        Ok(())
    }

    async fn bring_sync_forward(&self, accounts: BTreeSet<String>) -> Result<(), CallbackError> {
        let now = self.clock.now();
        let rested = Condition::any()
            .add(Column::SyncedAt.is_null())
            .add(Column::SyncedAt.lt(now - REST));
        let sooner = Entity::update_across_tenants()
            .col_expr(Column::NextSyncAt, Expr::value(later(now, REST / 60)))
            .filter(Column::PlatformUserId.is_in(accounts))
            .filter(Column::NextSyncAt.gt(later(now, REST / 60)))
            .filter(Column::SyncLeaseId.is_null())
            .filter(rested)
            .exec(self.database.connection())
            .await?;
        tracing::debug!(accounts = sooner.rows_affected, "a webhook brought syncs forward");
        Ok(())
    }
}

/// Whom the body of a delivery says something about that matters here.
pub(super) fn accounts(body: &[u8]) -> Result<BTreeSet<String>, CallbackError> {
    let Object(delivery) =
        serde_json::from_slice::<Object<DeliveryBody>>(body).map_err(|error| refusal(&error))?;
    if delivery.entry.len() > MOST_ENTRIES {
        tracing::warn!(
            entries = delivery.entry.len(),
            "a webhook has more entries than Meta sends; the rest is skipped"
        );
    }
    Ok(affected_accounts(delivery))
}

fn refusal(error: &serde_json::Error) -> CallbackError {
    match error.is_data() {
        true => CallbackError::Misshapen,
        false => CallbackError::Unreadable,
    }
}

/// Whom a delivery says something about that matters here.
fn affected_accounts(delivery: DeliveryBody) -> BTreeSet<String> {
    let entries = delivery.entry.into_iter().take(MOST_ENTRIES);
    entries
        .map(|Object(entry)| entry)
        .filter(|_| delivery.object == "instagram")
        .filter(Entry::may_change_posts)
        .filter_map(|entry| match entry.id {
            Id::Text(text) => Some(text),
            Id::Number(number) => Some(number.to_string()),
            Id::None => None,
        })
        .filter(|id| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

impl Entry {
    fn may_change_posts(&self) -> bool {
        let fields = self.changes.iter().map(|Object(change)| &change.field);
        fields
            .chain(std::iter::once(&self.field))
            .flatten()
            .any(|field| POST_FIELDS.contains(&field.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(body: &str) -> Vec<String> {
        affected_accounts(serde_json::from_str(body).unwrap())
            .into_iter()
            .collect()
    }

    #[test]
    fn both_documented_shapes_are_understood() {
        let changes =
            r#"{"object":"instagram","entry":[{"id":"1","changes":[{"field":"comments","value":{}}]}]}"#;
        let direct =
            r#"{"object":"instagram","entry":[{"id":17841479677897649,"field":"comments","value":{}}]}"#;

        assert_eq!(ids(changes), ["1"]);
        assert_eq!(ids(direct), ["17841479677897649"]);
    }

    #[test]
    fn a_list_is_no_delivery_and_no_part_of_one() {
        for body in [
            "[]",
            r#"["instagram",[]]"#,
            r#"{"object":"instagram","entry":[["1","media",[]]]}"#,
            r#"{"object":"instagram","entry":[{"id":"1","changes":[["media"]]}]}"#,
        ] {
            assert!(
                matches!(accounts(body.as_bytes()), Err(CallbackError::Misshapen)),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_unknown_tells_nothing() {
        for body in [
            "{}",
            r#"{"object":"page","entry":[{"id":"1","changes":[{"field":"comments"}]}]}"#,
            r#"{"object":"instagram","entry":[{"id":"1","changes":[{"field":"messages"}]}]}"#,
            r#"{"object":"instagram","entry":[{"id":"1","messaging":[{"sender":{}}]}]}"#,
            r#"{"object":"instagram","entry":[{"changes":[{"field":"comments"}]}]}"#,
            r#"{"object":"instagram","entry":[{"id":"","changes":[{"field":"comments"}]}]}"#,
            &format!(
                r#"{{"object":"instagram","entry":[{{"id":"{}","field":"media"}}]}}"#,
                "1".repeat(65)
            ),
            r#"{"object":"instagram","entry":[{"id":"x\u0000","changes":[{"field":"comments"}]}]}"#,
        ] {
            assert!(ids(body).is_empty(), "{body}");
        }
    }
}
