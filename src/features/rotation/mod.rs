//! Rotation of the keys that seal secrets at rest: whatever is sealed under an older key is sealed again under the newest.
//!
//! It goes on beside running instances, and can be broken off and begun again: each value is changed by a statement that
//! asks for the old one, so a row that was changed meanwhile is left to its change, which used the newest key.

pub mod commands;
mod instance;
pub mod instances;
mod sealed;
pub mod seals;
mod store;

pub use sealed::Sealed;
pub use store::COLUMNS;

use crate::platform::secrets::Keyring;
use crate::platform::store::{Origin, Store, StoreError, Work};

/// Values of one transaction: each is opened and sealed in memory, which takes microseconds.
const BATCH: i64 = 200;

/// What became of the values of one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Sealed again.
    pub renewed: usize,
    /// Sealed under the newest key already.
    pub current: usize,
    /// What no configured key opens: it was lost before.
    pub closed: usize,
}

impl std::ops::AddAssign for Rotated {
    fn add_assign(&mut self, more: Self) {
        self.renewed += more.renewed;
        self.current += more.current;
        self.closed += more.closed;
    }
}

/// Seals every value of a column again that is not under the newest key.
pub async fn rotate(store: &Store, column: &'static store::Column) -> Result<Rotated, StoreError> {
    let mut done = Rotated::default();
    let mut last = String::new();
    loop {
        let after = last.clone();
        let batch = store.write(Origin { operator: true, ..Origin::default() }, move |tx| {
            let rows = (column.after)(tx, &after, BATCH)?;
            let end = rows.last().map(|row| row.id.clone());
            let mut part = Rotated::default();
            for row in rows {
                part += renew(tx, column, &row)?;
            }
            Ok::<_, StoreError>(tx.unrecorded("what is sealed again says the same as before", (end, part)))
        });
        let (end, part) = batch.await?;
        done += part;
        match end {
            Some(end) => last = end,
            None => return Ok(done),
        }
    }
}

fn renew(work: &mut Work<'_>, column: &store::Column, row: &Sealed) -> Result<Rotated, StoreError> {
    const CURRENT: Rotated = Rotated { renewed: 0, current: 1, closed: 0 };
    if Keyring::key_of(&row.value) == work.keys().ids().first().cloned() {
        return Ok(CURRENT);
    }
    let identity = format!("{}/{}", column.table, row.id);
    let Some(plain) = work.keys().open(identity.as_bytes(), &row.value) else {
        return Ok(Rotated { closed: 1, ..Rotated::default() });
    };
    let value = work.keys().seal(work.entropy(), identity.as_bytes(), &plain);
    match (column.replace)(work, row, &value)? {
        true => Ok(Rotated { renewed: 1, ..Rotated::default() }),
        // Changed or gone meanwhile: whoever changed it sealed it under the newest key.
        false => Ok(CURRENT),
    }
}
