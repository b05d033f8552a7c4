//! Whether this process's clock is the installation's. An instance whose clock is wrong would give events and seals a time
//! that they do not have, and remove what is not old: it seals nothing, removes nothing, is not ready, and says so.

use super::app::App;
use crate::platform::store::StoreError;

/// By how much a clock may differ from the database's.
const APART: chrono::Duration = chrono::Duration::seconds(10);

/// Whether the process's clock agrees with the database's. Notes it for `/readyz`, and says when that changes.
pub async fn agrees(app: &App) -> Result<bool, StoreError> {
    let before = app.clock().now();
    let Some(theirs) = app.store.time().await? else { return Ok(true) };
    // The answer took some time: what lies between the two looks is no difference.
    let after = app.clock().now();
    let ahead = match theirs {
        theirs if theirs < before => before.since(theirs),
        theirs if theirs > after => after.since(theirs),
        _ => chrono::Duration::zero(),
    };
    let is_right = ahead.abs() <= APART;
    if app.background.note_clock(is_right) {
        match is_right {
            true => tracing::info!("the clock agrees with the database's again"),
            false => tracing::error!(
                seconds_ahead = ahead.num_seconds(),
                "the clock is not the database's: set it right (NTP). Until then this instance is not ready, seals nothing and \
                 removes nothing"
            ),
        }
    }
    Ok(is_right)
}
