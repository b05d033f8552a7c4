//! The trial: fifteen minutes in which the owner must log in through the provider. Until then nothing is taken away; when
//! it is over without that login, everything is as it was.

pub mod pages;
mod store;
mod touched;

pub use store::impact;
pub use touched::Impact;

use super::{Settings, SettingsCaller, State, TRIAL, bindings};
use crate::base::ids::OrganizationId;
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::base::organization_name::OrganizationName;
use crate::features::audit::newer;
use crate::features::organizations;
use crate::features::policies::Policy;
use crate::features::policies::versions::{self, MethodValue, TwoFactorValue, readers};
use crate::features::users::addressee;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::{IdpNews, Message, outbox};
use crate::platform::store::{OpenTx, PersonTx, Recorded, StoreError, Work};

/// Why a trial does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// No test passed within the last minutes for exactly these values.
    NotTested,
    /// One runs already.
    Running,
    /// The draft was replaced since the page was opened.
    OtherDraft,
    /// What was typed to confirm is something else.
    Unconfirmed {
        /// Whether the organization's name is right.
        name: bool,
        /// Whether the recovery code is one of the owner's unused ones.
        code: bool,
    },
}

/// What the page of a draft carries to be told from the page of another one.
pub fn version(draft: &Settings) -> String {
    newer::version(&[draft.id.as_str(), draft.fingerprint().as_str()])
}

/// Starts the trial of the tested draft. `is_kept` says whether the recovery code typed back is one of the owner's, `opened`
/// which draft the page showed.
pub fn start(
    tx: &mut PersonTx<'_, '_>,
    caller: &SettingsCaller,
    typed_name: &str,
    is_kept: bool,
    opened: &str,
) -> Result<Recorded<Result<Moment, NotStarted>>, StoreError> {
    let organization = &caller.organization;
    settle(tx, organization)?;
    let refused = |reason: Reason| Event::refused(Kind::IdpTrialStarted, reason);
    let providers = super::store::providers(tx, organization)?;
    if providers.on_trial.is_some() {
        return tx.record(refused(Reason::Standing), Err(NotStarted::Running));
    }
    let now = tx.now();
    let Some(draft) = providers.draft.filter(|draft| draft.may_start_until(now).is_some()) else {
        return tx.record(refused(Reason::NotTested), Err(NotStarted::NotTested));
    };
    if newer::is_older(opened, &version(&draft)) {
        return tx.record(refused(Reason::OlderVersion), Err(NotStarted::OtherDraft));
    }
    let name = OrganizationName::sought(typed_name) == caller.organization_name;
    if !name || !is_kept {
        let why = NotStarted::Unconfirmed { name, code: is_kept };
        // A recovery code that is none of the owner's is a try; a mistyped name is not.
        return match is_kept {
            true => Ok(tx.unrecorded("a name was mistyped", Err(why))),
            false => tx.record(refused(Reason::WrongCode), Err(why)),
        };
    }
    let until = now + TRIAL;
    super::store::set_trial(tx, organization, &draft.id, Some(until))?;
    if let Some(to) = addressee(tx, organization, &caller.user)? {
        let (name, organization) = (to.name.clone(), to.organization_name.clone());
        outbox::post(tx, &to, &Message::Idp { name, organization, news: IdpNews::Trial, at: until })?;
    }
    let event = Event::done(Kind::IdpTrialStarted)
        .with("until", until.to_string())
        .with("issuer", draft.configuration.issuer.as_str())
        .with("repair", caller.repairs());
    tx.record(event, Ok(until))
}

/// Ends the trial by the owner; `false` when none runs.
pub fn cancel(tx: &mut PersonTx<'_, '_>, caller: &SettingsCaller) -> Result<Recorded<bool>, StoreError> {
    let organization = &caller.organization;
    settle(tx, organization)?;
    let Some(on_trial) = super::store::providers(tx, organization)?.on_trial else {
        return Ok(tx.unrecorded("no trial runs", false));
    };
    super::store::set_trial(tx, organization, &on_trial.id, None)?;
    tx.record(Event::done(Kind::IdpTrialCancelled), true)
}

