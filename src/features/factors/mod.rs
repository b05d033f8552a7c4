//! Second factors of one's own account: a mobile number that was verified by SMS, and an authenticator app with its
//! recovery codes (docs/rules.md sections 7 and 13). `login::second_factor` asks for them; here they are set up, tried and removed.

pub mod authenticator;
mod mobile;
#[expect(missing_docs, reason = "a folder of pages, each documented by itself")]
pub mod pages;
mod qr;
pub mod recovery;
mod recovery_code;
mod reset;
mod seed;
mod set;
mod shown;
mod store;
mod tried;

pub use authenticator::{Seed, verify_authenticator};
pub use mobile::{SendError, change_mobile, own_mobile_slot, remove_mobile, send_mobile_code, verify_mobile};
pub use qr::QrCode;
pub use recovery::{RecoveryCode, use_recovery_code};
pub use reset::{ResetError, clear, reset_factors};
pub use set::Factors;
pub use shown::ShownCodes;
pub use store::factors;
pub(crate) use tried::told;

use crate::access::OwnAccount;
use crate::platform::codes;
use crate::platform::config::Limits;
use crate::platform::store::{StoreError, Tx};
use mobile::mobile_slot;

/// What the caller has set up, and whether a code waits to be typed.
pub fn own(tx: &mut Tx<'_, OwnAccount>, limits: &Limits) -> Result<(Factors, bool), StoreError> {
    let (organization, user) = (tx.organization().clone(), tx.user().clone());
    let factors = store::factors(tx, &organization, &user)?;
    let open = factors.mobile.as_ref().filter(|_| factors.can_verify_mobile());
    let slot = open.map(|number| mobile_slot(&organization, &user, number));
    let waiting = slot.map(|slot| codes::waiting(tx, &slot, limits)).transpose()?.flatten().is_some();
    Ok((factors, waiting))
}
