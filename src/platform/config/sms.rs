//! The SMS gateway: a service that speaks Twilio's Messages API.

use super::Mode;
use super::reader::Reader;
use crate::base::network::is_loopback;

/// SMS settings.
#[derive(Clone, Debug)]
pub struct Sms {
    /// The gateway; without one messages are captured in development mode, and not offered in production.
    pub gateway: Option<Twilio>,
    /// Countries to whose numbers SMS are sent (ISO 3166-1 alpha-2); all when empty.
    pub countries: Vec<String>,
    /// Messages sent at a time.
    pub parallel: usize,
    /// Seconds before one delivery is given up and tried later.
    pub timeout_seconds: u64,
}

impl Sms {
    /// Whether people can be sent an SMS.
    pub fn is_offered(&self, mode: Mode) -> bool {
        self.gateway.is_some() || mode == Mode::Development
    }
}

/// An account at a gateway.
#[derive(Clone, PartialEq, Eq)]
pub struct Twilio {
    /// Scheme, host and port.
    pub url: String,
    /// The account's SID.
    pub account: String,
    /// Its secret.
    pub token: String,
    /// The sender: a number, a short code or a name.
    pub from: String,
}

impl Twilio {
    /// Where messages are posted to.
    pub fn messages(&self) -> String {
        format!("{}/2010-04-01/Accounts/{}/Messages.json", self.url, self.account)
    }
}

impl Twilio {
    /// What the gateway tells of the account.
    pub fn about(&self) -> String {
        format!("{}/2010-04-01/Accounts/{}.json", self.url, self.account)
    }
}

impl std::fmt::Debug for Twilio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Twilio({}, from {})", self.url, self.from)
    }
}

pub(super) fn sms(reader: &mut Reader) -> Sms {
    const TOGETHER: &str = "must be set, as other settings of the SMS gateway are";
    let url = reader.parsed(
        "sms_url",
        "https://api.twilio.com",
        "Where the SMS gateway is: a service that speaks Twilio's Messages API.",
        base,
    );
    let account = reader.parsed("sms_account", "no SMS in production", "Account SID at the SMS gateway.", |text| {
        let plain = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain { Ok(text.to_owned()) } else { Err("must be letters and digits".to_owned()) }
    });
    let token = reader.text("sms_token", "none", "Auth token at the SMS gateway.");
    let from = reader.parsed("sms_from", "none", "Sender of SMS: a number such as +15005550006, or a name.", sender);
    let some = [url.is_some(), account.is_some(), token.is_some(), from.is_some()].contains(&true);
    let parts = [("sms_account", account.is_some()), ("sms_token", token.is_some()), ("sms_from", from.is_some())];
    for (key, set) in parts {
        if some && !set && !reader.is_mistaken(key) {
            reader.mistake(key, TOGETHER);
        }
    }
    let gateway = match (account, token, from) {
        (Some(account), Some(token), Some(from)) => {
            Some(Twilio { url: url.unwrap_or_else(|| "https://api.twilio.com".to_owned()), account, token, from })
        }
        _ => None,
    };
    let countries = reader.parsed(
        "sms_countries",
        "every country",
        "Countries to whose mobile numbers SMS are sent, as KR,US (ISO 3166-1 alpha-2).",
        countries,
    );
    let parallel = reader.number("sms.parallel", 4, [1, 64], "SMS sent at a time.");
    let timeout = reader.number("sms.timeout_seconds", 10, [1, 60], "Seconds before an SMS is tried later.");
    Sms {
        gateway,
        countries: countries.unwrap_or_default(),
        parallel: usize::try_from(parallel).unwrap_or(4),
        timeout_seconds: u64::try_from(timeout).unwrap_or(10),
    }
}

fn countries(text: &str) -> Result<Vec<String>, String> {
    let known = |code: &str| {
        let found = crate::base::countries::find(&code.trim().to_ascii_uppercase());
        found.map(|country| country.code.to_owned()).ok_or_else(|| format!("names {code:?}, which is no country code"))
    };
    text.split(',').map(known).collect()
}

/// Scheme, host and port. The token travels there, so it is TLS or this machine.
fn base(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|cause| cause.to_string())?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) | ("http", Some(_)) if !plain => Err("must be only scheme, host and port".to_owned()),
        ("https", Some(_)) => Ok(url.origin().ascii_serialization()),
        ("http", Some(host)) if is_loopback(host) => Ok(url.origin().ascii_serialization()),
        _ => Err("must begin with https:// unless its host is loopback".to_owned()),
    }
}

/// A number in E.164, a short code, or a name of up to eleven letters and digits.
fn sender(text: &str) -> Result<String, String> {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let number = text.strip_prefix('+').is_some_and(|rest| digits(rest, 7, 15)) || digits(text, 3, 8);
    let name = (1..=11).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
        && text.bytes().any(|b| b.is_ascii_alphabetic());
    if number || name {
        Ok(text.to_owned())
    } else {
        Err("must be a number such as +15005550006, or a name".to_owned())
    }
}
