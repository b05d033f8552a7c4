//! The address of a login page, pasted where the name of its organization is asked for.

use crate::base::login_url::in_login_url;
use crate::platform::config::Config;
use crate::web::answers_to;

/// The organization that a login URL of ours names; what is none, as it was typed.
pub(crate) fn organization(config: &Config, typed: &str) -> String {
    in_login_url(typed, |host| answers_to(config, host)).unwrap_or_else(|| typed.to_owned())
}
