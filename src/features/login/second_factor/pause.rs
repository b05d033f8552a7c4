//! What wrong codes lead to that somebody types who knows the password and whose browser has never logged in.

use super::Waiting;
use crate::access::SecondFactor;
use crate::features::users;
use crate::platform::codes::{self, Asker};
use crate::platform::config::Limits;
use crate::platform::events::{Event, Kind};
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{OpenTx, StoreError};

/// Whether this was the last wrong code of the day that strangers may type: recorded, and the user is told, as somebody
/// knows the password.
pub(super) fn tell_of_pause(
    tx: &mut OpenTx<'_>,
    waiting: &Waiting,
    factor: SecondFactor,
    limits: &Limits,
) -> Result<(), StoreError> {
    let (organization, user) = (&waiting.login.organization, &waiting.login.user);
    if waiting.asker() != Asker::Stranger {
        return Ok(());
    }
    let Some(until) = codes::paused_for_strangers(tx, organization, user, limits)? else {
        return Ok(());
    };
    if let Some(to) = users::addressee(tx, organization, user)? {
        let message = Message::CodesPaused {
            name: to.name.clone(),
            organization: to.organization_name.clone(),
            until,
            address: tx.origin().address.map(|address| address.to_string()).unwrap_or_default(),
        };
        outbox::post(tx, &to, &message)?;
    }
    let event = Event::done(Kind::AccountLocked).with("until", until.to_string());
    tx.record(waiting.event(event, factor), ()).map(drop)
}
