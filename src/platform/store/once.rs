//! A transaction before the threads run: what a start, or the command that migrates, has to write first.

use diesel::Connection;

use super::connection::Target;
use super::tx::After;
use super::{Origin, StoreError, Work, opening};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::platform::secrets::Keyring;

/// Does `work` in a transaction on a connection of its own. Fails with words for the operator.
pub(crate) fn once<T>(
    target: &Target,
    keys: &Keyring,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    work: impl FnOnce(&mut Work<'_>) -> Result<T, StoreError>,
) -> Result<T, String> {
    let mut connection = opening::reopen(target).map_err(|cause| format!("database: {cause}"))?;
    let done = connection.transaction(|connection| {
        let origin = Origin::default();
        work(&mut Work { connection, now: clock.now(), entropy, keys, origin: &origin, after: After::default() })
    });
    done.map_err(|cause: StoreError| format!("database: {cause}"))
}
