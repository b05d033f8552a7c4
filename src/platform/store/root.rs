//! The installation's own secret: random, drawn at the first start, and sealed like any other.
//!
//! What must stay the same while keys are rotated (signatures of cookies, digests that are looked up) is derived from it
//! and not from a configured key: after a rotation nobody is logged out, and no count of wrong passwords starts anew. It
//! also shows at start whether the configured keys are those of this database.

use diesel::prelude::*;

use super::connection::{AnyConnection, Target};
use super::opening;
use super::schema::root_secrets;
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::moment::Moment;
use crate::platform::secrets::Keyring;

const BYTES: usize = 32;
/// There is one row.
const ID: &str = "root";
const IDENTITY: &[u8] = b"root_secrets/root";

#[derive(Insertable)]
#[diesel(table_name = root_secrets, treat_none_as_default_value = false)]
struct NewRoot {
    id: &'static str,
    sealed: Vec<u8>,
    created_at: Moment,
}

/// The keys with the secret of the installation behind `target`, which has its tables. Fails with words for the operator.
pub fn rooted(target: &Target, keys: &Keyring, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Keyring, String> {
    let mut connection = opening::reopen(target).map_err(|cause| format!("database: {cause}"))?;
    let sealed = match find(&mut connection)? {
        Some(sealed) => sealed,
        None => draw(&mut connection, keys, clock, entropy)?,
    };
    let opened = keys.open(IDENTITY, &sealed).and_then(|plain| <[u8; BYTES]>::try_from(plain).ok());
    let root = opened.ok_or_else(|| {
        "secret_keys: none of these keys opens this database. Add the key that it was used with before.".to_owned()
    })?;
    Ok(keys.clone().rooted_in(root))
}

/// Whether the installation behind `target`, which has its tables, has been started once.
pub fn has_root(target: &Target) -> Result<bool, String> {
    Ok(find(&mut opening::reopen(target)?)?.is_some())
}

fn find(connection: &mut AnyConnection) -> Result<Option<Vec<u8>>, String> {
    let row = root_secrets::table.find(ID).select(root_secrets::sealed);
    row.first(connection).optional().map_err(|cause| format!("database: {cause}"))
}

/// Of several instances that start for the first time, one is first, and the others take what it drew.
fn draw(
    connection: &mut AnyConnection,
    keys: &Keyring,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, String> {
    let sealed = keys.seal(entropy, IDENTITY, &entropy.bytes::<BYTES>());
    let row = NewRoot { id: ID, sealed, created_at: clock.now() };
    let inserted = diesel::insert_into(root_secrets::table).values(&row).execute(connection);
    match (inserted, find(connection)?) {
        (_, Some(sealed)) => Ok(sealed),
        (Err(cause), None) => Err(format!("database: {cause}")),
        (Ok(_), None) => Err("database: what was just written is gone".to_owned()),
    }
}
