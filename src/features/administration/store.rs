//! Queries on one user of the caller's organization.

use diesel::dsl::max;
use diesel::prelude::*;

use crate::access::decisions::Decides;
use crate::access::decisions::expiration::{Expiration, Expiry};
use crate::access::{ManageRoles, ManageUsers, Roles, ViewUsers, live};
use crate::base::i18n::Language;
use crate::base::ids::{SessionId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::base::person::Phone;
use crate::base::user::Status;
use crate::features::account::ListedSession;
use crate::features::directory::Shown;
use crate::features::idp::bindings::{self, Binding};
use crate::features::links::Purpose;
use crate::features::policies::expiration;
use crate::features::registration::Delivery;
use crate::platform::store::schema::{code_counts, mailed_links, mails, organizations, sessions, throttles, users};
use crate::platform::store::{HeldBy, StoreError, Tx};
use crate::platform::throttle::Subject;
use crate::platform::{config, mail};

/// A user as administrators see them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Id.
    pub id: UserId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Nickname.
    pub nickname: Option<String>,
    /// Mobile number.
    pub mobile: Option<Phone>,
    /// Language.
    pub language: Language,
    /// Time zone by name.
    pub time_zone: String,
    /// Status.
    pub status: Status,
    /// Roles; the designation is not among them.
    pub roles: Roles,
    /// When they were registered.
    pub created_at: Moment,
    /// When they last logged in.
    pub last_login: Option<Moment>,
    /// When the password was last set.
    pub password_changed_at: Option<Moment>,
    /// Whether there is a password.
    pub has_password: bool,
    /// Whether this is the Org Owner.
    pub is_owner: bool,
    /// Whether the password has expired.
    pub has_expired: bool,
    /// Until when the account is locked, if it is.
    pub locked_until: Option<Moment>,
    /// Wrong codes of the last day: so many, and no code is looked at any more.
    pub wrong_codes: i64,
    /// Until when the open invitation works, if there is one.
    pub open_invitation: Option<Moment>,
    /// Whether there is an invitation, expired or not, that the user can have renewed without an administrator.
    pub is_renewable: bool,
    /// The person at the identity provider, if they have logged in through it.
    pub binding: Option<Binding>,
    /// Sessions, dead ones that nobody cleared away included.
    pub sessions: i64,
}

type Row = (
    (UserId, String, String, Option<String>, Option<Phone>, Language, String, Status),
    (bool, bool, bool),
    (Moment, Option<Moment>, Option<Moment>, Option<String>),
);

impl Person {
    /// The status that lists show.
    pub fn shown(&self) -> Shown {
        Shown::of(self.status, self.locked_until.is_some(), self.has_expired)
    }

    /// All roles, the designation included.
    pub fn role_set(&self) -> Roles {
        Roles { owner: self.is_owner, ..self.roles }
    }

    #[cfg(test)]
    pub(super) fn sample(id: UserId, status: Status) -> Self {
        let at = Moment::EPOCH;
        Self {
            id,
            email: "mina@acme.example".to_owned(),
            name: "Mina Park".to_owned(),
            nickname: None,
            mobile: None,
            language: Language::English,
            time_zone: "UTC".to_owned(),
            status,
            roles: Roles::default(),
            created_at: at,
            last_login: None,
            password_changed_at: None,
            has_password: status != Status::Invited,
            is_owner: false,
            has_expired: false,
            locked_until: Some(at),
            wrong_codes: 0,
            open_invitation: Some(at),
            is_renewable: true,
            binding: None,
            sessions: 1,
        }
    }
}

/// A user of the caller's organization.
pub fn find<P: HeldBy>(tx: &mut Tx<'_, P>, user: &UserId) -> Result<Option<Person>, StoreError> {
    let row = tx.users().filter(users::id.eq(user.clone())).select((
        (
            users::id,
            users::email,
            users::name,
            users::nickname,
            users::mobile,
            users::language,
            users::time_zone,
            users::status,
        ),
        (users::org_admin, users::org_reader, users::billing_admin),
        (users::created_at, users::last_login_at, users::password_changed_at, users::password_hash),
    ));
    let Some(row) = row.first::<Row>(tx.conn()).optional()? else {
        return Ok(None);
    };
    let ((id, email, name, nickname, mobile, language, time_zone, status), roles, times) = row;
    let (org_admin, org_reader, billing_admin) = roles;
    let (created_at, last_login, password_changed_at, hash) = times;
    let (organization, now) = (tx.organization().clone(), tx.now());
    let owner: UserId =
        organizations::table.find(organization.clone()).select(organizations::owner_id).first(tx.conn())?;
    let locked_until: Option<Option<Moment>> = throttles::table
        .filter(throttles::organization_id.eq(organization.clone()))
        .filter(throttles::user_id.eq(user.clone()))
        .filter(throttles::locked_until.gt(Some(now)))
        .order(throttles::locked_until.desc())
        .select(throttles::locked_until)
        .first(tx.conn())
        .optional()?;
    let wrong_codes: Option<i64> = code_counts::table
        .filter(code_counts::organization_id.eq(tx.organization().clone()))
        .filter(code_counts::user_id.eq(user.clone()))
        .filter(code_counts::wrong_since.gt(now - chrono::Duration::days(1)))
        .select(code_counts::wrong)
        .first(tx.conn())
        .optional()?;
    let of_known: Option<i64> = throttles::table
        .filter(throttles::organization_id.eq(organization.clone()))
        .filter(throttles::user_id.eq(user.clone()))
        .filter(throttles::subject.eq(Subject::CodeTries))
        .filter(throttles::expires_at.gt(now))
        .select(max(throttles::count))
        .first(tx.conn())?;
    let home = tx.organization().clone();
    let binding = bindings::of_user(tx, &home, user)?;
    let standing_invitation = tx
        .mailed_links()
        .filter(mailed_links::user_id.eq(user.clone()))
        .filter(mailed_links::purpose.eq(Purpose::Invitation))
        .filter(mailed_links::used_at.is_null())
        .filter(mailed_links::replaced_at.is_null())
        .order(mailed_links::expires_at.desc())
        .select(mailed_links::expires_at);
    let standing_invitation: Option<Moment> = standing_invitation.first(tx.conn()).optional()?;
    let sessions = tx.sessions().filter(sessions::user_id.eq(user.clone())).count().get_result(tx.conn())?;
    let by_provider = crate::features::organizations::method(tx, &organization)? == LoginMethod::IdpAccount;
    let policy = if by_provider { Expiration::OFF } else { expiration::policy(tx, &organization)? };
    let expiry = policy.decide(&password_changed_at, tx.now());
    Ok(Some(Person {
        is_owner: owner == id,
        id,
        email,
        name,
        nickname,
        mobile,
        language,
        time_zone,
        status,
        roles: Roles { owner: false, org_admin, org_reader, billing_admin },
        created_at,
        last_login,
        password_changed_at,
        has_password: hash.is_some(),
        has_expired: matches!(expiry, Expiry::Expired(_)),
        locked_until: locked_until.flatten(),
        wrong_codes: wrong_codes.max(of_known).unwrap_or_default(),
        open_invitation: standing_invitation.filter(|until| *until > now),
        is_renewable: standing_invitation.is_some(),
        binding,
        sessions,
    }))
}

