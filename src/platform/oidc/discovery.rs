//! Setting a provider up: from what an owner typed to a configuration that holds together (docs/rules.md section 7).

use url::Url;

use super::azure::Pasted;
use super::metadata::{self, Metadata};
use super::refusal::{Reason, Refused};
use super::{ClientAuthentication, Configuration, Provider};
use crate::platform::outbound::{Outbound, OutboundError};

/// What an owner typed, but for the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What stands behind the addresses.
    pub provider: Provider,
    /// The issuer; nothing means: find it. Azure's is always derived.
    pub issuer: Option<String>,
    /// Where people are sent.
    pub authorization_url: String,
    /// Where codes become tokens.
    pub token_url: String,
    /// By what the provider knows us.
    pub client_id: String,
    /// How we show it.
    pub client_authentication: ClientAuthentication,
    /// Whether addresses from this provider are the organization's own.
    pub own_addresses: bool,
}

/// Longest URL that is taken, in bytes.
const LONGEST_URL: usize = 512;
const METADATA: &str = "/.well-known/openid-configuration";
/// Parameters that our own request holds; in the URL they would stand twice.
const OURS: &[&str] = &[
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
];
/// How known providers' authorization URLs end, and what their issuers end with instead.
const TAILS: &[(&str, &[&str])] = &[
    ("/protocol/openid-connect/auth", &[""]),
    ("/oauth2/v1/authorize", &[""]),
    ("/v1/authorize", &[""]),
    ("/oauth2/authorize", &["", "/"]),
    ("/connect/authorize", &["", "/"]),
    ("/authorize", &["/", ""]),
];

/// Asks the provider for its metadata and keys, and checks both against what was typed.
pub async fn set_up(outbound: &Outbound, draft: &Draft) -> Result<Configuration, Refused> {
    let authorization = address(outbound, &draft.authorization_url, Reason::AuthorizationUrl)?;
    let token = address(outbound, &draft.token_url, Reason::TokenUrl)?;
    if authorization.query_pairs().any(|(name, _)| OURS.contains(&name.as_ref())) {
        return Err(Refused::about(Reason::AuthorizationUrl, authorization));
    }
    let (found, tenant) = match draft.provider {
        Provider::Azure => azure(outbound, &authorization, &token, &draft.client_id).await?,
        Provider::Other => (other(outbound, draft, &authorization, &token).await?, None),
    };
    offers(&found, draft.client_authentication)?;
    for (published, reason) in
        [(Some(&found.jwks_uri), Reason::Keys), (found.userinfo_endpoint.as_ref(), Reason::Discovery)]
    {
        if let Some(published) = published {
            address(outbound, published, reason)?;
        }
    }
    let configuration = Configuration {
        provider: draft.provider,
        issuer: found.issuer,
        authorization_url: found.authorization_endpoint,
        token_url: found.token_endpoint,
        jwks_uri: found.jwks_uri,
        userinfo_url: found.userinfo_endpoint,
        tenant,
        client_id: draft.client_id.clone(),
        client_authentication: draft.client_authentication,
        own_addresses: draft.own_addresses,
        names_itself: found.authorization_response_iss_parameter_supported,
    };
    metadata::fetch_keys(outbound, &configuration.keys_address()).await?;
    Ok(configuration)
}

/// What an issuer publishes of itself, for a form that is to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The issuer, byte for byte.
    pub issuer: String,
    /// Where people are sent.
    pub authorization_url: String,
    /// Where codes become tokens.
    pub token_url: String,
    /// How the client is to show who it is: Basic where both are offered or nothing is said.
    pub client_authentication: ClientAuthentication,
}

/// Asks an issuer for its addresses.
pub async fn look_up(outbound: &Outbound, issuer: &str) -> Result<Published, Refused> {
    let found = issued_by(outbound, issuer).await?;
    let methods = found.token_endpoint_auth_methods_supported.unwrap_or_default();
    let has = |wanted: &str| methods.iter().any(|one| one == wanted);
    let by_post = has("client_secret_post") && !has("client_secret_basic");
    Ok(Published {
        client_authentication: if by_post { ClientAuthentication::Post } else { ClientAuthentication::Basic },
        issuer: found.issuer,
        authorization_url: found.authorization_endpoint,
        token_url: found.token_endpoint,
    })
}

fn address(outbound: &Outbound, typed: &str, reason: Reason) -> Result<Url, Refused> {
    if typed.len() > LONGEST_URL {
        return Err(Refused::about(reason, typed));
    }
    outbound.check(typed.trim()).map_err(|why| Refused::unasked(reason, OutboundError::Refused(why)))
}

/// Azure: the tenant is in the URLs, its metadata beside them, and the issuer is taken in the form of its id.
async fn azure(
    outbound: &Outbound,
    authorization: &Url,
    token: &Url,
    client_id: &str,
) -> Result<(Metadata, Option<String>), Refused> {
    let pasted = Pasted::parse(authorization, token)?;
    let found = metadata::fetch(outbound, &pasted.discovery(client_id)).await?;
    let Some(tenant) = pasted.tenant_of(&found.issuer) else {
        return Err(Refused::about(Reason::DiscoveryIssuer, &found.issuer));
    };
    // Asked by a domain of the tenant it answers with the id.
    for (published, name, reason) in [
        (&found.authorization_endpoint, "authorize", Reason::AuthorizationEndpoint),
        (&found.token_endpoint, "token", Reason::TokenEndpoint),
    ] {
        let expected = [pasted.endpoint(&tenant, name), pasted.endpoint(&pasted.tenant, name)];
        if !expected.iter().any(|expected| expected.eq_ignore_ascii_case(published)) {
            return Err(Refused::about(reason, published));
        }
    }
    Ok((found, Some(tenant)))
}

