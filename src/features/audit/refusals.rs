//! Logins that an identity provider or its matching refused: what an administrator looks at when somebody cannot get in.

use super::{Filter, store};
use crate::access::Method;
use crate::base::i18n::Text;
use crate::base::moment::Moment;
use crate::platform::events::{Kind, Outcome};
use crate::platform::outbound::OutboundError;
use crate::platform::store::{HeldBy, StoreError, Tx};
use crate::web::list::Place;

/// How many are shown.
const SHOWN: usize = 10;
/// How many events are looked through for them.
const LOOKED: usize = 100;

/// A login that was refused.
#[derive(Clone, Debug)]
pub struct RefusedLogin {
    /// When.
    pub at: Moment,
    /// The address that the provider sent, if it sent one.
    pub provider_address: Option<String>,
    /// Why, in words.
    pub why: Text,
    /// Reference code.
    pub reference: String,
}

/// The newest logins through a provider that did not come in, of the caller's organization.
pub fn refused_logins<P: HeldBy>(tx: &mut Tx<'_, P>) -> Result<Vec<RefusedLogin>, StoreError> {
    let mut all = Vec::new();
    for result in [Outcome::Refused, Outcome::Failed] {
        let filter = Filter { event: Some(Kind::Login), result: Some(result), ..Filter::default() };
        all.extend(store::page(tx, &filter, &Place::Start, LOOKED)?.rows);
    }
    all.sort_by(|one, other| other.id.cmp(&one.id));
    let through =
        |entry: &store::Entry| entry.details().get("method").and_then(|method| method.as_str().map(str::to_owned));
    let mine = all.into_iter().filter(|entry| through(entry).as_deref() == Some(Method::Idp.word())).take(SHOWN);
    Ok(mine
        .map(|entry| {
            let details = entry.details();
            let told = |name: &str| details.get(name).and_then(|told| told.as_str());
            let word = entry.reason.clone().unwrap_or_default();
            let why = crate::platform::events::LoginRefusal::from_word(&word).map(|why| Text::new(why.text())).or_else(
                || {
                    let reason = crate::platform::oidc::Reason::from_word(&word)?;
                    let network = told("network").and_then(OutboundError::label).map(Text::new);
                    let clock = details
                        .get("clock_ahead")
                        .and_then(|ahead| ahead.as_i64())
                        .map(crate::platform::oidc::of_clock);
                    Some(network.or(clock).unwrap_or_else(|| reason.with_code(told("provider_error"))))
                },
            );
            RefusedLogin {
                at: entry.at,
                provider_address: told("provider_address").map(str::to_owned),
                why: why.unwrap_or_else(|| Text::new("audit-event-login")),
                reference: entry.reference,
            }
        })
        .collect())
}
