//! Seals again, under the key that now seals, what a retired key sealed.

use super::{Purpose, Vault};
use crate::database::{Database, Transaction};
use sea_orm::{
    ConnectionTrait, DbErr, ExprTrait,
    sea_query::{Alias, Expr, Order, Query, SelectStatement},
};
use uuid::Uuid;

/// Rows of one transaction.
const ROWS_AT_ONCE: u64 = 200;

/// A table that keeps sealed secrets, each beside the name of its key.
struct SealedTable {
    table: &'static str,
    owner: &'static str,
    ciphertext: &'static str,
    key_id: &'static str,
    purpose: Purpose,
}

/// Every table that keeps sealed secrets for longer than some days: whoever adds one adds a line. What is
/// shorter-lived (emails, first answers, exports) goes with the key that sealed it, which stays readable.
const SEALED: [SealedTable; 2] = [
    SealedTable {
        table: "account_token",
        owner: "account_id",
        ciphertext: "ciphertext",
        key_id: "key_id",
        purpose: Purpose::AccountToken,
    },
    SealedTable {
        table: "second_factor",
        owner: "user_id",
        ciphertext: "secret",
        key_id: "key_id",
        purpose: Purpose::TotpSecret,
    },
];

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets under the key that now seals.
    pub resealed: u64,
    /// Secrets that no key opens, and that stay as they are.
    pub unreadable: u64,
}

/// Seals again. Safe at any time, from several processes at once, and to be killed: a row that somebody writes
/// meanwhile is left as it was written.
#[derive(Clone, Debug)]
pub struct Resealer {
    database: Database,
    vault: Vault,
}

struct Row {
    owner: Uuid,
    ciphertext: Vec<u8>,
    key_id: String,
}

impl Resealer {
    /// A resealer over its parts.
    #[must_use]
    pub fn new(database: Database, vault: Vault) -> Self {
        Self { database, vault }
    }

    /// Whether a key was retired so lately that something may still be under it.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.vault.was_renewed_lately()
    }

    /// Goes through everything once, and reports after each step how much was done so far.
    ///
    /// # Errors
    /// When the database fails; what was done stays done.
    pub async fn run(&self, mut progress: impl FnMut(Resealed)) -> Result<Resealed, DbErr> {
        let mut done = Resealed::default();
        for table in &SEALED {
            let mut after = Uuid::nil();
            while let Some(last) = self.step(table, after, &mut done).await? {
                after = last;
                progress(done);
            }
        }
        Ok(done)
    }

    /// The owner of the last row that was looked at; none when there are no more.
    async fn step(
        &self,
        table: &SealedTable,
        after: Uuid,
        done: &mut Resealed,
    ) -> Result<Option<Uuid>, DbErr> {
        let transaction = self.database.begin_write().await?;
        let select = table.outdated(&self.vault.active_key(), after);
        let rows = transaction.query_all(&select).await?;
        let rows = rows
            .iter()
            .map(|row| table.read(row))
            .collect::<Result<Vec<_>, _>>()?;
        for row in &rows {
            match self
                .vault
                .open(table.purpose, row.owner, &row.key_id, &row.ciphertext)
            {
                Ok(secret) => done.resealed += self.write(&transaction, table, row, &secret).await?,
                Err(error) => {
                    tracing::error!(%error, table = table.table, owner = %row.owner, "a secret cannot be sealed again");
                    done.unreadable += 1;
                }
            }
        }
        transaction.commit().await?;
        Ok(rows.last().map(|row| row.owner))
    }

    #[expect(clippy::disallowed_methods, reason = "the table is known at run time only")]
    async fn write(
        &self,
        transaction: &Transaction,
        table: &SealedTable,
        row: &Row,
        secret: &[u8],
    ) -> Result<u64, DbErr> {
        let sealed = self.vault.seal(table.purpose, row.owner, secret);
        let sealed = sealed.map_err(|error| DbErr::Custom(error.to_string()))?;
        let update = Query::update()
            .table(Alias::new(table.table))
            .value(Alias::new(table.ciphertext), sealed.ciphertext)
            .value(Alias::new(table.key_id), sealed.key_id)
            .and_where(Expr::col(Alias::new(table.owner)).eq(row.owner))
            .and_where(Expr::col(Alias::new(table.key_id)).eq(row.key_id.as_str()))
            .and_where(Expr::col(Alias::new(table.ciphertext)).eq(row.ciphertext.clone()))
            .to_owned();
        Ok(transaction.execute(&update).await?.rows_affected())
    }
}

impl SealedTable {
    #[expect(clippy::disallowed_methods, reason = "the table is known at run time only")]
    fn outdated(&self, active: &str, after: Uuid) -> SelectStatement {
        Query::select()
            .columns([self.owner, self.ciphertext, self.key_id].map(Alias::new))
            .from(Alias::new(self.table))
            .and_where(Expr::col(Alias::new(self.key_id)).ne(active))
            .and_where(Expr::col(Alias::new(self.owner)).gt(after))
            .order_by(Alias::new(self.owner), Order::Asc)
            .limit(ROWS_AT_ONCE)
            .to_owned()
    }

    fn read(&self, row: &sea_orm::QueryResult) -> Result<Row, DbErr> {
        Ok(Row {
            owner: row.try_get("", self.owner)?,
            ciphertext: row.try_get("", self.ciphertext)?,
            key_id: row.try_get("", self.key_id)?,
        })
    }
}
