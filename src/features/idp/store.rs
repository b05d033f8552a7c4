//! Queries on the settings of identity providers, and on the login method that they put in force.

use diesel::prelude::*;

use super::{Providers, Settings, State, Tested};
use crate::base::calendar::Day;
use crate::base::ids::{IdentityProviderId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::features::policies::versions::MethodValue;
use crate::platform::oidc::{Configuration, Fingerprint, Secret};
use crate::platform::store::schema::{identity_providers, organizations};
use crate::platform::store::{StoreError, Work};

type Row = (
    (IdentityProviderId, State, String, Vec<u8>, Option<Day>),
    (Option<String>, Option<Moment>, bool),
    (Option<Moment>, Option<Moment>, Option<Moment>),
);

fn identity(id: &IdentityProviderId) -> String {
    format!("identity_providers/{id}")
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unreadable("settings cannot be written as JSON"))
}

fn settings(work: &Work<'_>, row: Row) -> Result<Settings, StoreError> {
    let ((id, state, configuration, sealed, secret_expires_on), test, (begun, until, in_force_since)) = row;
    let configuration: Configuration = serde_json::from_str(&configuration)
        .map_err(|_| StoreError::Unreadable("the configuration of an identity provider"))?;
    let secret = work.keys().open(identity(&id).as_bytes(), &sealed).and_then(|plain| String::from_utf8(plain).ok());
    // Whoever lost the keys can still repair the settings: without a secret no login works, and the form asks for it.
    let secret = secret.unwrap_or_else(|| {
        tracing::error!(provider = %id, "the client secret cannot be opened: is its key among the secret keys?");
        String::new()
    });
    let (result, tested_at, tells_auth_time) = test;
    let result: Option<Tested> = result.and_then(|result| serde_json::from_str(&result).ok());
    Ok(Settings {
        id,
        state,
        configuration,
        secret: Secret::new(&secret),
        secret_expires_on,
        tested: result.zip(tested_at),
        tells_auth_time,
        trial: begun.zip(until),
        in_force_since,
    })
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of<'a>(organization: &'a OrganizationId) -> _ {
    let organization: OrganizationId = organization.clone();
    identity_providers::table.filter(identity_providers::organization_id.eq(organization))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn one<'a>(organization: &'a OrganizationId, id: &'a IdentityProviderId) -> _ {
    let (organization, id): (OrganizationId, IdentityProviderId) = (organization.clone(), id.clone());
    identity_providers::table
        .filter(identity_providers::organization_id.eq(organization))
        .filter(identity_providers::id.eq(id))
}

/// How an organization's people log in, and what is being prepared.
pub fn providers(work: &mut Work<'_>, organization: &OrganizationId) -> Result<Providers, StoreError> {
    let method: LoginMethod =
        organizations::table.find(organization.clone()).select(organizations::login_method).first(work.conn())?;
    let rows = of(organization).select((
        (
            identity_providers::id,
            identity_providers::state,
            identity_providers::configuration,
            identity_providers::secret,
            identity_providers::secret_expires_on,
        ),
        (identity_providers::test_result, identity_providers::tested_at, identity_providers::tells_auth_time),
        (identity_providers::trial_begun_at, identity_providers::trial_until, identity_providers::in_force_since),
    ));
    let rows: Vec<Row> = rows.load(work.conn())?;
    let all = rows.into_iter().map(|row| settings(work, row)).collect::<Result<_, _>>()?;
    Ok(Providers::new(method, all, work.now()))
}

/// The provider in force as the history of the settings shows it: read without its secret, whose key may be lost.
pub fn issuer(work: &mut Work<'_>, organization: &OrganizationId) -> Result<Option<MethodValue>, StoreError> {
    let row = of(organization).filter(identity_providers::state.eq(State::InForce));
    let row: Option<String> = row.select(identity_providers::configuration).first(work.conn()).optional()?;
    let known = row.and_then(|json| serde_json::from_str::<Configuration>(&json).ok());
    Ok(known.map(|configuration| MethodValue {
        method: LoginMethod::IdpAccount,
        issuer: Some(configuration.issuer.as_str().to_owned()),
        client_id: Some(configuration.client_id.clone()),
    }))
}

