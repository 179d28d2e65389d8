//! What a tenant owns, table by table.

use super::TaskError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use vitrine_base::database::Transaction;
use vitrine_entity::{
    InstallationOwned, TenantId, TenantOwned, account, api_key, audit_event, feed, feed_account, feed_item,
    invitation, job, media, membership, session, usage_day, user,
};

/// Rows that are read at once.
const PAGE: u64 = 500;

/// A part of the document: a name, and rows in the order of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Members,
    Invitations,
    Sessions,
    ApiKeys,
    Accounts,
    Media,
    Feeds,
    FeedAccounts,
    FeedItems,
    Jobs,
    UsageDays,
    AuditEvents,
}

impl Section {
    /// All of them, in the order of the document.
    pub(super) const ALL: [Self; 12] = [
        Self::Members,
        Self::Invitations,
        Self::Sessions,
        Self::ApiKeys,
        Self::Accounts,
        Self::Media,
        Self::Feeds,
        Self::FeedAccounts,
        Self::FeedItems,
        Self::Jobs,
        Self::UsageDays,
        Self::AuditEvents,
    ];

    /// Its name in the document.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Invitations => "invitations",
            Self::Sessions => "sessions",
            Self::ApiKeys => "api_keys",
            Self::Accounts => "accounts",
            Self::Media => "media",
            Self::Feeds => "feeds",
            Self::FeedAccounts => "feed_accounts",
            Self::FeedItems => "feed_items",
            Self::Jobs => "jobs",
            Self::UsageDays => "usage_days",
            Self::AuditEvents => "audit_log",
        }
    }

    /// How many rows it has.
    pub(super) async fn count(self, from: &impl ConnectionTrait, tenant: TenantId) -> Result<u64, TaskError> {
        Ok(match self {
            Self::Members => membership::Entity::of(tenant).count(from).await?,
            Self::Invitations => invitation::Entity::of(tenant).count(from).await?,
            Self::Sessions => session::Entity::of(tenant).count(from).await?,
            Self::ApiKeys => api_key::Entity::of(tenant).count(from).await?,
            Self::Accounts => account::Entity::of(tenant).count(from).await?,
            Self::Media => media::Entity::of(tenant).count(from).await?,
            Self::Feeds => feed::Entity::of(tenant).count(from).await?,
            Self::FeedAccounts => feed_account::Entity::of(tenant).count(from).await?,
            Self::FeedItems => feed_item::Entity::of(tenant).count(from).await?,
            Self::Jobs => job::Entity::of(tenant).count(from).await?,
            Self::UsageDays => usage_day::Entity::of(tenant).count(from).await?,
            Self::AuditEvents => audit_event::Entity::of(tenant).count(from).await?,
        })
    }

    /// A reader of its rows.
    pub(super) fn rows(self, from: &Transaction, tenant: TenantId) -> Rows<'_> {
        Rows {
            section: self,
            from,
            tenant,
            read: Some(Place::default()),
        }
    }
}

/// Where a reader stands: at the last key, which has one column or two.
type Place = Vec<sea_orm::Value>;

/// Reads the rows of a section, a page at a time.
pub(super) struct Rows<'a> {
    section: Section,
    from: &'a Transaction,
    tenant: TenantId,
    read: Option<Place>,
}

impl Rows<'_> {
    /// The next rows, none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Value>>, TaskError> {
        let Some(place) = self.read.take() else {
            return Ok(None);
        };
        let (rows, last) = self.page(place).await?;
        self.read = last;
        Ok((!rows.is_empty()).then_some(rows))
    }

    async fn page(&self, place: Place) -> Result<(Vec<Value>, Option<Place>), TaskError> {
        match self.section {
            Section::Members => self.members(place).await,
            Section::Invitations => {
                self.read::<invitation::Entity>([invitation::Column::Id], place)
                    .await
            }
            Section::Sessions => self.read::<session::Entity>([session::Column::Id], place).await,
            Section::ApiKeys => self.read::<api_key::Entity>([api_key::Column::Id], place).await,
            Section::Accounts => self.read::<account::Entity>([account::Column::Id], place).await,
            Section::Media => self.read::<media::Entity>([media::Column::Id], place).await,
            Section::Feeds => self.read::<feed::Entity>([feed::Column::Id], place).await,
            Section::FeedAccounts => {
                let key = [feed_account::Column::FeedId, feed_account::Column::AccountId];
                self.read::<feed_account::Entity>(key, place).await
            }
            Section::FeedItems => {
                let key = [feed_item::Column::FeedId, feed_item::Column::MediaId];
                self.read::<feed_item::Entity>(key, place).await
            }
            Section::Jobs => self.read::<job::Entity>([job::Column::Id], place).await,
            Section::UsageDays => {
                self.read::<usage_day::Entity>([usage_day::Column::Day], place)
                    .await
            }
            Section::AuditEvents => {
                self.read::<audit_event::Entity>([audit_event::Column::Id], place)
                    .await
            }
        }
    }

    async fn read<E>(
        &self,
        key: impl IntoIterator<Item = E::Column> + Clone,
        place: Place,
    ) -> Result<(Vec<Value>, Option<Place>), TaskError>
    where
        E: TenantOwned,
        E::Model: Serialize + Sync,
    {
        let models = self.models::<E>(key.clone(), place).await?;
        let last = models
            .last()
            .map(|model| key.into_iter().map(|column| model.get(column)).collect());
        let rows: Result<Vec<Value>, _> = models.iter().map(serde_json::to_value).collect();
        Ok((rows.map_err(|_| TaskError::Unwritable)?, last))
    }

    async fn models<E>(
        &self,
        key: impl IntoIterator<Item = E::Column>,
        place: Place,
    ) -> Result<Vec<E::Model>, TaskError>
    where
        E: TenantOwned,
        E::Model: Sync,
    {
        let key: Vec<E::Column> = key.into_iter().collect();
        let mut select = E::of(self.tenant);
        select = match (key.as_slice(), place.as_slice()) {
            ([column], [after]) => select.filter(column.gt(after.clone())),
            ([first, second], [one, two]) => {
                let behind = sea_orm::Condition::all()
                    .add(first.eq(one.clone()))
                    .add(second.gt(two.clone()));
                select.filter(sea_orm::Condition::any().add(first.gt(one.clone())).add(behind))
            }
            _ => select,
        };
        for column in key {
            select = select.order_by_asc(column);
        }
        Ok(select.limit(PAGE).all(self.from).await?)
    }

    /// People are told by what the tenant knows of them: address and name.
    async fn members(&self, place: Place) -> Result<(Vec<Value>, Option<Place>), TaskError> {
        let members = self
            .models::<membership::Entity>([membership::Column::Id], place)
            .await?;
        let last = members
            .last()
            .map(|member| vec![member.get(membership::Column::Id)]);
        let ids = members.iter().map(|member| member.user_id);
        let people = user::Entity::rows()
            .filter(user::Column::Id.is_in(ids))
            .all(self.from)
            .await?;
        let people: HashMap<_, _> = people.into_iter().map(|person| (person.id, person)).collect();
        let rows = members.iter().map(|member| {
            let person = people.get(&member.user_id);
            json!({
                "id": member.id,
                "user_id": member.user_id,
                "email": person.map(|person| &person.email),
                "name": person.map(|person| &person.name),
                "role": member.role,
                "created_at": member.created_at,
            })
        });
        Ok((rows.collect(), last))
    }
}
