//! Queries of sign-ups in progress.

use diesel::prelude::*;

use super::{Answers, KEPT};
use crate::base::digest::Digest;
use crate::base::email::Email;
use crate::base::ids::{OrganizationId, SignUpId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::State;
use crate::platform::store::schema::{consents, organizations, sign_ups, users};
use crate::platform::store::{StoreError, Work};

#[derive(Insertable)]
#[diesel(table_name = sign_ups, treat_none_as_default_value = false)]
struct NewSignUp {
    id: SignUpId,
    token_hash: Digest,
    answers: String,
    mails: i32,
    created_at: Moment,
    expires_at: Moment,
}

/// A sign-up in progress.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// Id.
    pub id: SignUpId,
    /// What was typed.
    pub answers: Answers,
    /// The organization it made.
    pub made: Option<OrganizationId>,
    /// New mails it has asked for.
    pub mails: i32,
}

/// A sign-up, while it lasts.
pub fn find(work: &mut Work<'_>, id: &SignUpId) -> Result<Option<SignUp>, StoreError> {
    let now = work.now();
    let row = sign_ups::table.filter(sign_ups::id.eq(id.clone())).filter(sign_ups::expires_at.gt(now)).select((
        sign_ups::id,
        sign_ups::answers,
        sign_ups::organization_id,
        sign_ups::mails,
    ));
    let found: Option<(SignUpId, String, Option<OrganizationId>, i32)> = row.first(work.conn()).optional()?;
    Ok(found.map(|(id, answers, made, mails)| SignUp { id, answers: read(&answers), made, mails }))
}

/// Answers of an older version that cannot be read any more are typed again.
fn read(answers: &str) -> Answers {
    serde_json::from_str(answers).unwrap_or_default()
}

fn written(answers: &Answers) -> Result<String, StoreError> {
    serde_json::to_string(answers).map_err(|_| StoreError::Unreadable("answers of a sign-up"))
}

/// Begins a sign-up. Its pages name it by their form tokens; the digest of a token is written for versions that find it
/// by a cookie, and of no token that exists. `false` where
/// there was one of this id.
pub fn begin(work: &mut Work<'_>, id: &SignUpId, answers: &Answers) -> Result<bool, StoreError> {
    let row = NewSignUp {
        id: id.clone(),
        token_hash: work.entropy().token().digest(),
        answers: written(answers)?,
        mails: 0,
        created_at: work.now(),
        expires_at: work.now() + KEPT,
    };
    let written = work.savepoint(|connection| diesel::insert_into(sign_ups::table).values(&row).execute(connection));
    match written {
        Ok(_) => Ok(true),
        Err(error) if error.is_duplicate() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Keeps what was typed.
pub fn keep(work: &mut Work<'_>, id: &SignUpId, answers: &Answers) -> Result<(), StoreError> {
    let until = work.now() + KEPT;
    let row = sign_ups::table.filter(sign_ups::id.eq(id.clone())).filter(sign_ups::organization_id.is_null());
    diesel::update(row)
        .set((sign_ups::answers.eq(written(answers)?), sign_ups::expires_at.eq(until)))
        .execute(work.conn())?;
    Ok(())
}

/// The organization that a sign-up made, if it has.
pub fn made(work: &mut Work<'_>, id: &SignUpId) -> Result<Option<OrganizationId>, StoreError> {
    let row = sign_ups::table.filter(sign_ups::id.eq(id.clone())).select(sign_ups::organization_id);
    Ok(row.first::<Option<OrganizationId>>(work.conn()).optional()?.flatten())
}

/// The organization is made: what was typed is dropped, the browser keeps access to the mail for as long as it may be
/// claimed.
pub fn finish(
    work: &mut Work<'_>,
    id: &SignUpId,
    organization: &OrganizationId,
    until: Moment,
) -> Result<(), StoreError> {
    let change = (
        sign_ups::organization_id.eq(Some(organization.clone())),
        sign_ups::answers.eq("{}"),
        sign_ups::expires_at.eq(until),
    );
    diesel::update(sign_ups::table.filter(sign_ups::id.eq(id.clone()))).set(change).execute(work.conn())?;
    Ok(())
}

/// Keeps access for as long as the organization may be claimed.
pub fn prolong(work: &mut Work<'_>, id: &SignUpId, until: Moment) -> Result<(), StoreError> {
    diesel::update(sign_ups::table.filter(sign_ups::id.eq(id.clone())))
        .set(sign_ups::expires_at.eq(until))
        .execute(work.conn())?;
    Ok(())
}

/// Counts one more mail; `false` past the limit.
pub fn count_mail(work: &mut Work<'_>, id: &SignUpId, most: i32) -> Result<bool, StoreError> {
    let row = sign_ups::table.filter(sign_ups::id.eq(id.clone())).filter(sign_ups::mails.lt(most));
    Ok(diesel::update(row).set(sign_ups::mails.eq(sign_ups::mails + 1)).execute(work.conn())? == 1)
}

/// Stores which terms were agreed to, in which version, and when.
pub fn consent(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    agreed: &[(String, String)],
) -> Result<(), StoreError> {
    let now = work.now();
    for (term, version) in agreed {
        let row = (
            consents::organization_id.eq(organization.clone()),
            consents::user_id.eq(user.clone()),
            consents::term.eq(term.clone()),
            consents::version.eq(version.clone()),
            consents::agreed_at.eq(now),
        );
        diesel::insert_into(consents::table).values(row).execute(work.conn())?;
    }
    Ok(())
}

/// An organization that waits for its owner's password.
#[derive(Debug, Clone, Queryable)]
pub struct Waiting {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// State.
    pub state: State,
    /// Until when it may be claimed.
    pub until: Option<Moment>,
    /// Its owner.
    pub owner: UserId,
    /// The owner's address.
    pub email: Email,
    /// The owner's time zone by name.
    pub time_zone: String,
}

/// The organization that a sign-up made, waiting or not.
pub fn outcome(work: &mut Work<'_>, id: &SignUpId) -> Result<Option<Waiting>, StoreError> {
    let row = sign_ups::table
        .inner_join(organizations::table.on(sign_ups::organization_id.eq(organizations::id.nullable())))
        .inner_join(
            users::table.on(users::organization_id.eq(organizations::id).and(users::id.eq(organizations::owner_id))),
        )
        .filter(sign_ups::id.eq(id.clone()))
        .select((
            organizations::id,
            organizations::name,
            organizations::state,
            organizations::unclaimed_until,
            users::id,
            users::email,
            users::time_zone,
        ));
    Ok(row.first(work.conn()).optional()?)
}

/// The organization that a sign-up made, while its owner has not registered a password.
pub fn waiting(work: &mut Work<'_>, id: &SignUpId) -> Result<Option<Waiting>, StoreError> {
    let now = work.now();
    let found = outcome(work, id)?;
    Ok(found.filter(|made| made.state == State::AwaitingOwner && made.until.is_some_and(|until| until > now)))
}

/// Corrects the owner's address.
pub fn correct_email(work: &mut Work<'_>, waiting: &Waiting, email: &Email) -> Result<(), StoreError> {
    let row = users::table
        .filter(users::organization_id.eq(waiting.organization.clone()))
        .filter(users::id.eq(waiting.owner.clone()));
    diesel::update(row).set(users::email.eq(email.clone())).execute(work.conn())?;
    Ok(())
}
