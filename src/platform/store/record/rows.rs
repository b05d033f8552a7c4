//! How many rows a minute has.

use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::moment::Moment;
use crate::platform::store;
use crate::platform::store::schema::audit_rows;
use crate::platform::store::{StoreError, Work};

#[derive(Insertable)]
#[diesel(table_name = audit_rows, treat_none_as_default_value = false)]
pub(super) struct Rows {
    pub(super) key: Digest,
    pub(super) count: i64,
    pub(super) expires_at: Moment,
}

/// Counts one more row of a minute; says how many there are.
pub(super) fn count_row(work: &mut Work<'_>, key: &Digest) -> Result<i64, StoreError> {
    let more = || {
        store::update(audit_rows::table, audit_rows::count.eq(audit_rows::count + 1), audit_rows::key.eq(key.clone()))
    };
    if more().execute(work.conn())? == 0 {
        let first = Rows { key: key.clone(), count: 1, expires_at: over(work.now()) };
        match work.savepoint(|connection| diesel::insert_into(audit_rows::table).values(&first).execute(connection)) {
            Ok(_) => return Ok(1),
            // Another instance counted the first one in between.
            Err(error) if error.is_duplicate() => more().execute(work.conn())?,
            Err(error) => return Err(error),
        };
    }
    Ok(audit_rows::table.find(key.clone()).select(audit_rows::count).first(work.conn())?)
}

/// When the count of a minute's rows may go.
fn over(minute_of: Moment) -> Moment {
    minute_of + chrono::Duration::minutes(5)
}
