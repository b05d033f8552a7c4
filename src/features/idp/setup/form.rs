//! The settings as an owner types them.

use serde::Deserialize;

use crate::base::calendar::Day;
use crate::base::problem::Problem;
use crate::base::text;
use crate::features::idp::Settings;
use crate::platform::oidc::discovery::Draft;
use crate::platform::oidc::{ClientAuthentication, Provider, Secret};
use crate::web::Problems;

/// Most characters of an address or an id.
const LONGEST: usize = 512;

/// The form, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    /// What stands behind it.
    pub provider: String,
    /// How the client shows who it is.
    pub client_authentication: String,
    /// Authorization URL.
    pub authorization_url: String,
    /// Token URL.
    pub token_url: String,
    /// Issuer URL; Azure's is derived.
    pub issuer: String,
    /// Client ID.
    pub client_id: String,
    /// Client Secret; never shown again.
    pub client_secret: String,
    /// The day on which the secret stops working.
    pub secret_expires_on: String,
    /// Whether addresses from this provider are the organization's own.
    pub own_addresses: String,
}

impl SettingsForm {
    /// The form that shows settings; the secret stays where it is.
    pub fn of(settings: Option<&Settings>) -> Self {
        let Some(settings) = settings else {
            let provider = Provider::Azure.word().to_owned();
            return Self {
                provider,
                client_authentication: ClientAuthentication::Post.word().to_owned(),
                ..Self::default()
            };
        };
        let configuration = &settings.configuration;
        Self {
            provider: configuration.provider.word().to_owned(),
            client_authentication: configuration.client_authentication.word().to_owned(),
            authorization_url: configuration.authorization_url.clone(),
            token_url: configuration.token_url.clone(),
            issuer: match configuration.provider {
                Provider::Azure => String::new(),
                Provider::Other => configuration.issuer.clone(),
            },
            client_id: configuration.client_id.clone(),
            client_secret: String::new(),
            secret_expires_on: settings.secret_expires_on.as_ref().map(ToString::to_string).unwrap_or_default(),
            own_addresses: if configuration.own_addresses { "1".to_owned() } else { String::new() },
        }
    }

    /// Whether the form is for Azure.
    pub fn is_azure(&self) -> bool {
        Provider::from_word(&self.provider) != Some(Provider::Other)
    }

    /// What was typed, or all that is wrong with it. A secret that was left out is the stored one, but only for the client
    /// and the address that it was given for: it is not sent anywhere else.
    pub fn parse(&self, stored: Option<&Settings>) -> Result<(Draft, Secret, Option<Day>), Problems> {
        let mut problems = Problems::default();
        let provider = problems.take("provider", Provider::from_word(&self.provider).ok_or(Problem::Missing));
        let method = ClientAuthentication::from_word(&self.client_authentication).ok_or(Problem::Missing);
        let method = problems.take("client_authentication", method);
        let authorization_url = problems.take("authorization_url", text::line(&self.authorization_url, LONGEST));
        let token_url = problems.take("token_url", text::line(&self.token_url, LONGEST));
        let issuer = match self.issuer() {
            Err(Problem::Missing) => Ok(None),
            issuer => issuer.map(Some),
        };
        let issuer = problems.take("issuer", issuer);
        let client_id = problems.take("client_id", text::line(&self.client_id, LONGEST));
        let secret = self.secret(stored, token_url.as_deref(), client_id.as_deref());
        let secret = problems.take("client_secret", secret);
        let expires = match text::typed::plain(&self.secret_expires_on).as_str() {
            "" => Ok(None),
            day => Day::parse(day).map(Some).ok_or_else(|| crate::base::problem::about(Problem::NotADay, day)),
        };
        let expires = problems.take("secret_expires_on", expires);
        match (provider, method, authorization_url, token_url, issuer, client_id, secret, expires) {
            (
                Some(provider),
                Some(client_authentication),
                Some(authorization_url),
                Some(token_url),
                Some(issuer),
                Some(client_id),
                Some(secret),
                Some(expires),
            ) => {
                let issuer = issuer.filter(|_| provider == Provider::Other);
                let own_addresses = provider == Provider::Other && !self.own_addresses.is_empty();
                let draft = Draft {
                    provider,
                    issuer,
                    authorization_url,
                    token_url,
                    client_id,
                    client_authentication,
                    own_addresses,
                };
                Ok((draft, secret, expires))
            }
            _ => Err(problems),
        }
    }

    /// The issuer alone, to be asked for what it publishes.
    pub fn issuer(&self) -> Result<String, Problem> {
        text::line(&self.issuer, LONGEST)
    }

    fn secret(
        &self,
        stored: Option<&Settings>,
        token_url: Option<&str>,
        client_id: Option<&str>,
    ) -> Result<Secret, Problem> {
        match text::line(&self.client_secret, LONGEST) {
            Err(Problem::Missing) => {}
            typed => return typed.map(|secret| Secret::new(&secret)),
        }
        let stored = stored.filter(|settings| {
            let configuration = &settings.configuration;
            !settings.secret.expose().is_empty()
                && Some(configuration.token_url.as_str()) == token_url
                && Some(configuration.client_id.as_str()) == client_id
        });
        stored.map(|settings| settings.secret.clone()).ok_or(Problem::Missing)
    }
}
