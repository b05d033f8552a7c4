//! What a version holds, in words.

use serde::{Deserialize, Serialize};

use crate::access::decisions::console_access::ConsoleAccess;
use crate::access::decisions::expiration::Expiration;
use crate::base::i18n::Text;
use crate::features::policies::Policy;

/// What two-factor authentication was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactorValue {
    /// Whether it was on.
    pub on: bool,
}

/// How people logged in. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodValue {
    /// The login method.
    pub method: crate::base::organization::LoginMethod,
    /// The provider's issuer.
    pub issuer: Option<String>,
    /// The client ID there.
    pub client_id: Option<String>,
}

pub(super) fn say(policy: Policy, json: &str) -> Text {
    let said = match policy {
        Policy::PasswordExpiration => serde_json::from_str(json).ok().map(|value: Expiration| match value.days() {
            Some(days) => Text::new("expiration-after").with("days", days),
            None => Text::new("expiration-off"),
        }),
        Policy::ConsoleAccess => serde_json::from_str(json).ok().map(|value: ConsoleAccess| {
            let list: Vec<String> = value.entries.iter().map(|entry| entry.address.to_string()).collect();
            let id = match (value.is_on, list.is_empty()) {
                (true, _) => "access-is-on",
                (false, true) => "access-is-off",
                (false, false) => "access-is-off-kept",
            };
            Text::new(id).with("addresses", list.join(", "))
        }),
        Policy::TwoFactor => serde_json::from_str(json)
            .ok()
            .map(|value: TwoFactorValue| Text::new(if value.on { "two-factor-active" } else { "two-factor-inactive" })),
        Policy::LoginMethod => serde_json::from_str(json).ok().map(|value: MethodValue| match value.issuer {
            Some(issuer) => Text::new("versions-provider")
                .with("issuer", issuer)
                .with("client", value.client_id.unwrap_or_default()),
            None => Text::new("organization-method-cloud"),
        }),
    };
    said.unwrap_or_else(|| Text::new("versions-unreadable"))
}
