//! The way to the provider: what the browser takes there, and what stays here until it comes back.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use url::Url;

use super::refusal::{Reason, Refused};
use super::{Configuration, Fingerprint, Secret};
use crate::base::entropy::{Entropy, Token};
use crate::base::moment::Moment;
use crate::base::public_url::PublicUrl;
use crate::base::urls;

/// What is asked of a provider, and nothing more (ASVS 10.2.3).
const SCOPE: &str = "openid profile email";

/// A login under way. It is kept here, for one use, bound to the browser by its state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// What comes back with the browser.
    pub state: Token,
    /// What comes back in the ID token.
    pub nonce: Token,
    /// What shows that the code is redeemed by who asked for it (PKCE).
    pub verifier: Token,
    /// Where the provider sends the browser back to.
    pub redirect_uri: String,
    /// The configuration with which it was begun.
    pub fingerprint: Fingerprint,
    /// When it was begun.
    pub begun: Moment,
    /// Seconds for which a login at the provider counts, where a fresh one is needed.
    pub max_age: Option<i64>,
}

/// Where providers send people back to; what an owner registers there.
pub fn redirect_uri(public_url: &PublicUrl) -> String {
    public_url.link(urls::OIDC_CALLBACK)
}

/// Begins a login: the address to send the browser to, and the request to keep.
pub fn begin(
    configuration: &Configuration,
    secret: &Secret,
    public_url: &PublicUrl,
    entropy: &dyn Entropy,
    now: Moment,
    max_age: Option<i64>,
) -> Result<(String, AuthorizationRequest), Refused> {
    let request = AuthorizationRequest {
        state: entropy.token(),
        nonce: entropy.token(),
        verifier: entropy.token(),
        redirect_uri: redirect_uri(public_url),
        fingerprint: configuration.fingerprint(secret),
        begun: now,
        max_age,
    };
    Ok((address(configuration, &request)?, request))
}

/// The address at the provider to which a browser on this request goes.
pub fn address(configuration: &Configuration, request: &AuthorizationRequest) -> Result<String, Refused> {
    let challenge = BASE64URL_NOPAD.encode(&sha2::Sha256::digest(request.verifier.expose()));
    let mut url = Url::parse(&configuration.authorization_url).map_err(|_| Reason::AuthorizationUrl)?;
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("client_id", &configuration.client_id)
            .append_pair("redirect_uri", &request.redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("state", request.state.expose())
            .append_pair("nonce", request.nonce.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if let Some(max_age) = request.max_age {
            // Some providers look at one of both alone.
            query.append_pair("prompt", "login").append_pair("max_age", &max_age.to_string());
        }
    }
    Ok(url.into())
}