/// Who owns an organization.
pub fn owner(work: &mut Work<'_>, organization: &OrganizationId) -> Result<UserId, StoreError> {
    Ok(organizations::table.find(organization.clone()).select(organizations::owner_id).first(work.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = identity_providers, treat_none_as_default_value = false)]
struct NewSettings<'a> {
    id: IdentityProviderId,
    organization_id: &'a OrganizationId,
    state: State,
    configuration: String,
    fingerprint: &'a str,
    secret: Vec<u8>,
    secret_expires_on: Option<&'a Day>,
    changed_at: Moment,
    tells_auth_time: bool,
}

/// Keeps a draft in the place of an older one; its test is to be made.
pub(super) fn put_draft(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    configuration: &Configuration,
    secret: &Secret,
    secret_expires_on: Option<&Day>,
) -> Result<IdentityProviderId, StoreError> {
    remove(work, organization, State::Draft)?;
    let id: IdentityProviderId = work.id();
    let sealed = work.keys().seal(work.entropy(), identity(&id).as_bytes(), secret.expose().as_bytes());
    let fingerprint = configuration.fingerprint(secret);
    let row = NewSettings {
        id: id.clone(),
        organization_id: organization,
        state: State::Draft,
        configuration: json(configuration)?,
        fingerprint: fingerprint.as_str(),
        secret: sealed,
        secret_expires_on,
        changed_at: work.now(),
        tells_auth_time: false,
    };
    diesel::insert_into(identity_providers::table).values(&row).execute(work.conn())?;
    Ok(id)
}

/// Removes what stands in a state.
pub(super) fn remove(work: &mut Work<'_>, organization: &OrganizationId, state: State) -> Result<(), StoreError> {
    diesel::delete(of(organization).filter(identity_providers::state.eq(state))).execute(work.conn())?;
    Ok(())
}

/// Notes how the integration test of a draft ended; `false` when the draft is another by now.
pub(super) fn note_test(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &IdentityProviderId,
    tried: &Fingerprint,
    tested: &Tested,
) -> Result<bool, StoreError> {
    let now = work.now();
    let row = one(organization, id)
        .filter(identity_providers::state.eq(State::Draft))
        .filter(identity_providers::fingerprint.eq(tried.as_str().to_owned()));
    let change = (
        identity_providers::test_result.eq(Some(json(tested)?)),
        identity_providers::tested_at.eq(Some(now)),
        identity_providers::tells_auth_time.eq(tested.tells_auth_time),
    );
    Ok(diesel::update(row).set(change).execute(work.conn())? == 1)
}

/// Notes whether the provider tells when somebody logged in there.
pub(super) fn note_auth_time(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &IdentityProviderId,
    tells: bool,
) -> Result<(), StoreError> {
    let row = one(organization, id).filter(identity_providers::tells_auth_time.eq(!tells));
    diesel::update(row).set(identity_providers::tells_auth_time.eq(tells)).execute(work.conn())?;
    Ok(())
}

fn forget_test(work: &mut Work<'_>, organization: &OrganizationId, id: &IdentityProviderId) -> Result<(), StoreError> {
    let no_test =
        (identity_providers::test_result.eq(None::<String>), identity_providers::tested_at.eq(None::<Moment>));
    diesel::update(one(organization, id)).set(no_test).execute(work.conn())?;
    Ok(())
}

/// Sets or takes back the end of a trial, on the settings and on the organization, which is what a login looks at.
pub(super) fn set_trial(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &IdentityProviderId,
    until: Option<Moment>,
) -> Result<(), StoreError> {
    let now = work.now();
    let state = if until.is_some() { State::OnTrial } else { State::Draft };
    if until.is_none() {
        // A trial that is over starts again by another test.
        forget_test(work, organization, id)?;
    }
    let change = (
        identity_providers::state.eq(state),
        identity_providers::trial_begun_at.eq(until.map(|_| now)),
        identity_providers::trial_until.eq(until),
        identity_providers::changed_at.eq(now),
    );
    diesel::update(one(organization, id)).set(change).execute(work.conn())?;
    let row = organizations::table.find(organization.clone());
    diesel::update(row).set(organizations::trial_until.eq(until)).execute(work.conn())?;
    Ok(())
}

