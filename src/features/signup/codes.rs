//! Codes that open the sign-up.

use crate::base::text::typed;
use crate::platform::config::SignUp;

/// Whether `code` opens the sign-up.
pub fn admits(settings: &SignUp, code: &str) -> bool {
    match settings {
        SignUp::Open => true,
        SignUp::Codes(codes) => {
            codes.iter().any(|known| !known.is_empty() && typed::plain(known) == typed::plain(code))
        }
        SignUp::Closed => false,
    }
}
