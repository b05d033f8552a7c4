//! A fresh login where there is no password: back to the provider with `prompt=login` and `max_age`, or a mailed code where
//! the provider does not tell when a person logged in or lets an old login do (docs/rules.md section 2, OpenID Connect Core
//! 3.1.2.1).

pub mod pages;

pub use pages::end;

use super::authorization::{self, BeginError, LoginIntent, Purpose, Returned, StateCookie};
use super::{FRESH_SECONDS, bindings, store};
use crate::access::{Identity, Method, OwnAccount, Proof, replace_session};
use crate::base::entropy::{Code, Token};
use crate::base::ids::OrganizationId;
use crate::base::moment::Moment;
use crate::base::public_url::PublicUrl;
use crate::features::users::addressee;
use crate::platform::codes::{self, IssueError, Sent, Slot, Verdict};
use crate::platform::config::Limits;
use crate::platform::events::{Event, Kind, Reason};
use crate::platform::mail::addressee::Addressee;
use crate::platform::mail::{Message, outbox};
use crate::platform::oidc::{Claims, person};
use crate::platform::store::{OpenTx, Recorded, StoreError, Tx, Work};

/// How somebody can show again who they are.
#[derive(Clone, Debug)]
pub struct Ways {
    /// Whether the provider can be asked: it tells when somebody logged in.
    pub provider: bool,
    /// The code that was mailed and still works.
    pub waiting: Option<Sent>,
}

/// The ways of the caller.
pub fn ways(tx: &mut Tx<'_, OwnAccount>, limits: &Limits) -> Result<Ways, StoreError> {
    let organization = tx.organization().clone();
    let in_force = store::providers(tx, &organization)?.in_force;
    let (_, slot) = own(tx)?;
    let waiting = codes::waiting(tx, &slot, limits)?;
    Ok(Ways { provider: in_force.is_some_and(|settings| settings.tells_auth_time), waiting })
}

fn own(tx: &mut Tx<'_, OwnAccount>) -> Result<(Addressee, Slot), StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let to = addressee(tx, &organization, &user)?.ok_or(StoreError::Unreadable("the caller is not among the users"))?;
    let slot = slot_of(&organization, &to);
    Ok((to, slot))
}

fn slot_of(organization: &OrganizationId, to: &Addressee) -> Slot {
    let (organization, user) = (organization.clone(), to.id.clone());
    let (asker, purpose) = (codes::Asker::Session, codes::Purpose::Confirmation);
    Slot { organization, user, asker, purpose, place: to.email.to_string() }
}

/// Sends the caller to the provider once more: what the browser carries, or `None` when no provider is in force.
pub fn begin(
    tx: &mut Tx<'_, OwnAccount>,
    public_url: &PublicUrl,
    return_to: String,
) -> Result<Option<StateCookie>, BeginError> {
    let organization = tx.organization().clone();
    let Some(settings) = store::providers(tx, &organization)?.in_force else {
        return Ok(None);
    };
    let intent = LoginIntent {
        purpose: Purpose::Confirmation,
        organization,
        user: Some(tx.user().clone()),
        session: Some(tx.session().clone()),
        return_to,
    };
    authorization::begin(tx, &settings, intent, public_url, Some(FRESH_SECONDS)).map(Some)
}

/// Mails the caller a code; `false` where the provider can be asked and has not let an old login do. A code that waits was
/// sent for one of these reasons, and may be sent again.
pub fn send_code(tx: &mut Tx<'_, OwnAccount>, limits: &Limits) -> Result<Recorded<bool>, IssueError> {
    let ways = ways(tx, limits)?;
    let (to, slot) = own(tx)?;
    if ways.provider && ways.waiting.is_none() {
        return Ok(tx.record(Event::refused(Kind::Confirmation, Reason::ProviderDecides), false)?);
    }
    codes::issue(tx, &slot, limits, |work, code, until| post_code(work, &to, code, until))?;
    Ok(tx.record(Event::done(Kind::ConfirmationCodeSent).on("user", &to.id, &to.email), true)?)
}