/// Puts settings in force, in the place of those before; two-factor authentication ends, as the provider asks for it.
pub(super) fn put_in_force(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &IdentityProviderId,
) -> Result<(), StoreError> {
    let now = work.now();
    remove(work, organization, State::InForce)?;
    forget_test(work, organization, id)?;
    let change = (
        identity_providers::state.eq(State::InForce),
        identity_providers::trial_begun_at.eq(None::<Moment>),
        identity_providers::trial_until.eq(None::<Moment>),
        identity_providers::in_force_since.eq(Some(now)),
        identity_providers::changed_at.eq(now),
    );
    diesel::update(one(organization, id)).set(change).execute(work.conn())?;
    let change = (
        organizations::login_method.eq(LoginMethod::IdpAccount),
        organizations::two_factor.eq(false),
        organizations::trial_until.eq(None::<Moment>),
    );
    diesel::update(organizations::table.find(organization.clone())).set(change).execute(work.conn())?;
    Ok(())
}

/// Brings cloud accounts back; the provider's settings go.
pub fn back_to_cloud_accounts(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    diesel::delete(of(organization)).execute(work.conn())?;
    let change =
        (organizations::login_method.eq(LoginMethod::CloudAccount), organizations::trial_until.eq(None::<Moment>));
    diesel::update(organizations::table.find(organization.clone())).set(change).execute(work.conn())?;
    Ok(())
}

/// Organizations whose trial ran out.
pub(super) fn lapsed(work: &mut Work<'_>) -> Result<Vec<OrganizationId>, StoreError> {
    let rows = identity_providers::table
        .filter(identity_providers::state.eq(State::OnTrial))
        .filter(identity_providers::trial_until.le(work.now()))
        .select(identity_providers::organization_id)
        .limit(100);
    Ok(rows.load(work.conn())?)
}

/// The settings of an organization whose trial ran out and that nobody has settled yet.
pub(super) fn lapsed_of(
    work: &mut Work<'_>,
    organization: &OrganizationId,
) -> Result<Option<IdentityProviderId>, StoreError> {
    let row = of(organization)
        .filter(identity_providers::state.eq(State::OnTrial))
        .filter(identity_providers::trial_until.le(work.now()))
        .select(identity_providers::id);
    Ok(row.first(work.conn()).optional()?)
}

/// Settings in force whose secret stops working within some days and whose people have not been told so near to it.
pub(super) fn expiring(
    work: &mut Work<'_>,
    today: &Day,
    last: &Day,
    days: i64,
) -> Result<Vec<(OrganizationId, IdentityProviderId, Day)>, StoreError> {
    let untold = identity_providers::reminded_days.is_null().or(identity_providers::reminded_days.gt(days));
    let rows = identity_providers::table
        .filter(identity_providers::state.eq(State::InForce))
        .filter(identity_providers::secret_expires_on.ge(today.clone()))
        .filter(identity_providers::secret_expires_on.le(last.clone()))
        .filter(untold)
        .select((
            identity_providers::organization_id,
            identity_providers::id,
            identity_providers::secret_expires_on.assume_not_null(),
        ))
        .limit(100);
    Ok(rows.load(work.conn())?)
}

/// Notes that people were told; `false` when they had been.
pub(super) fn note_reminder(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &IdentityProviderId,
    days: i64,
) -> Result<bool, StoreError> {
    let untold = identity_providers::reminded_days.is_null().or(identity_providers::reminded_days.gt(days));
    let row = one(organization, id).filter(identity_providers::state.eq(State::InForce)).filter(untold);
    Ok(diesel::update(row).set(identity_providers::reminded_days.eq(Some(days))).execute(work.conn())? == 1)
}

/// Notes that people were told of a refused secret; `false` when they had been since `since`.
pub(super) fn note_alarm(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    id: &IdentityProviderId,
    since: Moment,
) -> Result<bool, StoreError> {
    let now = work.now();
    let untold = identity_providers::alarmed_at.is_null().or(identity_providers::alarmed_at.lt(since));
    let row = one(organization, id).filter(untold);
    Ok(diesel::update(row).set(identity_providers::alarmed_at.eq(Some(now))).execute(work.conn())? == 1)
}