/// Any other: the issuer as typed, or one under which the authorization URL may well lie.
async fn other(outbound: &Outbound, draft: &Draft, authorization: &Url, token: &Url) -> Result<Metadata, Refused> {
    let found = match draft.issuer.as_deref().map(str::trim).filter(|issuer| !issuer.is_empty()) {
        Some(issuer) => issued_by(outbound, issuer).await?,
        None => find(outbound, authorization).await?,
    };
    for (published, typed, reason) in [
        (&found.authorization_endpoint, authorization, Reason::AuthorizationEndpoint),
        (&found.token_endpoint, token, Reason::TokenEndpoint),
    ] {
        // A slash at the end is a slip; the published one is what is used.
        if !Url::parse(published).is_ok_and(|published| is_same_place(&published, typed)) {
            return Err(Refused::about(reason, published));
        }
    }
    Ok(found)
}

/// The metadata of an issuer, however it is spelled: with or without a slash at the end, in any case, or as the whole
/// address of its metadata. The issuer that they name is the one that counts from here on, byte for byte (ASVS 10.5.3); it
/// must be the one that was meant.
async fn issued_by(outbound: &Outbound, issuer: &str) -> Result<Metadata, Refused> {
    let typed = address(outbound, issuer, Reason::IssuerUrl)?;
    if typed.query().is_some() {
        return Err(Refused::about(Reason::IssuerUrl, issuer));
    }
    let spelled = typed.as_str().trim_end_matches('/');
    let base = spelled.strip_suffix(METADATA).unwrap_or(spelled).trim_end_matches('/');
    let found = metadata::fetch(outbound, &format!("{base}{METADATA}")).await?;
    let meant = Url::parse(base).ok().zip(Url::parse(&found.issuer).ok());
    let is_meant = meant.is_some_and(|(meant, named)| is_same_place(&named, &meant));
    if is_meant { Ok(found) } else { Err(Refused::about(Reason::DiscoveryIssuer, &found.issuer)) }
}

/// Whether two addresses differ at most in the case of letters, a final dot of the host and a slash at the end.
fn is_same_place(one: &Url, other: &Url) -> bool {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    let same_path = path(one).eq_ignore_ascii_case(&path(other));
    let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
    let place = |url: &Url| (url.scheme().to_owned(), host(url), url.port_or_known_default());
    place(one) == place(other) && same_path && one.query() == other.query() && one.fragment() == other.fragment()
}

async fn find(outbound: &Outbound, authorization: &Url) -> Result<Metadata, Refused> {
    for candidate in candidates(authorization) {
        match issued_by(outbound, &candidate).await {
            Ok(found) => return Ok(found),
            // Nobody there now is nobody there for the next one either.
            Err(refused) if matches!(refused.network, Some(OutboundError::TooSlow | OutboundError::Unreachable)) => {
                return Err(refused);
            }
            Err(_) => {}
        }
    }
    Err(Reason::IssuerNeeded.into())
}

/// Issuers that an authorization URL may belong to, the likeliest first.
pub fn candidates(authorization: &Url) -> Vec<String> {
    let mut all = Vec::new();
    let whole = authorization.as_str().split('?').next().unwrap_or_default().trim_end_matches('/');
    for (tail, ends) in TAILS {
        if let Some(base) = whole.strip_suffix(tail) {
            for candidate in ends.iter().map(|end| format!("{base}{end}")) {
                if !all.contains(&candidate) {
                    all.push(candidate);
                }
            }
        }
    }
    all
}

fn offers(found: &Metadata, method: ClientAuthentication) -> Result<(), Refused> {
    // What is not told at all is seen at the first login.
    if found.response_types_supported.as_ref().is_some_and(|all| !all.iter().any(|one| one == "code")) {
        return Err(Reason::CodeFlow.into());
    }
    let offered = found.id_token_signing_alg_values_supported.as_ref();
    if let Some(offered) = offered.filter(|all| !all.iter().any(|one| metadata::algorithm(one).is_some())) {
        return Err(Refused::about(Reason::Algorithms, offered.join(", ")));
    }
    let wanted = match method {
        ClientAuthentication::Post => "client_secret_post",
        ClientAuthentication::Basic => "client_secret_basic",
    };
    // Where nothing is said, it is Basic (OpenID Connect Discovery, section 3).
    let basic = ["client_secret_basic".to_owned()];
    let methods = found.token_endpoint_auth_methods_supported.as_deref().unwrap_or(&basic);
    if methods.iter().any(|one| one == wanted) {
        Ok(())
    } else {
        Err(Refused::about(Reason::AuthenticationMethod, methods.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_found_behind_the_urls_of_known_providers() {
        let first = |url: &str| candidates(&Url::parse(url).unwrap()).first().cloned();
        for (url, issuer) in [
            ("https://sso.example/realms/acme/protocol/openid-connect/auth", Some("https://sso.example/realms/acme")),
            ("https://acme.okta.example/oauth2/v1/authorize", Some("https://acme.okta.example")),
            ("https://acme.okta.example/oauth2/default/v1/authorize", Some("https://acme.okta.example/oauth2/default")),
            ("https://acme.auth0.example/authorize", Some("https://acme.auth0.example/")),
            ("https://id.example/connect/authorize", Some("https://id.example")),
            ("https://id.example/oauth2/authorize?x=1", Some("https://id.example")),
            ("https://accounts.google.example/o/oauth2/v2/auth", None),
        ] {
            assert_eq!(first(url).as_deref(), issuer, "{url}");
        }
    }
}
