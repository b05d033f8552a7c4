//! A new password: none of the last three, and none that is tried for too often.

use chrono::Duration;

use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{Context, Identity, Password, PasswordHash, Share};
use crate::base::i18n::Text;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::problem::Problem;
use crate::features::users;
use crate::platform::config::Config;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::store::{Origin, StoreError};
use crate::platform::throttle;

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNew {
    /// It is one of the last three.
    UsedBefore,
    /// Its user has tried too many; there is room again then.
    Throttled(Moment),
}

impl NotNew {
    /// What the form says.
    pub fn problem(self, now: Moment) -> Text {
        match self {
            Self::UsedBefore => Problem::PasswordUsedBefore.into(),
            Self::Throttled(until) => {
                let minutes = (until.since(now).num_seconds().max(1) + 59) / 60;
                Text::new("password-tries-throttled").with("minutes", minutes)
            }
        }
    }
}

/// The hash of a new password that is none of the last three. Each comparison costs a hash, so a try is counted before
/// anything is compared, whatever comes of it, and all of it is on the share of the caller. `kind` is the event of the change.
pub async fn hash_new(
    app: &App,
    origin: Origin,
    share: &Share,
    whose: (OrganizationId, UserId),
    password: &Password,
    kind: Kind,
) -> Result<Result<PasswordHash, NotNew>, Failure> {
    let most = app.config.limits.new_passwords;
    let (organization, user) = whose;
    let counted = app.store.write(origin, move |tx| {
        let key = [organization.as_str(), user.as_str()];
        Ok::<_, StoreError>(
            match throttle::allow(tx, throttle::Subject::NewPassword, &key, most, Duration::hours(1))? {
                Ok(()) => {
                    let last = users::last_passwords(tx, &organization, &user)?;
                    tx.unrecorded("a password that is tried is counted, and recorded once it is set", Ok(last))
                }
                Err(until) => {
                    let mut event = Event::refused(kind, Reason::Throttled).within(&organization);
                    if let Some(to) = users::addressee(tx, &organization, &user)? {
                        event = event.by_user(&to.id, &to.name).on("user", &to.id, &to.email);
                    }
                    tx.record(event, Err(until))?
                }
            },
        )
    });
    let last = match counted.await? {
        Ok(last) => last,
        Err(until) => return Ok(Err(NotNew::Throttled(until))),
    };
    for hash in last {
        if app.hasher.verify(share, password, Some(hash)).await?.matches {
            return Ok(Err(NotNew::UsedBefore));
        }
    }
    Ok(Ok(app.hasher.hash(share, app.entropy(), password).await?))
}

/// What a new password of this user must not be made of.
pub fn context(identity: &Identity, config: &Config) -> Context {
    Context::new([config.brand.product.as_str(), &identity.organization_name, &identity.name, &identity.email])
}
