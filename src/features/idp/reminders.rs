//! Mails before the client secret stops working: 30, 14, 7 and 1 days (docs/rules.md section 7). Each once, and when the
//! server was down over several of them, the last one only. And one when the provider refuses the secret, at most once a day.

use chrono::Duration;
use chrono_tz::Tz;

use super::{Settings, State, store};
use crate::access::app::App;
use crate::base::calendar::Day;
use crate::base::ids::{IdentityProviderId, OrganizationId};
use crate::base::moment::Moment;
use crate::features::policies::versions::readers;
use crate::features::users::addressee;
use crate::platform::mail::{IdpNews, Message, outbox};
use crate::platform::store::{OpenTx, Origin, Recorded, StoreError, Work};

/// Days before, the nearest first.
const DAYS: [i64; 4] = [1, 7, 14, 30];

/// Mails what is due, an organization in each transaction.
pub async fn remind(app: &App) -> Result<(), StoreError> {
    for days in DAYS {
        let due = app.store.read(Origin::default(), move |tx| {
            let (today, last) = (Day::of(tx.now(), Tz::UTC), Day::of(tx.now() + Duration::days(days), Tz::UTC));
            store::expiring(tx, &today, &last, days)
        });
        for (organization, id, day) in due.await? {
            let told = app.store.write(Origin::default(), move |tx| tell(tx, &organization, &id, &day, days));
            told.await?;
        }
    }
    Ok(())
}

fn tell(
    tx: &mut OpenTx<'_>,
    organization: &OrganizationId,
    id: &IdentityProviderId,
    day: &Day,
    days: i64,
) -> Result<Recorded<()>, StoreError> {
    tx.touch(organization)?;
    if let (true, Some(at)) = (store::note_reminder(tx, organization, id, days)?, day.noon()) {
        mail(tx, organization, IdpNews::SecretExpires, at)?;
    }
    Ok(tx.unrecorded("a reminder changes nothing", ()))
}

/// Mails owner and administrators that the provider refused the secret, unless it did so within a day.
pub fn alarm(work: &mut Work<'_>, organization: &OrganizationId, settings: &Settings) -> Result<(), StoreError> {
    let at = work.now();
    if settings.state == State::InForce && store::note_alarm(work, organization, &settings.id, at - Duration::days(1))?
    {
        mail(work, organization, IdpNews::SecretRefused, at)?;
    }
    Ok(())
}

fn mail(work: &mut Work<'_>, organization: &OrganizationId, news: IdpNews, at: Moment) -> Result<(), StoreError> {
    for reader in readers(work, organization)? {
        if let Some(to) = addressee(work, organization, &reader)? {
            let (name, organization) = (to.name.clone(), to.organization_name.clone());
            outbox::post(work, &to, &Message::Idp { name, organization, news, at })?;
        }
    }
    Ok(())
}
