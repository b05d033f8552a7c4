//! Counters that slow guessing down: kept in the database, so that instances share them and restarts keep them; keyed
//! by digests, so that typed names of accounts that do not exist are not stored (product.md section 6, ASVS 6.3.1).
//!
//! A login that fails is counted when its answer is decided, in the same transaction, and a login that succeeds looks
//! at the lock once more there: of many tries at once, no more count as tried than would have one after another.

use std::net::IpAddr;

use chrono::Duration;
use diesel::dsl;
use diesel::prelude::*;

use crate::config::Limits;
use crate::store::schema::throttles;
use crate::store::types::{Digest, Moment, OrganizationId, UserId};
use crate::store::{self, StoreError, Work};
use crate::web::address::network;

words! {
    /// What is counted.
    Subject {
        /// Wrong passwords of unknown browsers for one account, existing or not.
        Account = "account",
        /// Wrong passwords of one browser that has logged into the account before.
        Browser = "browser",
        /// Wrong passwords from one network.
        Network = "network",
        /// Completed sign-ups from one network.
        SignUp = "sign_up",
        /// Password reset mails to one account.
        ResetMail = "reset_mail",
        /// "My organizations" mails to one address.
        OrganizationsMail = "organizations_mail",
        /// Invitation mails to one address.
        InvitationMail = "invitation_mail",
        /// Invitation mails of one organization.
        OrganizationInvitations = "organization_invitations",
        /// SMS to one number.
        SmsNumber = "sms_number",
        /// SMS that one network asked for.
        SmsNetwork = "sms_network",
        /// SMS of one organization.
        SmsOrganization = "sms_organization",
        /// SMS of the installation.
        SmsInstallation = "sms_installation",
    }
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = throttles, treat_none_as_default_value = false)]
struct Row {
    key: Digest,
    subject: Subject,
    organization_id: Option<OrganizationId>,
    user_id: Option<UserId>,
    count: i64,
    rung: i64,
    since: Moment,
    last_at: Moment,
    locked_until: Option<Moment>,
    expires_at: Moment,
}

/// The counters that one login touches.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The account's counter for this browser: its own when it is known there, else that of all unknown ones.
    door: Digest,
    known: bool,
    network: Digest,
    owner: Option<(OrganizationId, UserId)>,
}

/// How an attempt stands before the password is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may try.
    Free,
    /// The account is locked for this browser until then.
    Locked(Moment),
    /// The network's unknown browsers pause until then.
    Paused(Moment),
}

/// What the counters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How the attempt stands.
    pub standing: Standing,
    /// Whether there is a counter to start over after a right password.
    pub failed_before: bool,
}

/// What a wrong password led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How the next attempt stands.
    pub standing: Standing,
    /// Whether this failure locked the account.
    pub locked_now: bool,
}

type Held = dsl::Or<dsl::Eq<throttles::key, Digest>, dsl::Eq<throttles::key, Digest>>;
/// What [`Gate::locks`] finds.
pub type Locks = dsl::Filter<dsl::Filter<throttles::table, Held>, dsl::Gt<throttles::locked_until, Option<Moment>>>;

impl Gate {
    /// The gate of an account as typed. `owner` is the user behind it, if there is one; `browser` is the token of a
    /// browser that has logged into this account before.
    pub fn new(
        work: &Work<'_>,
        organization: &str,
        email: &str,
        browser: Option<&Digest>,
        address: Option<IpAddr>,
        owner: Option<(OrganizationId, UserId)>,
    ) -> Self {
        let keys = work.keys();
        let place = address.map(network).unwrap_or_default();
        let parts = [organization.as_bytes(), email.as_bytes()];
        let door = match browser {
            Some(token) => keys.digest(&[b"browser", parts[0], parts[1], token.as_bytes()]),
            None => keys.digest(&[b"account", parts[0], parts[1]]),
        };
        Self { door, known: browser.is_some(), network: keys.digest(&[b"network", place.as_bytes()]), owner }
    }

    /// How an attempt stands now.
    pub fn look(&self, work: &mut Work<'_>) -> Result<Look, StoreError> {
        let counters = throttles::table
            .filter(throttles::key.eq(self.door.clone()).or(throttles::key.eq(self.network.clone())))
            .select((throttles::key, throttles::locked_until));
        let counters: Vec<(Digest, Option<Moment>)> = store::on_engine!(work.conn(), own => counters.load(own))?;
        let now = work.now();
        let counter = |key: &Digest| counters.iter().find(|(counted, _)| counted == key).map(|(_, until)| *until);
        let until = |key: &Digest| counter(key).flatten().filter(|until| *until > now);
        let standing = match (until(&self.door), until(&self.network)) {
            (Some(until), _) => Standing::Locked(until),
            (None, Some(until)) if !self.known => Standing::Paused(until),
            _ => Standing::Free,
        };
        Ok(Look { standing, failed_before: counter(&self.door).is_some() })
    }