/// The provider let in a login that is too old, although it was asked for a fresh one: a code is mailed in its place.
pub fn send_instead(
    tx: &mut OpenTx<'_>,
    returned: &Returned,
    identity: &Identity,
    limits: &Limits,
) -> Result<Recorded<Result<(), Moment>>, StoreError> {
    let (organization, user) = (&identity.organization, &identity.user);
    let to = addressee(tx, organization, user)?.ok_or(StoreError::Unreadable("the caller is not among the users"))?;
    let event = |event: Event| event.within(organization).by_user(user, &to.name);
    let refused = event(Event::refused(Kind::Confirmation, Reason::AuthTime)).with("method", Method::Idp.word());
    tx.also_record(refused)?;
    if returned.intent.user.as_ref() != Some(user) {
        return Err(StoreError::Unreadable("the session of a request belongs to another user"));
    }
    let slot = slot_of(organization, &to);
    match codes::issue(tx, &slot, limits, |work, code, until| post_code(work, &to, code, until)) {
        Ok(()) => {
            let sent = event(Event::done(Kind::ConfirmationCodeSent)).on("user", &to.id, &to.email);
            tx.record(sent, Ok(()))
        }
        Err(IssueError::Throttled(until)) => Ok(tx.unrecorded("the refusal was recorded", Err(until))),
        Err(IssueError::Store(cause)) => Err(cause),
    }
}

/// The mail that carries a code with which somebody shows who they are.
pub fn post_code(
    work: &mut Work<'_>,
    to: &Addressee,
    code: Code,
    until: Moment,
) -> Result<crate::base::ids::MailId, StoreError> {
    let address = work.origin().address.map(|address| address.to_string()).unwrap_or_default();
    let (name, organization) = (to.name.clone(), to.organization_name.clone());
    outbox::post(work, to, &Message::ConfirmationCode { name, organization, code, until, address })
}

/// How a confirmation ended.
#[derive(Debug)]
pub enum Confirmed {
    /// The login is fresh: the token of the session that takes the old one's place.
    Fresh(Token),
    /// The code was not right.
    Not(Verdict),
}

/// Checks the code that was mailed.
pub fn check_code(
    tx: &mut Tx<'_, OwnAccount>,
    typed: &Code,
    limits: &Limits,
    proof: Proof,
) -> Result<Recorded<Confirmed>, StoreError> {
    let organization = tx.organization().clone();
    // Where the provider can be asked, no code is sent unless it let an old login do.
    let (_, slot) = own(tx)?;
    match codes::check(tx, &slot, typed, limits)? {
        Verdict::Right => {}
        verdict => {
            return tx.record(crate::features::factors::told(Kind::Confirmation, verdict), Confirmed::Not(verdict));
        }
    }
    let (user, old) = (tx.user().clone(), tx.session().clone());
    match replace_session(tx, &organization, &user, &old, proof)? {
        Some(session) => {
            tx.record(Event::done(Kind::Confirmation).with("method", "mailed_code"), Confirmed::Fresh(session))
        }
        None => tx.record(Event::refused(Kind::Confirmation, Reason::SessionOver), Confirmed::Not(Verdict::Spent)),
    }
}

/// How a confirmation at the provider ended.
#[derive(Debug)]
pub enum AtProvider {
    /// The login is fresh.
    Fresh(Token),
    /// The provider did not tell when: a code is asked for instead.
    NotTold,
    /// Somebody else logged in there, or the session is over.
    Another,
}

/// Decides a confirmation whose claims are verified.
pub fn decide(
    tx: &mut OpenTx<'_>,
    returned: &Returned,
    claims: &Claims,
    begun: Moment,
) -> Result<Recorded<AtProvider>, StoreError> {
    let organization = &returned.intent.organization;
    tx.touch(organization)?;
    let (Some(user), Some(old), Some(settings)) = (&returned.intent.user, &returned.intent.session, &returned.settings)
    else {
        return Ok(tx.unrecorded("the settings with which it began are gone", AtProvider::Another));
    };
    let name = addressee(tx, organization, user)?.map(|to| to.name).unwrap_or_default();
    let event = |event: Event| event.within(organization).by_user(user, &name).with("method", Method::Idp.word());
    let bound = bindings::of_user(tx, organization, user)?;
    if bound.is_none_or(|bound| bound.subject != person(&settings.configuration, claims).key) {
        let refused = event(Event::refused(Kind::Confirmation, crate::platform::events::LoginRefusal::AnotherSubject));
        return tx.record(refused, AtProvider::Another);
    }
    let Some(at) = claims.auth_time else {
        store::note_auth_time(tx, organization, &settings.id, false)?;
        return tx.record(event(Event::refused(Kind::Confirmation, Reason::AuthTimeMissing)), AtProvider::NotTold);
    };
    let authenticated = at.min(tx.now());
    let proof = Proof { method: Method::Idp, second_factor: None, begun, authenticated };
    // The provider was asked for seconds: whoever ended the session in them is not outdone by it.
    let Some(session) = replace_session(tx, organization, user, old, proof)? else {
        return tx.record(event(Event::refused(Kind::Confirmation, Reason::SessionOver)), AtProvider::Another);
    };
    tx.record(event(Event::done(Kind::Confirmation)), AtProvider::Fresh(session))
}
