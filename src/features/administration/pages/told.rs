//! What a refused change is answered with.

use crate::access::failure::Failure;
use crate::base::i18n::Text;
use crate::features::administration::ChangeError;

/// What a refused change is answered with, on the page it was asked for; everything else ends the request.
pub(super) fn told(error: ChangeError) -> Result<Text, Failure> {
    match error {
        ChangeError::NotFound => Err(Failure::NotFound),
        ChangeError::Refused(why) => Ok(Text::new(why.text())),
        ChangeError::Older(_) => Ok(Text::new("newer-title")),
        ChangeError::NotConfirmed => Ok(crate::base::problem::Problem::NotConfirmed.into()),
        ChangeError::Store(cause) => Err(cause.into()),
    }
}
