//! How a short message leaves: to an SMS gateway that speaks Twilio's Messages API, or into the development mailbox.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};

use super::refusal::{Becomes, Refusal, Stage};
use super::{Channel, Letter, Mailbox};
use crate::base::cause::chain;
use crate::base::moment::Moment;
use crate::platform::config::{Config, Mode, Twilio};
use crate::platform::outbound::through;

/// Most of an answer that is read, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// How short messages leave.
#[derive(Clone, Debug)]
pub enum Gateway {
    /// To a gateway.
    Twilio {
        /// The connection pool.
        client: Client,
        /// Address, account and sender.
        settings: Twilio,
    },
    /// Into the development mailbox.
    Captured(Mailbox),
    /// The operator has set none up: nobody is offered an SMS.
    Absent,
}

impl Gateway {
    /// As configured; captures in development mode when there is no gateway.
    pub fn new(config: &Config, mailbox: Mailbox) -> Result<Self, String> {
        let settings = &config.sms;
        let Some(twilio) = &settings.gateway else {
            return Ok(if config.mode == Mode::Development { Self::Captured(mailbox) } else { Self::Absent });
        };
        let limit = Duration::from_secs(settings.timeout_seconds);
        // The same rule as for identity providers.
        let proxy = config.outbound_proxy.as_ref().filter(|_| config.outbound.is_for_proxy(&twilio.url));
        let builder = through(Client::builder(), proxy).map_err(|cause| chain(&cause))?;
        let client = builder.redirect(Policy::none()).timeout(limit).user_agent("Vestibule").build();
        let client = client.map_err(|cause| chain(&cause))?;
        Ok(Self::Twilio { client, settings: twilio.clone() })
    }

    /// Scheme and host of the gateway.
    pub fn place(&self) -> String {
        match self {
            Self::Twilio { settings, .. } => settings.url.clone(),
            Self::Captured(_) => "the mailbox".to_owned(),
            Self::Absent => "none".to_owned(),
        }
    }

    /// Asks for the account and changes nothing. A gateway that only takes messages has no such page: it is asked to take
    /// one without recipient and text, which it refuses in its own words. What has neither page is no gateway.
    pub async fn try_connection(&self) -> Result<(), String> {
        let Self::Twilio { client, settings } = self else { return Ok(()) };
        let login = |request: RequestBuilder| request.basic_auth(&settings.account, Some(&settings.token));
        let account = login(client.get(settings.about())).send().await.map_err(unreached)?;
        refused(account.status())?;
        if account.status().is_success() {
            return match is_json(&read(account).await.map_err(unreached)?) {
                true => Ok(()),
                false => Err(no_gateway("with something else than JSON where it tells of the account")),
            };
        }
        let empty = client.post(settings.messages()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let message = login(empty).send().await.map_err(unreached)?;
        refused(message.status())?;
        match message.status() {
            status if status.is_redirection() || matches!(status.as_u16(), 404 | 405 | 421) => {
                Err(no_gateway(&format!("{} where it takes messages", status.as_u16())))
            }
            status if status.is_success() && !is_json(&read(message).await.map_err(unreached)?) => {
                Err(no_gateway("with something else than JSON where it takes messages"))
            }
            _ => Ok(()),
        }
    }

    /// Sends a short message; returns the gateway's answer.
    pub async fn send(&self, id: &str, to: &str, text: String, at: Moment) -> Result<String, Refusal> {
        match self {
            Self::Captured(mailbox) => {
                let letter = Letter { subject: String::new(), text, html: String::new() };
                let taken = mailbox.take(Channel::Sms, id, to, &letter, at);
                taken
                    .map(|()| "captured".to_owned())
                    .map_err(|cause| Refusal::unanswered(Stage::Write, cause.to_string()))
            }
            Self::Twilio { client, settings } => {
                let form = [("To", to), ("From", settings.from.as_str()), ("Body", text.as_str())];
                let body = serde_html_form::to_string(form).map_err(|cause| Refusal::unwritable(cause.to_string()))?;
                let request = client
                    .post(settings.messages())
                    .basic_auth(&settings.account, Some(&settings.token))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .body(body);
                // Without its URL, which names the account.
                let failed = |cause: reqwest::Error| {
                    let stage = if cause.is_connect() { Stage::Connect } else { Stage::Gateway };
                    Refusal::unanswered(stage, chain(&cause.without_url()))
                };
                let answer = request.send().await.map_err(failed)?;
                let status = answer.status();
                verdict(status, read(answer).await.map_err(failed)?)
            }
            Self::Absent => Err(Refusal::unanswered(Stage::Connect, "no SMS gateway is set up")),
        }
    }
}

/// Why no answer came; the address holds the account.
fn unreached(cause: reqwest::Error) -> String {
    chain(&cause.without_url())
}

/// Fails where a gateway refuses whatever is asked of it now.
fn refused(status: StatusCode) -> Result<(), String> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(format!("it refuses VESTIBULE_SMS_ACCOUNT with VESTIBULE_SMS_TOKEN (it answered {})", status.as_u16()))
        }
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            Err(format!("it answered {}", status.as_u16()))
        }
        _ => Ok(()),
    }
}

fn no_gateway(answer: &str) -> String {
    format!(
        "VESTIBULE_SMS_URL names no gateway that speaks Twilio's Messages API, or one without this VESTIBULE_SMS_ACCOUNT: it \
         answered {answer}"
    )
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|value| value.is_object())
}

/// The beginning of an answer: a gateway that talks for ever is not listened to.
async fn read(mut answer: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            body.truncate(LONGEST_ANSWER);
            break;
        }
    }
    Ok(body)
}

/// What an answer means. Of its body only the number of the error and the id of the message are kept: its words repeat
/// the phone number.
fn verdict(status: StatusCode, body: Vec<u8>) -> Result<String, Refusal> {
    let told: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric()).then(|| text.to_owned());
    let id = told["sid"].as_str().and_then(plain);
    let code = told["code"].as_i64().map(|code| code.to_string());
    let say = |what: Option<String>| match what {
        Some(what) => format!("{} {what}", status.as_u16()),
        None => status.as_u16().to_string(),
    };
    // Credentials and paths are the operator's: they may be mended, the message is not to blame.
    const OURS: &[StatusCode] = &[
        StatusCode::UNAUTHORIZED,
        StatusCode::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    if status.is_success() {
        return Ok(say(id));
    }
    let is_final = status.is_client_error() && !OURS.contains(&status);
    Err(Refusal {
        stage: Stage::Gateway,
        becomes: if is_final { Becomes::Final } else { Becomes::Waits },
        code: Some(status.as_u16()),
        enhanced: None,
        words: say(code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Result<String, (bool, String)> {
        verdict(StatusCode::from_u16(status).unwrap(), body.as_bytes().to_vec())
            .map_err(|refusal| (refusal.becomes == Becomes::Final, refusal.words))
    }

    #[test]
    fn an_answer_is_read_for_its_numbers_and_nothing_else() {
        assert_eq!(of(201, r#"{"sid": "SM12ab", "to": "+821023456789"}"#), Ok("201 SM12ab".into()));
        assert_eq!(of(201, r#"{"sid": "SM <b>"}"#), Ok("201".into()));
        let invalid = r#"{"code": 21211, "message": "The 'To' number +821023456789 is not valid", "status": 400}"#;
        assert_eq!(of(400, invalid), Err((true, "400 21211".into())));
        assert_eq!(of(400, "not json"), Err((true, "400".into())));
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        for status in [302, 401, 404, 408, 429, 500, 502, 503] {
            assert_eq!(of(status, ""), Err((false, status.to_string())), "{status}");
        }
    }
}
