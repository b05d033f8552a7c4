//! Short messages: what is told by SMS. The words are in `locales/*/mails.ftl`.

use serde::{Deserialize, Serialize};

use crate::base::entropy::Code;
use crate::base::i18n::{Language, Text};
use crate::base::moment::Moment;
use crate::platform::config::Config;

/// What a short message tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ShortMessage {
    /// The code that shows that a mobile number is one's own.
    MobileCode {
        /// The code.
        code: Code,
        /// Minutes for which it works.
        minutes: i64,
        /// Until when it works; afterwards nobody is helped by it.
        until: Moment,
    },
    /// The code of a login's second factor.
    LoginCode {
        /// The code.
        code: Code,
        /// Minutes for which it works.
        minutes: i64,
        /// Until when it works.
        until: Moment,
    },
}

impl ShortMessage {
    /// The stable word of the kind, as the table holds it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MobileCode { .. } => "mobile_code",
            Self::LoginCode { .. } => "login_code",
        }
    }

    /// Until when it is worth sending.
    pub fn until(&self) -> Moment {
        match self {
            Self::MobileCode { until, .. } | Self::LoginCode { until, .. } => *until,
        }
    }

    /// The message in words.
    pub fn say(&self, language: Language, config: &Config) -> String {
        let product = config.brand.product.as_str();
        let (id, code, minutes) = match self {
            Self::MobileCode { code, minutes, .. } => ("sms-mobile-code", code, minutes),
            Self::LoginCode { code, minutes, .. } => ("sms-login-code", code, minutes),
        };
        let text = Text::new(id).with("product", product).with("code", code.expose());
        text.with("minutes", *minutes).say(language)
    }
}