/// An invitation that was mailed to a user.
#[derive(Clone, Debug, Queryable)]
pub struct PastInvitation {
    /// When it was written.
    pub at: Moment,
    /// How its delivery stands.
    pub state: mail::State,
    /// Why it was not sent.
    pub ending: Option<mail::Ending>,
    /// What the mail server said.
    pub answer: Option<String>,
    /// When delivery ended.
    pub finished_at: Option<Moment>,
    /// Deliveries tried.
    pub attempts: i32,
    /// When it is sent, or tried next.
    pub due_at: Moment,
}

impl PastInvitation {
    /// When it is sent, where a limit of mails a day makes it wait.
    pub fn sent_on(&self) -> Option<Moment> {
        (self.state == mail::State::Queued && self.attempts == 0 && self.due_at > self.at).then_some(self.due_at)
    }

    /// Message id of how its delivery stands.
    pub fn label(&self) -> &'static str {
        Delivery::of(Some(self.state), self.ending, self.answer.as_deref()).label()
    }
}

/// The invitations mailed to a user, newest first.
pub fn invitations(tx: &mut Tx<'_, ViewUsers>, user: &UserId) -> Result<Vec<PastInvitation>, StoreError> {
    let rows = tx
        .mails()
        .filter(mails::user_id.eq(user.clone()))
        .filter(mails::kind.eq("invitation"))
        .order(mails::id.desc())
        .limit(20)
        .select((
            mails::created_at,
            mails::state,
            mails::ending,
            mails::answer,
            mails::finished_at,
            mails::attempts,
            mails::due_at,
        ));
    Ok(rows.load(tx.conn())?)
}

/// The sessions of a user that still live, the latest used first.
pub fn sessions(
    tx: &mut Tx<'_, ViewUsers>,
    user: &UserId,
    limits: &config::Sessions,
) -> Result<Vec<ListedSession>, StoreError> {
    let rows = tx
        .sessions()
        .filter(sessions::user_id.eq(user.clone()))
        .filter(live(tx.now(), limits))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(50)
        .select((sessions::id, sessions::created_at, sessions::last_seen_at, sessions::address, sessions::user_agent));
    Ok(rows.load(tx.conn())?)
}

/// Ends a session of a user; `false` when it is not theirs.
pub fn end_session(tx: &mut Tx<'_, ManageUsers>, user: &UserId, session: &SessionId) -> Result<bool, StoreError> {
    let row = sessions::table
        .filter(sessions::organization_id.eq(tx.organization().clone()))
        .filter(sessions::user_id.eq(user.clone()))
        .filter(sessions::id.eq(session.clone()));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}

/// Sets a status.
pub fn set_status(tx: &mut Tx<'_, ManageUsers>, user: &UserId, status: Status) -> Result<(), StoreError> {
    let row =
        users::table.filter(users::organization_id.eq(tx.organization().clone())).filter(users::id.eq(user.clone()));
    diesel::update(row).set(users::status.eq(status)).execute(tx.conn())?;
    Ok(())
}

/// Sets the roles.
pub fn set_roles(tx: &mut Tx<'_, ManageRoles>, user: &UserId, roles: Roles) -> Result<(), StoreError> {
    let row =
        users::table.filter(users::organization_id.eq(tx.organization().clone())).filter(users::id.eq(user.clone()));
    let change = (
        users::org_admin.eq(roles.org_admin),
        users::org_reader.eq(roles.org_reader),
        users::billing_admin.eq(roles.billing_admin),
    );
    diesel::update(row).set(change).execute(tx.conn())?;
    Ok(())
}

/// Removes a user with everything that refers to them, and what was mailed to them.
pub fn delete(tx: &mut Tx<'_, ManageRoles>, user: &UserId) -> Result<(), StoreError> {
    let organization = tx.organization().clone();
    let letters =
        mails::table.filter(mails::organization_id.eq(organization.clone())).filter(mails::user_id.eq(user.clone()));
    diesel::delete(letters).execute(tx.conn())?;
    let row = users::table.filter(users::organization_id.eq(organization)).filter(users::id.eq(user.clone()));
    diesel::delete(row).execute(tx.conn())?;
    Ok(())
}
