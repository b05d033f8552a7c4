//! Setting a provider up: the values an owner types, and the integration test with exactly these values.

mod form;
pub mod pages;

use super::authorization::{self, BeginError, LoginIntent, Purpose};
use super::{FRESH_SECONDS, Providers, SettingsCaller, Tested, bindings, store, trial};
use crate::base::calendar::Day;
use crate::base::public_url::PublicUrl;
use crate::platform::events::{Event, Kind};
use crate::platform::oidc::{Claims, Configuration, Reason, Refused, Secret, Unmatched, person};
use crate::platform::store::{OpenTx, PersonTx, Recorded, StoreError, Work};

/// What an owner typed, found to hold together.
#[derive(Clone, Debug)]
pub struct Values {
    /// The provider as it was found.
    pub configuration: Configuration,
    /// The client secret.
    pub secret: Secret,
    /// The day on which it stops working.
    pub secret_expires_on: Option<Day>,
}

/// How a test began.
#[derive(Debug)]
pub enum Begun {
    /// The browser goes to the provider, with this cookie.
    Away(authorization::StateCookie),
    /// A trial runs; its settings are not changed meanwhile.
    OnTrial,
}

/// Keeps the values as a draft and sends the owner to the provider.
pub fn begin_test(
    tx: &mut PersonTx<'_, '_>,
    caller: &SettingsCaller,
    values: &Values,
    public_url: &PublicUrl,
    return_to: &str,
) -> Result<Recorded<Begun>, BeginError> {
    let organization = &caller.organization;
    trial::settle(tx, organization)?;
    if store::providers(tx, organization)?.on_trial.is_some() {
        return Ok(tx.unrecorded("nothing was changed during a trial", Begun::OnTrial));
    }
    let Values { configuration, secret, secret_expires_on } = values;
    store::put_draft(tx, organization, configuration, secret, secret_expires_on.as_ref())?;
    let draft = store::providers(tx, organization)?.draft;
    let draft = draft.ok_or(StoreError::Unreadable("the draft that was just kept"))?;
    let intent = LoginIntent {
        purpose: Purpose::Test,
        organization: organization.clone(),
        user: Some(caller.user.clone()),
        session: None,
        return_to: return_to.to_owned(),
    };
    let carried = authorization::begin(tx, &draft, intent, public_url, Some(FRESH_SECONDS))?;
    let event = Event::done(Kind::IdpDrafted)
        .with("provider", configuration.provider.word())
        .with("issuer", configuration.issuer.as_str())
        .with("client_id", configuration.client_id.as_str())
        .with("repair", caller.repairs());
    Ok(tx.record(event, Begun::Away(carried))?)
}

/// Notes how a test ended. The draft may be another by now: then nothing is noted.
pub fn end_test(
    tx: &mut OpenTx<'_>,
    returned: &authorization::Returned,
    ended: Result<&Claims, &Refused>,
) -> Result<Recorded<()>, StoreError> {
    let organization = &returned.intent.organization;
    let owner = store::owner(tx, organization)?;
    let providers = store::providers(tx, organization)?;
    let begun_by = returned.intent.user.as_ref();
    // Whoever began it and owns the organization no more has tested nothing for the heir.
    let changed = Refused::from(Reason::Changed);
    let ended = if begun_by == Some(&owner) { ended } else { Err(&changed) };
    let tested = judge(tx, organization, &owner, &providers, ended)?;
    store::note_test(tx, organization, &returned.provider, returned.fingerprint(), &tested)?;
    let event = match &tested.refused {
        None => Event::done(Kind::IdpTested),
        Some(refused) => Event::failed(Kind::IdpTested, refused.reason),
    };
    let event = match tested.refused.as_ref().and_then(Refused::code) {
        Some(code) => event.with("provider_error", code),
        None => event,
    };
    let event = event.with("tells_auth_time", tested.tells_auth_time).within(organization);
    let caller = match begun_by {
        Some(user) => crate::features::users::addressee(tx, organization, user)?,
        None => None,
    };
    let event = match caller {
        Some(caller) => event.by_user(&caller.id, &caller.name),
        None => event,
    };
    tx.record(event, ())
}

/// Whether the person who came back from the test is the owner, as a login would find them.
fn judge(
    work: &mut Work<'_>,
    organization: &crate::base::ids::OrganizationId,
    owner: &crate::base::ids::UserId,
    providers: &Providers,
    ended: Result<&Claims, &Refused>,
) -> Result<Tested, StoreError> {
    let claims = match ended {
        Ok(claims) => claims,
        Err(refused) => {
            let refused = Some(refused.clone());
            return Ok(Tested { refused, address: None, person: None, tells_auth_time: false });
        }
    };
    let tells_auth_time = claims.auth_time.is_some();
    let Some(draft) = &providers.draft else {
        let refused = Some(Reason::Changed.into());
        return Ok(Tested { refused, address: None, person: None, tells_auth_time });
    };
    let who = person(&draft.configuration, claims);
    let address = claims.names(&draft.configuration);
    if providers.keeps_bindings(&draft.configuration) {
        let bound = bindings::of_user(work, organization, owner)?;
        if let Some(bound) = bound {
            let refused = (bound.subject != who.key).then(|| Reason::BoundElsewhere.into());
            return Ok(Tested { refused, address, person: Some(who.key), tells_auth_time });
        }
    }
    let own = crate::features::users::addressee(work, organization, owner)?.map(|owner| owner.email);
    let refused = match who.addresses {
        Ok(all) if all.iter().any(|email| Some(email) == own.as_ref()) => None,
        Ok(_) => Some(Refused::about(Reason::Address, address.as_deref().unwrap_or_default())),
        Err(Unmatched::NotAnAddress(said)) => Some(Refused::about(Reason::NotAnAddress, said)),
        Err(Unmatched::NoAddress) => Some(Reason::NoAddress.into()),
        Err(Unmatched::Unverified(email)) => Some(Refused::about(Reason::Unverified, email.as_str())),
    };
    Ok(Tested { refused, address, person: Some(who.key), tells_auth_time })
}