/// Ends a trial that runs, with the ownership of whoever started it.
pub fn drop(work: &mut Work<'_>, organization: &OrganizationId) -> Result<(), StoreError> {
    settle(work, organization)?;
    let Some(on_trial) = super::store::providers(work, organization)?.on_trial else {
        return Ok(());
    };
    super::store::set_trial(work, organization, &on_trial.id, None)?;
    work.also_record(Event::done(Kind::IdpTrialCancelled).within(organization))
}

/// Tidies a trial up that ran out and tells the owner why: the next write does it, or a job. Nothing depends on when.
pub fn settle(work: &mut Work<'_>, organization: &OrganizationId) -> Result<bool, StoreError> {
    let Some(id) = super::store::lapsed_of(work, organization)? else {
        return Ok(false);
    };
    super::store::remove(work, organization, State::Draft)?;
    super::store::set_trial(work, organization, &id, None)?;
    let owner = super::store::owner(work, organization)?;
    if let Some(to) = addressee(work, organization, &owner)? {
        let (name, organization, at) = (to.name.clone(), to.organization_name.clone(), work.now());
        outbox::post(work, &to, &Message::Idp { name, organization, news: IdpNews::Reverted, at })?;
    }
    let event = Event::failed(Kind::IdpTrialReverted, Reason::NotConfirmed).within(organization);
    work.also_record(event)?;
    Ok(true)
}

/// Tidies up the trials that ran out, an organization in each transaction.
pub async fn settle_all(app: &crate::access::app::App) -> Result<(), StoreError> {
    use crate::platform::store::Origin;
    let lapsed = app.store.read(Origin::default(), |tx| super::store::lapsed(tx)).await?;
    for organization in lapsed {
        let settled = app.store.write(Origin::default(), move |tx: &mut OpenTx<'_>| {
            tx.touch(&organization)?;
            settle(tx, &organization)?;
            Ok::<Recorded<()>, StoreError>(tx.unrecorded("settling records it", ()))
        });
        settled.await?;
    }
    Ok(())
}

/// What was and what is, in the history of the settings: the login method, and two-factor authentication where it ends.
fn note_versions(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    settings: &Settings,
    before: LoginMethod,
) -> Result<(), StoreError> {
    let owner = super::store::owner(work, organization)?;
    let by = addressee(work, organization, &owner)?.map(|owner| (owner.id, owner.name));
    let plain = MethodValue { method: before, issuer: None, client_id: None };
    let was = super::store::issuer(work, organization)?.unwrap_or(plain);
    let is = MethodValue {
        method: LoginMethod::IdpAccount,
        issuer: Some(settings.configuration.issuer.as_str().to_owned()),
        client_id: Some(settings.configuration.client_id.clone()),
    };
    versions::note(work, organization, Policy::LoginMethod, by.as_ref(), &was, &is)?;
    if organizations::has_two_factor(work, organization)? {
        let values = [true, false].map(|on| TwoFactorValue { on });
        versions::note(work, organization, Policy::TwoFactor, by.as_ref(), &values[0], &values[1])?;
    }
    Ok(())
}

/// The owner has logged in through the provider: its settings are in force for everybody.
pub fn put_in_force(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    settings: &Settings,
    keeps_bindings: bool,
    before: LoginMethod,
) -> Result<Event, StoreError> {
    note_versions(work, organization, settings, before)?;
    super::store::put_in_force(work, organization, &settings.id)?;
    if !keeps_bindings {
        bindings::remove_all(work, organization)?;
    }
    let ended = store::end_sessions(work, organization, keeps_bindings)?;
    store::void_password_ways(work, organization)?;
    let at = work.now();
    for reader in readers(work, organization)? {
        if let Some(to) = addressee(work, organization, &reader)? {
            let (name, organization) = (to.name.clone(), to.organization_name.clone());
            outbox::post(work, &to, &Message::Idp { name, organization, news: IdpNews::InForce, at })?;
        }
    }
    Ok(Event::done(Kind::IdpInForce)
        .changed("login_method", before.word(), LoginMethod::IdpAccount.word())
        .with("issuer", settings.configuration.issuer.as_str())
        .with("client_id", settings.configuration.client_id.as_str())
        .with("kept_bindings", keeps_bindings)
        .with("sessions_ended", ended as u64))
}
