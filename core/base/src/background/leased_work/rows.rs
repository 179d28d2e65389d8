//! Which columns say what is due and who has it, and the statements over them.

use super::Lease;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait, IdenStatic, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, UpdateMany, Value,
    sea_query::{Expr, LockBehavior, LockType, SelectStatement, SimpleExpr, SubQueryStatement},
};
use vitrine_entity::{LeaseId, Time};

/// Rows of a table that runs claim under leases.
#[derive(Debug)]
pub struct LeasedRows<E: EntityTrait> {
    /// What names a row.
    pub key: E::Column,
    /// From when on a row is due; null where there is nothing to do.
    pub due: E::Column,
    /// Whose lease a row is under; none where no run has to be told from another.
    pub holder: Option<E::Column>,
    /// When the lease ends. May be the column of `due`: a row under a lease is then due again when it ends.
    pub until: E::Column,
}

/// The names of the columns of [`LeasedRows`].
#[derive(Clone, Copy, Debug)]
pub struct LeaseNames {
    /// The table's name.
    pub table: &'static str,
    /// See [`LeasedRows::key`].
    pub key: &'static str,
    /// See [`LeasedRows::due`].
    pub due: &'static str,
    /// See [`LeasedRows::holder`].
    pub holder: Option<&'static str>,
    /// See [`LeasedRows::until`].
    pub until: &'static str,
}

impl LeaseNames {
    /// What takes the holder from a row in an `update`, followed by a comma; nothing where rows name none.
    #[must_use]
    pub fn without_holder(&self) -> String {
        let cleared = self.holder.map(|holder| format!("{holder} = null, "));
        cleared.unwrap_or_default()
    }
}

/// Whether a value is one of those that are selected, all before the first is compared.
fn is_any_of(value: SimpleExpr, selected: SelectStatement) -> SimpleExpr {
    let values = Box::new(SubQueryStatement::SelectStatement(selected));
    Expr::cust_with_exprs("$1 = ANY(ARRAY($2))", [value, SimpleExpr::SubQuery(None, values)])
}

impl<E: EntityTrait> LeasedRows<E> {
    /// Due rows under no lease, the one that is due longest first. Add to it what else they must be.
    #[expect(
        clippy::disallowed_methods,
        reason = "workers take what is due, whoever owns it"
    )]
    pub fn due(&self, now: Time) -> Select<E> {
        let due = E::find().filter(self.due.lte(now)).order_by_asc(self.due);
        match self.is_due_at_the_end() {
            true => due,
            false => due.filter(self.until.is_null().or(self.until.lte(now))),
        }
    }

    /// Whether a select of [`LeasedRows::due`] finds anything. A look costs an embedded database less than a claim that
    /// finds nothing, because it does not wait for the one writer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_any(&self, due: Select<E>, connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let found = due
            .select_only()
            .expr(Expr::cust("1"))
            .limit(1)
            .into_tuple::<i32>()
            .one(connection)
            .await?;
        Ok(found.is_some())
    }

    /// Claims at most `most` rows of a select of [`LeasedRows::due`]. Add to it what else a claim changes. Several
    /// claims at once share no row.
    #[expect(
        clippy::disallowed_methods,
        reason = "workers take what is due, whoever owns it"
    )]
    pub fn claim(
        &self,
        due: Select<E>,
        most: u64,
        lease: Lease,
        connection: &impl ConnectionTrait,
    ) -> UpdateMany<E> {
        let mut some = due.select_only().column(self.key).limit(most).into_query();
        // Rows that another claim is taking are passed over. SQLite has one writer and needs no lock.
        some.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let is_one = match connection.get_database_backend() {
            // As an array it is selected once. Postgres may select a plain subquery anew for each row, and a claim that
            // passes over the rows which it took already would then take all.
            DbBackend::Postgres => is_any_of(self.key.into_expr(), some),
            _ => self.key.in_subquery(some),
        };
        self.take(E::update_many(), lease).filter(is_one)
    }

    /// Puts the rows of an update under a lease. Narrow it to rows that are [`LeasedRows::is_free`].
    pub fn take(&self, update: UpdateMany<E>, lease: Lease) -> UpdateMany<E> {
        let taken = self.extend(update, lease.until);
        match self.holder {
            Some(holder) => taken.col_expr(holder, Expr::value(lease.id)),
            None => taken,
        }
    }

    /// Has the lease of the rows of an update end then.
    pub fn extend(&self, update: UpdateMany<E>, until: Time) -> UpdateMany<E> {
        update.col_expr(self.until, Expr::value(until))
    }

    /// Narrows an update to the row with this key, and to the run that still holds it: whoever lost the lease, or never
    /// had one, writes nothing.
    pub fn held(
        &self,
        update: UpdateMany<E>,
        key: impl Into<Value>,
        lease: impl Into<Option<LeaseId>>,
    ) -> UpdateMany<E> {
        let of_row = update.filter(self.key.eq(key));
        match self.holder {
            Some(holder) => of_row.filter(holder.eq(lease.into())),
            None => of_row,
        }
    }

    /// Ends the lease of the rows of an update; when they are due is the update's to say.
    pub fn release(&self, update: UpdateMany<E>) -> UpdateMany<E> {
        let released = self.without_holder(update);
        match self.is_due_at_the_end() {
            true => released,
            false => released.col_expr(self.until, Expr::value(None::<Time>)),
        }
    }

    /// Takes the rows of an update from their run, and keeps claims off them until then: whoever knows that it is their
    /// turn may take them sooner.
    pub fn release_until(&self, update: UpdateMany<E>, until: Time) -> UpdateMany<E> {
        self.extend(self.without_holder(update), until)
    }

    /// No run has the row, or it may not be at work any more.
    pub fn is_free(&self, now: Time) -> SimpleExpr {
        let ended = self.until.lte(now);
        match self.holder {
            Some(holder) => holder.is_null().or(ended),
            None => self.until.is_null().or(ended),
        }
    }

    /// The names of all this, for statements that are written as text.
    pub fn names(&self) -> LeaseNames {
        LeaseNames {
            table: E::default().table_name(),
            key: self.key.as_str(),
            due: self.due.as_str(),
            holder: self.holder.map(|holder| holder.as_str()),
            until: self.until.as_str(),
        }
    }

    fn without_holder(&self, update: UpdateMany<E>) -> UpdateMany<E> {
        match self.holder {
            Some(holder) => update.col_expr(holder, Expr::value(None::<LeaseId>)),
            None => update,
        }
    }

    fn is_due_at_the_end(&self) -> bool {
        self.due.as_str() == self.until.as_str()
    }
}

#[cfg(test)]
mod tests;
