//! Taking a user's second factors away, for somebody who lost the phone: by an administrator or the operator.

use super::{mobile_slot, store};
use crate::access::ManageFactors;
use crate::base::ids::UserId;
use crate::features::users;
use crate::platform::codes;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Message, outbox};
use crate::platform::store::{Recorded, StoreError, Tx, Work};

/// Why somebody's factors are not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// There is no such user here.
    #[error("not found")]
    NotFound,
    /// The owner's are never reset by another.
    #[error("the owner's factors are the owner's alone")]
    IsOwner,
    /// One's own are removed in the account settings.
    #[error("one's own factors are not reset")]
    IsYourself,
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl crate::platform::events::Refusal for ResetError {
    fn refusal(&self) -> Option<Reason> {
        match self {
            Self::IsOwner => Some(Reason::IsOwner),
            Self::IsYourself => Some(Reason::IsYourself),
            Self::NotFound | Self::Store(_) => None,
        }
    }
}

/// Takes mobile number, authenticator app and recovery codes from another user, who is told by mail. Also lifts what
/// wrong codes have locked.
pub fn reset_factors(tx: &mut Tx<'_, ManageFactors>, user: &UserId) -> Result<Recorded<()>, ResetError> {
    let organization = tx.organization().clone();
    let to = users::addressee(tx, &organization, user)?.ok_or(ResetError::NotFound)?;
    tx.note_target("user", &to.id, &to.email);
    if user == tx.user() {
        return Err(ResetError::IsYourself);
    }
    if store::is_owner(tx, &organization, user)? {
        return Err(ResetError::IsOwner);
    }
    let event = clear(tx, &to)?;
    Ok(tx.record(event, ())?)
}

