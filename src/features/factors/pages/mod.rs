pub mod authenticator;
pub mod mobile;
pub mod recovery;

use super::Factors;
use crate::access::failure::Failure;
use crate::access::{Actor, Permission};
use crate::platform::store::StoreError;

/// What the caller has set up.
async fn factors<P: Permission>(actor: &Actor<P>) -> Result<Factors, Failure> {
    let found = actor.read(|tx| {
        let (organization, user) = (tx.organization().clone(), tx.user().clone());
        super::factors(tx, &organization, &user)
    });
    Ok::<_, StoreError>(found.await?).map_err(Failure::from)
}
