//! Short messages: what is told by SMS. The words are in `locales/*/mails.ftl`.

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::entropy::Code;
use crate::i18n::{Language, Text};
use crate::store::types::Moment;

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
}

impl ShortMessage {
    /// The stable word of the kind, as the table holds it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MobileCode { .. } => "mobile_code",
        }
    }

    /// Until when it is worth sending.
    pub fn until(&self) -> Moment {
        match self {
            Self::MobileCode { until, .. } => *until,
        }
    }

    /// The message in words.
    pub fn say(&self, language: Language, config: &Config) -> String {
        let product = config.brand.product.as_str();
        match self {
            Self::MobileCode { code, minutes, .. } => Text::new("sms-mobile-code")
                .with("product", product)
                .with("code", code.expose())
                .with("minutes", *minutes)
                .say(language),
        }
    }
}
