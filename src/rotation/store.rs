//! Every column that holds sealed values. A law compares the list with the schema, so none can be forgotten.

use diesel::prelude::*;

use super::Sealed;
use crate::store::schema::{authenticators, identity_providers, mails, root_secrets};
use crate::store::{StoreError, Work};

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
