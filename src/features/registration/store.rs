//! Queries on registrations.

use diesel::prelude::*;

use super::Delivery;
use crate::access::{ManageUsers, ViewUsers};
use crate::base::countries;
use crate::base::email::Email;
use crate::base::ids::{MailId, OrganizationId, RegistrationId, SubmissionId, UserId};
use crate::base::moment::Moment;
use crate::platform::mail;
use crate::platform::store::schema::{mails, organizations, registration_lines, registrations, users};
use crate::platform::store::{HeldBy, StoreError, Tx};

/// What new users get from their organization.
#[derive(Clone, Debug, Queryable)]
pub struct Home {
    /// Its name.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

impl Home {
    /// The time zone that its people start with.
    pub fn zone(&self) -> &'static str {
        countries::find(&self.country).map_or("UTC", |country| country.zone)
    }
}

/// The caller's organization.
pub fn home<P: HeldBy>(tx: &mut Tx<'_, P>) -> Result<Home, StoreError> {
    let row = organizations::table.find(tx.organization().clone());
    Ok(row.select((organizations::name, organizations::country)).first(tx.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = registrations, treat_none_as_default_value = false)]
struct NewRegistration {
    id: RegistrationId,
    organization_id: OrganizationId,
    submission: SubmissionId,
    created_by: UserId,
    created_at: Moment,
}

/// The registration that a form made before.
pub fn of_submission(
    tx: &mut Tx<'_, ManageUsers>,
    submission: &SubmissionId,
) -> Result<Option<RegistrationId>, StoreError> {
    let row = tx.registrations().filter(registrations::submission.eq(submission.clone())).select(registrations::id);
    Ok(row.first(tx.conn()).optional()?)
}

/// The lines whose addresses are registered already.
pub fn taken(tx: &mut Tx<'_, ManageUsers>, lines: Vec<(u32, Email)>) -> Result<Vec<u32>, StoreError> {
    let emails: Vec<Email> = lines.iter().map(|(_, email)| email.clone()).collect();
    let known = tx.users().filter(users::email.eq_any(emails)).select(users::email);
    let known: Vec<Email> = known.load(tx.conn())?;
    Ok(lines.into_iter().filter(|(_, email)| known.contains(email)).map(|(line, _)| line).collect())
}

/// Begins a registration.
pub fn insert(tx: &mut Tx<'_, ManageUsers>, submission: &SubmissionId) -> Result<RegistrationId, StoreError> {
    let row = NewRegistration {
        id: tx.id(),
        organization_id: tx.organization().clone(),
        submission: submission.clone(),
        created_by: tx.user().clone(),
        created_at: tx.now(),
    };
    diesel::insert_into(registrations::table).values(&row).execute(tx.conn())?;
    Ok(row.id)
}

#[derive(Insertable)]
#[diesel(table_name = registration_lines, treat_none_as_default_value = false)]
struct NewLine<'a> {
    organization_id: OrganizationId,
    registration_id: &'a RegistrationId,
    line: i32,
    user_id: &'a UserId,
    mail_id: &'a MailId,
}

/// Notes whom a line registered, and the mail that went out.
pub fn insert_line(
    tx: &mut Tx<'_, ManageUsers>,
    registration: &RegistrationId,
    line: u32,
    user: &UserId,
    mail: &MailId,
) -> Result<(), StoreError> {
    let row = NewLine {
        organization_id: tx.organization().clone(),
        registration_id: registration,
        line: i32::try_from(line).unwrap_or(i32::MAX),
        user_id: user,
        mail_id: mail,
    };
    diesel::insert_into(registration_lines::table).values(&row).execute(tx.conn())?;
    Ok(())
}

/// When each invitation of a registration is sent that was written to be sent later.
pub fn waiting(tx: &mut Tx<'_, ManageUsers>, registration: &RegistrationId) -> Result<Vec<Moment>, StoreError> {
    let now = tx.now();
    let rows = tx
        .registration_lines()
        .inner_join(mails::table.on(mails::id.eq(registration_lines::mail_id)))
        .filter(registration_lines::registration_id.eq(registration.clone()))
        .filter(mails::state.eq(mail::State::Queued))
        .filter(mails::attempts.eq(0))
        .filter(mails::due_at.gt(now))
        .select(mails::due_at);
    Ok(rows.load(tx.conn())?)
}

/// A line of a registration: who, and how the invitation stands.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number.
    pub line: i32,
    /// The user.
    pub user: UserId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// How the invitation stands.
    pub delivery: Delivery,
    /// What the mail server said.
    pub answer: Option<String>,
    /// When delivery ended.
    pub finished_at: Option<Moment>,
}

type Row = (i32, UserId, String, String, Option<(mail::State, Option<mail::Ending>, Option<String>, Option<Moment>)>);

/// When a registration was made, if it was made in the caller's organization, and its lines. Of a user who was deleted
/// meanwhile nothing is left.
pub fn lines(
    tx: &mut Tx<'_, ViewUsers>,
    registration: &RegistrationId,
) -> Result<Option<(Moment, Vec<Line>)>, StoreError> {
    let made = tx.registrations().filter(registrations::id.eq(registration.clone())).select(registrations::created_at);
    let Some(made) = made.first::<Moment>(tx.conn()).optional()? else {
        return Ok(None);
    };
    let user =
        users::organization_id.eq(registration_lines::organization_id).and(users::id.eq(registration_lines::user_id));
    let rows = tx
        .registration_lines()
        .inner_join(users::table.on(user))
        .left_join(mails::table.on(mails::id.eq(registration_lines::mail_id)))
        .filter(registration_lines::registration_id.eq(registration.clone()))
        .order(registration_lines::line)
        .select((
            registration_lines::line,
            users::id,
            users::email,
            users::name,
            (mails::state, mails::ending, mails::answer, mails::finished_at).nullable(),
        ));
    let rows: Vec<Row> = rows.load(tx.conn())?;
    let line = |(line, user, email, name, mail): Row| {
        let (state, ending, answer, finished_at) =
            mail.map_or((None, None, None, None), |(state, e, a, f)| (Some(state), e, a, f));
        let delivery = Delivery::of(state, ending, answer.as_deref());
        Line { line, user, email, name, delivery, answer, finished_at }
    };
    Ok(Some((made, rows.into_iter().map(line).collect())))
}