/// What a reset does, by whomever: the caller records the event.
pub fn clear(work: &mut Work<'_>, to: &Addressee) -> Result<Event, StoreError> {
    let (organization, user) = (&to.organization, &to.id);
    let before = store::factors(work, organization, user)?;
    if let Some(number) = &before.mobile {
        codes::store::replace(work, &mobile_slot(organization, user, number))?;
    }
    codes::store::forgive(work, organization, user)?;
    store::set_mobile(work, organization, user, None)?;
    store::remove_authenticators(work, organization, user)?;
    store::remove_recovery_codes(work, organization, user)?;
    let (name, organization_name) = (to.name.clone(), to.organization_name.clone());
    outbox::post(work, to, &Message::FactorReset { name, organization: organization_name, at: work.now() })?;
    let event = Event::done(Kind::FactorsReset).within(organization).on("user", user, &to.email);
    let old = before.mobile.map(|number| number.to_string());
    let had = before.authenticator_since.is_some();
    Ok(event.changed("mobile", old, None::<String>).changed("authenticator", had, false))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::base::clock::{Clock, SystemClock};
    use crate::base::entropy::{Code, Entropy, SystemEntropy};
    use crate::base::ids::{OrganizationId, SessionId};
    use crate::features::factors::{Factors, RecoveryCode, recovery, use_recovery_code, verify_authenticator};
    use crate::platform::codes::Verdict;
    use crate::platform::events::Person;
    use crate::platform::secrets::Keyring;
    use crate::platform::store::{AnyConnection, Caller, Origin, Sizes, Store, Target, Use};

    /// An organization with an owner and two more users, in a database of its own.
    struct Place {
        store: Store,
        organization: OrganizationId,
        users: Vec<UserId>,
        folder: std::path::PathBuf,
    }

    impl Drop for Place {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.folder));
        }
    }

    fn id<T: From<crate::base::entropy::FreshId>>() -> T {
        let entropy: &dyn Entropy = &SystemEntropy;
        entropy.id(SystemClock.now()).into()
    }

    impl Place {
        fn make(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("vestibule-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let target = Target::parse(&format!("sqlite://{}", folder.join("test.db").display())).unwrap();
            crate::platform::store::migrate(&target).unwrap();
            let (organization, users): (OrganizationId, Vec<UserId>) = (id(), (0..3).map(|_| id()).collect());
            let mut sql = format!(
                "BEGIN; INSERT INTO organizations (id, name, state, owner_id, version, submission, created_at, company_name, country, \
                 representative, company_phone, billing_email) VALUES ('{organization}', 'acme', 'active', '{}', 0, 'x', \
                 '2026-11-22 09:00:00', 'Acme', 'KR', 'Mina', '+8223456789', 'a@acme.example');",
                users[0]
            );
            for user in &users {
                sql.push_str(&format!(
                    "INSERT INTO users (id, organization_id, email, name, mobile, language, time_zone, time_zone_chosen, status, org_admin, \
                     org_reader, billing_admin, created_at, listed_as, mobile_verified_at) VALUES ('{user}', '{organization}', \
                     '{user}@acme.example', 'Mina', '+821023456789', 'en', 'UTC', 0, 'active', 0, 0, 0, '2026-11-22 09:00:00', '{user}', \
                     '2026-11-22 09:00:00');"
                ));
            }
            match target.open(Use::Writing).unwrap() {
                AnyConnection::Sqlite(mut connection) => connection.batch_execute(&format!("{sql} COMMIT;")).unwrap(),
                AnyConnection::Postgres(_) => unreachable!("the target is a file"),
            }
            let keys = Keyring::parse(&Keyring::generate(&SystemEntropy)).unwrap();
            let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
            let store = Store::start(&target, Sizes::default(), clock, entropy, keys).unwrap();
            Self { store, organization, users, folder }
        }

        fn caller(&self, user: usize) -> Caller {
            let (organization, user) = (self.organization.clone(), self.users[user].clone());
            Caller {
                organization,
                principal: Person { user, name: "Mina".to_owned(), session: id::<SessionId>() },
                origin: Origin::default(),
                project_access: None,
            }
        }

        async fn work<T: Send + 'static>(
            &self,
            user: usize,
            work: impl FnOnce(&mut Work<'_>, &OrganizationId, &UserId) -> T + Send + 'static,
        ) -> T {
            let (organization, user) = (self.organization.clone(), self.users[user].clone());
            let done = self.store.write(Origin::default(), move |tx| {
                let value = work(tx, &organization, &user);
                Ok::<_, StoreError>(tx.unrecorded("a test", value))
            });
            done.await.unwrap()
        }

        async fn reset(&self, by: usize, of: &UserId) -> Result<(), ResetError> {
            let of = of.clone();
            self.store.write_within(self.caller(by), |_, _| Ok(None), move |tx| reset_factors(tx, &of)).await
        }

        async fn factors(&self, user: usize) -> Factors {
            self.work(user, |work, organization, user| store::factors(work, organization, user).unwrap()).await
        }
    }

    fn limits() -> crate::platform::config::Limits {
        crate::platform::config::load(crate::platform::config::Source::default()).unwrap().limits
    }

    /// Shows ASVS 6.4.4; attack 77.
    #[actix_web::test]
    async fn the_owner_s_factors_and_one_s_own_are_reset_by_nobody() {
        let place = Place::make("reset");
        let [owner, admin, mate] = [0, 1, 2].map(|number| place.users[number].clone());
        assert!(matches!(place.reset(1, &owner).await, Err(ResetError::IsOwner)));
        assert!(matches!(place.reset(1, &admin).await, Err(ResetError::IsYourself)));
        assert!(matches!(place.reset(0, &owner).await, Err(ResetError::IsYourself)));
        assert!(matches!(place.reset(1, &id::<UserId>()).await, Err(ResetError::NotFound)));
        place.work(2, |work, organization, user| drop(recovery::make(work, organization, user).unwrap())).await;
        assert_eq!(place.factors(2).await.recovery_codes, 10);
        place.reset(1, &mate).await.unwrap();
        let after = place.factors(2).await;
        assert_eq!((after.mobile, after.mobile_verified_at, after.recovery_codes), (None, None, 0));
        assert!(place.factors(0).await.mobile_verified_at.is_some(), "nobody else is touched");
    }

    /// Shows attack 37.
    #[actix_web::test]
    async fn asvs_6_5_1_a_recovery_code_stands_in_once_and_for_its_user_alone() {
        let place = Place::make("recovery");
        let codes = place.work(1, |work, organization, user| recovery::make(work, organization, user).unwrap()).await;
        let limits = limits();
        let using = async |user: usize, code: &RecoveryCode| {
            let code = code.clone();
            let work = move |work: &mut Work<'_>, organization: &OrganizationId, user: &UserId| {
                use_recovery_code(work, organization, user, &codes::Asker::Stranger, &code, &limits).unwrap()
            };
            place.work(user, work).await
        };
        assert_eq!(using(2, &codes[0]).await, Verdict::Wrong { left: None });
        assert_eq!(using(1, &codes[0]).await, Verdict::Right);
        assert_eq!(using(1, &codes[0]).await, Verdict::Wrong { left: None });
        assert_eq!(using(1, &codes[1]).await, Verdict::Right);
        assert_eq!(place.factors(1).await.recovery_codes, 8);
        place.work(1, |work, organization, user| drop(recovery::make(work, organization, user).unwrap())).await;
        assert_eq!(using(1, &codes[2]).await, Verdict::Wrong { left: None }, "new ones void the old");
    }

    #[actix_web::test]
    async fn without_an_authenticator_no_code_is_right_and_guesses_count() {
        let place = Place::make("guesses");
        let limits = limits();
        let guess = async || {
            let work = move |work: &mut Work<'_>, organization: &OrganizationId, user: &UserId| {
                let code = Code::parse("123456").unwrap();
                verify_authenticator(work, organization, user, &codes::Asker::Stranger, &code, &limits).unwrap()
            };
            place.work(1, work).await
        };
        for _ in 0..limits.wrong_codes {
            assert_eq!(guess().await, Verdict::Wrong { left: None });
        }
        assert!(matches!(guess().await, Verdict::Paused(_)));
    }
}
