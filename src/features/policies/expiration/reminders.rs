//! Mails before a password expires: 14, 7 and 1 days. Each once; when the server was down over several of them, the last
//! one only. A new password, or another policy, is another end and is told of anew.

use super::store::{self, Ending};
use crate::access::app::App;
use crate::access::decisions::Decides;
use crate::access::decisions::expiration::{Expiration, REMINDERS};
use crate::base::ids::{OrganizationId, UserId};
use crate::features::users::addressee;
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{OpenTx, Origin, Recorded, StoreError};

/// Users of one transaction.
const BATCH: i64 = 200;

/// Mails what is due.
pub async fn remind(app: &App) -> Result<(), StoreError> {
    let organizations = app.store.read(Origin::default(), |tx| store::expiring_organizations(tx)).await?;
    for (organization, policy) in organizations {
        let mut last: Option<UserId> = None;
        loop {
            let (of, after) = (organization.clone(), last.clone());
            let most = REMINDERS.into_iter().max().unwrap_or_default();
            let found = app
                .store
                .read(Origin::default(), move |tx| store::ending(tx, &of, policy, most, after.as_ref(), BATCH));
            let found = found.await?;
            let Some(end) = found.last() else { break };
            last = Some(end.user.clone());
            let of = organization.clone();
            let now = app.clock().now();
            let due: Vec<Ending> = found.into_iter().filter(|user| is_due(user, policy, now)).collect();
            if !due.is_empty() {
                app.store.write(Origin::default(), move |tx| tell(tx, &of, policy, &due)).await?;
            }
        }
    }
    Ok(())
}

/// Whether a user is to be told now.
fn is_due(user: &Ending, policy: Expiration, now: crate::base::moment::Moment) -> bool {
    let due = policy.decide(&user.changed, now).reminder(now);
    due.is_some_and(|(days, end)| user.told_of != Some(end) || user.told_days.is_none_or(|told| told > days))
}

fn tell(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    policy: Expiration,
    due: &[Ending],
) -> Result<Recorded<()>, StoreError> {
    tx.touch(organization)?;
    let now = tx.now();
    // Looked up again: another policy may have been saved meanwhile.
    if store::policy(tx, organization)? == policy {
        for user in due {
            let Some((days, end)) = policy.decide(&user.changed, now).reminder(now) else { continue };
            if store::note_reminder(tx, organization, user, end, days)?
                && let Some(to) = addressee(tx, organization, &user.user)?
            {
                let (name, organization) = (to.name.clone(), to.organization_name.clone());
                outbox::post(tx, &to, &Message::PasswordExpires { name, organization, at: end })?;
            }
        }
    }
    Ok(tx.unrecorded("a reminder changes nothing", ()))
}
