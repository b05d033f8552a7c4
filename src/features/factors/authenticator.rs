//! Authenticator apps: codes of 30 seconds from a shared seed (RFC 6238). The seed is sealed for its row; a code works
//! once, as the step it belongs to only ever moves forward.

pub use super::seed::{Seed, State};

use super::{recovery, store, told};
use crate::access::{OwnAccount, OwnSecrets};
use crate::base::entropy::Code;
use crate::base::ids::{OrganizationId, UserId};
use crate::features::factors::RecoveryCode;
use crate::platform::codes::{self, Asker, Verdict};
use crate::platform::config::Limits;
use crate::platform::events::{Event, Kind};
use crate::platform::store::{Recorded, StoreError, Tx, Work};

/// Begins to set up an authenticator app for the caller. An earlier beginning is dropped; what works keeps working.
pub fn begin(tx: &mut Tx<'_, OwnSecrets>) -> Result<Recorded<()>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let seed = Seed::draw(tx.entropy());
    store::put_pending(tx, &organization, &user, &seed)?;
    tx.record(Event::done(Kind::AuthenticatorBegun).on("user", &user, ""), ())
}

/// The seed of the authenticator that the caller is setting up.
pub fn pending(tx: &mut Tx<'_, OwnSecrets>) -> Result<Option<Seed>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    Ok(store::authenticator(tx, &organization, &user, State::Pending)?.map(|found| found.seed))
}

/// How setting up ended.
#[derive(Debug)]
pub enum SetUp {
    /// In force, with these recovery codes.
    Done(Vec<RecoveryCode>),
    /// The code was not right.
    Not(Verdict),
    /// Nothing was being set up.
    NotBegun,
}

/// Puts the authenticator that the caller is setting up in force, when the code is its code. It takes the place of an
/// older one, and its recovery codes that of older ones.
pub fn set_up(tx: &mut Tx<'_, OwnSecrets>, typed: &Code, limits: &Limits) -> Result<Recorded<SetUp>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let Some(found) = store::authenticator(tx, &organization, &user, State::Pending)? else {
        return Ok(tx.unrecorded("nothing was being set up", SetUp::NotBegun));
    };
    let verdict = codes::guarded(tx, &organization, &user, &Asker::Session, limits, |work| {
        let Some((step, ahead)) = found.seed.first_step(typed, work.now()) else {
            return Ok(Verdict::Wrong { left: None });
        };
        let done = store::put_in_force(work, &organization, &user, &found.id, step, ahead)?;
        Ok(if done { Verdict::Right } else { Verdict::Spent })
    })?;
    let event = told(Kind::AuthenticatorSetUp, verdict).on("user", &user, "");
    let outcome = match verdict {
        Verdict::Right => SetUp::Done(recovery::make(tx, &organization, &user)?),
        verdict => SetUp::Not(verdict),
    };
    tx.record(event, outcome)
}

/// Removes the caller's authenticator app with its recovery codes, and one that is being set up.
pub fn remove(tx: &mut Tx<'_, OwnSecrets>) -> Result<Recorded<()>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let removed = store::remove_authenticators(tx, &organization, &user)?;
    store::remove_recovery_codes(tx, &organization, &user)?;
    if removed == 0 {
        return Ok(tx.unrecorded("there is no authenticator app", ()));
    }
    tx.record(Event::done(Kind::AuthenticatorRemoved).on("user", &user, ""), ())
}

/// Tries whether the caller's authenticator app works.
pub fn test(tx: &mut Tx<'_, OwnAccount>, typed: &Code, limits: &Limits) -> Result<Recorded<Verdict>, StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let verdict = verify_authenticator(tx, &organization, &user, &Asker::Session, typed, limits)?;
    tx.record(told(Kind::AuthenticatorTested, verdict).on("user", &user, ""), verdict)
}

/// Checks a code of a user's authenticator app. Each code works once; without an authenticator none does.
pub fn verify_authenticator(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    asker: &Asker,
    typed: &Code,
    limits: &Limits,
) -> Result<Verdict, StoreError> {
    codes::guarded(work, organization, user, asker, limits, |work| {
        let Some(found) = store::authenticator(work, organization, user, State::InForce)? else {
            return Ok(Verdict::Wrong { left: None });
        };
        let Some(step) = found.seed.step(typed, work.now(), found.ahead) else {
            return Ok(Verdict::Wrong { left: None });
        };
        let forward = store::move_forward(work, organization, &found.id, step)?;
        Ok(if forward { Verdict::Right } else { Verdict::Spent })
    })
}