    /// Counts a wrong password.
    pub fn failed(&self, work: &mut Work<'_>, limits: &Limits) -> Result<Counted, StoreError> {
        let now = work.now();
        let day = Duration::days(1);
        let subject = if self.known { Subject::Browser } else { Subject::Account };
        let (door, until) = bump(work, &self.door, subject, self.owner.clone(), |row| {
            if now.since(row.last_at) >= day {
                (row.count, row.rung) = (1, 0);
            }
            row.expires_at = now + day;
            if row.count >= limits.wrong_passwords {
                let longest = Duration::hours(limits.lock_hours_longest);
                let doubled = limits.lock_minutes.saturating_mul(1 << row.rung.clamp(0, 20));
                let until = now + Duration::minutes(doubled).min(longest);
                row.locked_until = Some(until);
                row.count = 0;
                row.rung += 1;
                row.expires_at = until + day;
            }
            row.locked_until.filter(|until| *until > now)
        })?;
        let window = Duration::minutes(limits.network_minutes);
        let (_, paused) = bump(work, &self.network, Subject::Network, None, |row| {
            if now.since(row.since) >= window {
                (row.count, row.since) = (1, now);
            }
            row.expires_at = now + window;
            if row.count >= limits.network_wrong_passwords {
                row.locked_until = Some(now + window);
                (row.count, row.since) = (0, now);
            }
            row.locked_until.filter(|until| *until > now)
        })?;
        let standing = match (until, paused) {
            (Some(until), _) => Standing::Locked(until),
            (None, Some(until)) if !self.known => Standing::Paused(until),
            _ => Standing::Free,
        };
        Ok(Counted { standing, locked_now: until.is_some() && door.count == 0 })
    }

    /// The counters that keep an attempt out now, as rows that a statement can ask for.
    pub fn locks(&self, now: Moment) -> Locks {
        // A browser that is known is not kept out by its network.
        let other = if self.known { &self.door } else { &self.network };
        throttles::table
            .filter(throttles::key.eq(self.door.clone()).or(throttles::key.eq(other.clone())))
            .filter(throttles::locked_until.gt(Some(now)))
    }

    /// A right password: the counter of this door starts over, if a look found one.
    pub fn succeeded(&self, work: &mut Work<'_>, look: Look) -> Result<(), StoreError> {
        if !look.failed_before {
            return Ok(());
        }
        diesel::delete(throttles::table.filter(throttles::key.eq(self.door.clone()))).execute(work.conn())?;
        Ok(())
    }
}

/// Lifts every lock of a user's account: a password reset does, an administrator and the operator can. Returns how many
/// there were.
pub fn lift(work: &mut Work<'_>, organization: &OrganizationId, user: &UserId) -> Result<usize, StoreError> {
    let now = work.now();
    let rows = throttles::table
        .filter(throttles::organization_id.eq(organization.clone()))
        .filter(throttles::user_id.eq(user.clone()))
        .filter(throttles::subject.eq_any([Subject::Account.word(), Subject::Browser.word()]));
    let locked: i64 = rows.clone().filter(throttles::locked_until.gt(Some(now))).count().get_result(work.conn())?;
    diesel::delete(rows).execute(work.conn())?;
    Ok(usize::try_from(locked).unwrap_or_default())
}

/// Whether one more of `subject` is within its limit; counts it when it is. `Err(until)` says when there is room again.
pub fn allow(
    work: &mut Work<'_>,
    subject: Subject,
    parts: &[&str],
    limit: i64,
    window: Duration,
) -> Result<Result<(), Moment>, StoreError> {
    let now = work.now();
    let mut all = vec![subject.word().as_bytes()];
    all.extend(parts.iter().map(|part| part.as_bytes()));
    let key = work.keys().digest(&all);
    let (_, outcome) = bump(work, &key, subject, None, |row| {
        if now.since(row.since) >= window {
            (row.count, row.since) = (1, now);
        }
        row.expires_at = row.since + window;
        if row.count > limit {
            row.count = limit;
            return Err(row.since + window);
        }
        Ok(())
    })?;
    Ok(outcome)
}

/// Counts one more in the row of `key`, which this transaction then holds, and lets `decide` change the row.
fn bump<T>(
    work: &mut Work<'_>,
    key: &Digest,
    subject: Subject,
    owner: Option<(OrganizationId, UserId)>,
    decide: impl FnOnce(&mut Row) -> T,
) -> Result<(Row, T), StoreError> {
    let now = work.now();
    let mine = throttles::key.eq(key.clone());
    let count = |work: &mut Work<'_>| {
        let more = throttles::count.eq(throttles::count + 1);
        store::update(throttles::table, more, throttles::key.eq(key.clone())).execute(work.conn())
    };
    if count(work)? == 0 {
        let (organization_id, user_id) = owner.unzip();
        let fresh = Row {
            key: key.clone(),
            subject,
            organization_id,
            user_id,
            count: 1,
            rung: 0,
            since: now,
            last_at: now,
            locked_until: None,
            expires_at: now + Duration::days(1),
        };
        let written =
            work.savepoint(|connection| diesel::insert_into(throttles::table).values(&fresh).execute(connection));
        match written {
            Ok(_) => {}
            // Somebody else counted the first one meanwhile.
            Err(error) if error.is_duplicate() => {
                count(work)?;
            }
            Err(error) => return Err(error),
        }
    }
    let mut row: Row = throttles::table.filter(mine.clone()).get_result(work.conn())?;
    let outcome = decide(&mut row);
    row.last_at = now;
    let decided = (
        throttles::count.eq(row.count),
        throttles::rung.eq(row.rung),
        throttles::since.eq(row.since),
        throttles::last_at.eq(row.last_at),
        throttles::locked_until.eq(row.locked_until),
        throttles::expires_at.eq(row.expires_at),
    );
    store::update(throttles::table, decided, mine).execute(work.conn())?;
    Ok((row, outcome))
}
