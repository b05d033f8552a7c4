//! Queries of an export. The names of the fields are what programs read.

use diesel::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::access::ManageOwnership;
use crate::base::calendar::{Day, Period};
use crate::base::i18n::Language;
use crate::base::ids::{BillId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::{LoginMethod, State};
use crate::base::project_id::ProjectId;
use crate::base::project_role::ProjectRole;
use crate::base::user::Status;
use crate::features::billing::{self, Number};
use crate::features::factors::authenticator;
use crate::features::idp;
use crate::platform::store::schema::{
    authenticators, bill_lines, bills, consents, identity_providers, idp_bindings, organizations, project_members,
    projects, resources, users,
};
use crate::platform::store::{StoreError, Tx};

type Of<'a, 'b> = &'a mut Tx<'b, ManageOwnership>;

/// RFC 3339 in UTC.
fn at<S: Serializer>(moment: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(moment)
}

fn maybe_at<S: Serializer>(moment: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => serializer.collect_str(moment),
        None => serializer.serialize_none(),
    }
}

fn most(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The organization with its settings.
#[derive(Debug, Serialize)]
pub struct Organization {
    #[serde(flatten)]
    row: OrganizationRow,
    #[serde(flatten)]
    company: Company,
    identity_providers: Vec<Provider>,
}

#[derive(Debug, Serialize, Queryable)]
struct OrganizationRow {
    id: OrganizationId,
    name: String,
    state: State,
    owner: UserId,
    #[serde(serialize_with = "at")]
    created_at: Moment,
    login_method: LoginMethod,
    two_factor: bool,
    #[serde(serialize_with = "maybe_at")]
    deletion_requested_at: Option<Moment>,
    deletion_requested_by: Option<String>,
    #[serde(serialize_with = "maybe_at")]
    deletion_due_at: Option<Moment>,
}

#[derive(Debug, Serialize, Queryable)]
struct Company {
    company_name: String,
    country: String,
    registration_number: Option<String>,
    representative: String,
    company_phone: String,
    billing_email: String,
}

/// Settings of an identity provider, without the client secret.
#[derive(Debug, Serialize)]
struct Provider {
    state: idp::State,
    configuration: Value,
    secret_expires_on: Option<Day>,
    #[serde(serialize_with = "at")]
    changed_at: Moment,
    #[serde(serialize_with = "maybe_at")]
    in_force_since: Option<Moment>,
}

/// The caller's organization.
pub fn organization(tx: Of<'_, '_>) -> Result<Organization, StoreError> {
    let row = organizations::table.find(tx.organization().clone()).select((
        (
            organizations::id,
            organizations::name,
            organizations::state,
            organizations::owner_id,
            organizations::created_at,
            organizations::login_method,
            organizations::two_factor,
            organizations::deletion_requested_at,
            organizations::deletion_requested_by,
            organizations::deletion_due_at,
        ),
        (
            organizations::company_name,
            organizations::country,
            organizations::registration_number,
            organizations::representative,
            organizations::company_phone,
            organizations::billing_email,
        ),
    ));
    let (row, company) = row.first(tx.conn())?;
    let all = tx.identity_providers().order(identity_providers::id).select((
        identity_providers::state,
        identity_providers::configuration,
        identity_providers::secret_expires_on,
        identity_providers::changed_at,
        identity_providers::in_force_since,
    ));
    type Cells = (idp::State, String, Option<Day>, Moment, Option<Moment>);
    let all: Vec<Cells> = all.load(tx.conn())?;
    let provider = |(state, configuration, secret_expires_on, changed_at, in_force_since): Cells| {
        let configuration = serde_json::from_str(&configuration)
            .map_err(|_| StoreError::Unreadable("the configuration of an identity provider"))?;
        Ok(Provider { state, configuration, secret_expires_on, changed_at, in_force_since })
    };
    let identity_providers = all.into_iter().map(provider).collect::<Result<_, StoreError>>()?;
    Ok(Organization { row, company, identity_providers })
}

/// A user, with what they agreed to and how they prove who they are.
#[derive(Debug, Serialize)]
pub struct Person {
    /// Id, by which they are in order.
    pub id: UserId,
    #[serde(flatten)]
    profile: Profile,
    #[serde(flatten)]
    facts: Facts,
    has_authenticator: bool,
    identity_provider_subject: Option<String>,
    consents: Vec<Consent>,
}

#[derive(Debug, Serialize, Queryable)]
struct Profile {
    email: String,
    name: String,
    nickname: Option<String>,
    mobile: Option<String>,
    #[serde(serialize_with = "maybe_at")]
    mobile_verified_at: Option<Moment>,
    language: Language,
    time_zone: String,
}

#[derive(Debug, Serialize, Queryable)]
struct Facts {
    status: Status,
    org_admin: bool,
    org_reader: bool,
    billing_admin: bool,
    #[serde(serialize_with = "at")]
    registered_at: Moment,
    #[serde(serialize_with = "maybe_at")]
    last_login_at: Option<Moment>,
    #[serde(serialize_with = "maybe_at")]
    password_changed_at: Option<Moment>,
}

#[derive(Debug, Serialize)]
struct Consent {
    term: String,
    version: String,
    #[serde(serialize_with = "at")]
    agreed_at: Moment,
}

/// Users after an id, by id.
pub fn people(tx: Of<'_, '_>, after: Option<&str>, rows: usize) -> Result<Vec<Person>, StoreError> {
    let page = tx.users().filter(users::id.gt(after.unwrap_or_default().to_owned())).order(users::id);
    let page = page.limit(most(rows)).select((
        users::id,
        (
            users::email,
            users::name,
            users::nickname,
            users::mobile,
            users::mobile_verified_at,
            users::language,
            users::time_zone,
        ),
        (
            users::status,
            users::org_admin,
            users::org_reader,
            users::billing_admin,
            users::created_at,
            users::last_login_at,
            users::password_changed_at,
        ),
    ));
    let page: Vec<(UserId, Profile, Facts)> = page.load(tx.conn())?;
    let ids: Vec<UserId> = page.iter().map(|(id, ..)| id.clone()).collect();
    let agreed = tx.consents().filter(consents::user_id.eq_any(ids.clone())).order((
        consents::user_id,
        consents::term,
        consents::version,
    ));
    let agreed = agreed.select((consents::user_id, consents::term, consents::version, consents::agreed_at));
    let agreed: Vec<(UserId, String, String, Moment)> = agreed.load(tx.conn())?;
    let apps = tx
        .authenticators()
        .filter(authenticators::user_id.eq_any(ids.clone()))
        .filter(authenticators::state.eq(authenticator::State::InForce))
        .select(authenticators::user_id);
    let apps: Vec<UserId> = apps.load(tx.conn())?;
    let bound = tx.idp_bindings().filter(idp_bindings::user_id.eq_any(ids));
    let bound: Vec<(UserId, String)> = bound.select((idp_bindings::user_id, idp_bindings::subject)).load(tx.conn())?;
    let person = |(id, profile, facts): (UserId, Profile, Facts)| {
        let mine = agreed.iter().filter(|(user, ..)| *user == id);
        let consents = mine.map(|(_, term, version, agreed_at)| Consent {
            term: term.clone(),
            version: version.clone(),
            agreed_at: *agreed_at,
        });
        let (consents, has_authenticator) = (consents.collect(), apps.contains(&id));
        let identity_provider_subject = bound.iter().find(|(user, _)| *user == id).map(|(_, subject)| subject.clone());
        Person { id, profile, facts, has_authenticator, identity_provider_subject, consents }
    };
    Ok(page.into_iter().map(person).collect())
}

/// A project.
#[derive(Debug, Serialize, Queryable)]
pub struct Project {
    /// Project ID, by which they are in order.
    pub id: ProjectId,
    name: String,
    description: String,
    #[serde(serialize_with = "at")]
    created_at: Moment,
}

/// Projects after an id, by id.
pub fn projects(tx: Of<'_, '_>, after: Option<&str>, rows: usize) -> Result<Vec<Project>, StoreError> {
    let page = tx.projects().filter(projects::id.gt(after.unwrap_or_default().to_owned())).order(projects::id);
    let page = page.select((projects::id, projects::name, projects::description, projects::created_at));
    Ok(page.limit(most(rows)).load(tx.conn())?)
}

/// Somebody's role in a project.
#[derive(Debug, Serialize, Queryable)]
pub struct Member {
    project: ProjectId,
    user: UserId,
    role: ProjectRole,
    #[serde(serialize_with = "at")]
    added_at: Moment,
}

impl Member {
    /// What they are in order by: neither of the two has a slash.
    pub fn key(&self) -> String {
        format!("{}/{}", self.project, self.user)
    }
}

/// Roles in projects after a key, by project and user.
pub fn members(tx: Of<'_, '_>, after: Option<&str>, rows: usize) -> Result<Vec<Member>, StoreError> {
    let (project, user) = after.and_then(|key| key.split_once('/')).unwrap_or_default();
    let (project, user) = (project.to_owned(), user.to_owned());
    let next = project_members::project_id
        .gt(project.clone())
        .or(project_members::project_id.eq(project).and(project_members::user_id.gt(user)));
    let page = tx.project_members().filter(next).order((project_members::project_id, project_members::user_id));
    let page = page.select((
        project_members::project_id,
        project_members::user_id,
        project_members::role,
        project_members::added_at,
    ));
    Ok(page.limit(most(rows)).load(tx.conn())?)
}

/// A resource.
#[derive(Debug, Serialize, Queryable)]
pub struct Resource {
    /// The id that the operator's systems know it by, by which they are in order.
    pub id: String,
    project: ProjectId,
    kind: String,
    name: String,
    #[serde(serialize_with = "at")]
    registered_at: Moment,
}

/// Resources after an id, by id.
pub fn resources(tx: Of<'_, '_>, after: Option<&str>, rows: usize) -> Result<Vec<Resource>, StoreError> {
    let page = tx.resources().filter(resources::external_id.gt(after.unwrap_or_default().to_owned()));
    let page = page.order(resources::external_id).select((
        resources::external_id,
        resources::project_id,
        resources::kind,
        resources::name,
        resources::registered_at,
    ));
    Ok(page.limit(most(rows)).load(tx.conn())?)
}

/// A bill with its lines. Amounts are whole minor units of its currency.
#[derive(Debug, Serialize)]
pub struct Bill {
    /// What the payer writes into the transfer, by which they are in order.
    pub number: Number,
    period: Period,
    currency: &'static str,
    tax: i64,
    total: i64,
    due_on: Day,
    status: billing::Status,
    #[serde(serialize_with = "at")]
    created_at: Moment,
    #[serde(serialize_with = "maybe_at")]
    announced_at: Option<Moment>,
    announced_by: Option<String>,
    paid_on: Option<Day>,
    #[serde(serialize_with = "maybe_at")]
    settled_at: Option<Moment>,
    note: Option<String>,
    #[serde(serialize_with = "maybe_at")]
    voided_at: Option<Moment>,
    void_reason: Option<String>,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    description: String,
    quantity: i64,
    unit_amount: i64,
    amount: i64,
}

/// Bills after a number, by number.
pub fn bills(tx: Of<'_, '_>, after: Option<&str>, rows: usize) -> Result<Vec<Bill>, StoreError> {
    let page = tx.bills().filter(bills::number.gt(after.unwrap_or_default().to_owned())).order(bills::number);
    let page: Vec<billing::Bill> = page.limit(most(rows)).select(billing::Bill::as_select()).load(tx.conn())?;
    let ids: Vec<BillId> = page.iter().map(|bill| bill.id.clone()).collect();
    let lines = bill_lines::table
        .filter(bill_lines::organization_id.eq(tx.organization().clone()))
        .filter(bill_lines::bill_id.eq_any(ids))
        .order((bill_lines::bill_id, bill_lines::place))
        .select((
            bill_lines::bill_id,
            (bill_lines::description, bill_lines::quantity, bill_lines::unit_amount, bill_lines::amount),
        ));
    type Cells = (String, i64, i64, i64);
    let lines: Vec<(BillId, Cells)> = lines.load(tx.conn())?;
    let line =
        |(description, quantity, unit_amount, amount): Cells| Line { description, quantity, unit_amount, amount };
    let bill = |bill: billing::Bill| {
        let mine = lines.iter().filter(|(of, _)| *of == bill.id).map(|(_, cells)| line(cells.clone())).collect();
        Bill {
            number: bill.number,
            period: bill.period,
            currency: bill.currency.code(),
            tax: bill.tax,
            total: bill.total,
            due_on: bill.due_on,
            status: bill.status,
            created_at: bill.created_at,
            announced_at: bill.announced_at,
            announced_by: bill.announced_by,
            paid_on: bill.paid_on,
            settled_at: bill.settled_at,
            note: bill.note,
            voided_at: bill.voided_at,
            void_reason: bill.void_reason,
            lines: mine,
        }
    };
    Ok(page.into_iter().map(bill).collect())
}
