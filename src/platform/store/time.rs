//! What the database says the time is: the clock that all instances of an installation share.

use diesel::prelude::*;
use diesel::sql_types::Timestamp;

use super::{AnyConnection, Store, StoreError};
use crate::base::moment::Moment;

impl Store {
    /// The database's clock. `None` on SQLite, whose clock is the process's own.
    pub async fn time(&self) -> Result<Option<Moment>, StoreError> {
        self.statement(|connection| match connection {
            AnyConnection::Sqlite(_) => Ok(None),
            AnyConnection::Postgres(own) => {
                let now = diesel::dsl::sql::<Timestamp>("clock_timestamp() AT TIME ZONE 'UTC'");
                Ok(Some(diesel::select(now).get_result(own)?))
            }
        })
        .await
    }
}
