//! Every column that holds sealed values. An invariant test compares the list with the schema, so none can be forgotten.

use diesel::prelude::*;

use super::Sealed;
use super::instances::Instance;
use crate::base::moment::Moment;
use crate::platform::store::schema::{authenticators, identity_providers, instances, mails, root_secrets};
use crate::platform::store::{self, StoreError, Work};

/// A column of sealed values. The associated data of each is `table/id`.
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Values of rows after an id, in the order of ids.
    pub(super) after: fn(&mut Work<'_>, &str, i64) -> Result<Vec<Sealed>, StoreError>,
    /// Puts a value in the place of the one that was read; whether it was still there.
    pub(super) replace: fn(&mut Work<'_>, &Sealed, &[u8]) -> Result<bool, StoreError>,
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}

macro_rules! sealed_columns {
    ($($table:ident . $column:ident)*) => {
        /// The columns.
        pub const COLUMNS: &[Column] = &[$(Column {
            table: stringify!($table),
            name: stringify!($column),
            after: |work, id, most| {
                let rows = $table::table
                    .filter($table::id.gt(id.to_owned()))
                    .filter($table::$column.assume_not_null().is_not_null())
                    .order($table::id)
                    .limit(most)
                    .select(($table::id, $table::$column.assume_not_null()));
                let rows: Vec<(String, Vec<u8>)> = rows.load(work.conn())?;
                Ok(rows.into_iter().map(|(id, value)| Sealed { id, value }).collect())
            },
            replace: |work, row, value| {
                let here = $table::table
                    .filter($table::id.eq(row.id.clone()))
                    .filter($table::$column.eq(row.value.clone()));
                Ok(diesel::update(here).set($table::$column.eq(value.to_vec())).execute(work.conn())? == 1)
            },
        }),*];
    };
}
sealed_columns! { mails.sealed authenticators.sealed identity_providers.secret root_secrets.sealed }

#[derive(Insertable)]
#[diesel(table_name = instances, treat_none_as_default_value = false)]
struct New {
    id: String,
    host: String,
    key_id: String,
    seen_at: Moment,
}

/// Notes that an instance runs now, and which key it seals with.
pub(super) fn note(work: &mut Work<'_>, id: &str, host: &str, key_id: &str) -> Result<(), StoreError> {
    let now = work.now();
    let change = (instances::key_id.eq(key_id.to_owned()), instances::seen_at.eq(now));
    let row = instances::id.eq(id.to_owned());
    if store::update(instances::table, change, row).execute(work.conn())? == 0 {
        let new = New { id: id.to_owned(), host: host.to_owned(), key_id: key_id.to_owned(), seen_at: now };
        diesel::insert_into(instances::table).values(&new).execute(work.conn())?;
    }
    Ok(())
}

/// Removes what an instance has noted, and what was noted before a moment.
pub(super) fn forget(work: &mut Work<'_>, id: &str, before: Moment) -> Result<(), StoreError> {
    let gone = instances::id.eq(id.to_owned()).or(instances::seen_at.lt(before));
    diesel::delete(instances::table.filter(gone)).execute(work.conn())?;
    Ok(())
}

/// Instances that seal with another key than this and were seen since a moment, the last one first.
pub(super) fn with_another_key(work: &mut Work<'_>, key_id: &str, since: Moment) -> Result<Vec<Instance>, StoreError> {
    let rows = instances::table
        .filter(instances::key_id.ne(key_id.to_owned()))
        .filter(instances::seen_at.ge(since))
        .order(instances::seen_at.desc())
        .select((instances::host, instances::key_id, instances::seen_at));
    Ok(rows.load(work.conn())?)
}
