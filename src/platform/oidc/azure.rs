//! From the two URLs that are pasted from Azure to tenant and discovery. What counts is the form of the paths, whatever
//! the host: national clouds have their own.

use url::Url;

use super::refusal::{Reason, Refused};

/// Tenants that stand for many: anybody with any account would be let in.
const MANY: &[&str] = &["common", "organizations", "consumers"];
/// The tenant of personal accounts, by its id.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The host that issues in the worldwide cloud, and its other names.
const ISSUING: &str = "login.microsoftonline.com";
const ALIASES: &[&str] = &["login.windows.net", "login.microsoft.com", "sts.windows.net", "login.live.com"];

/// What the pasted URLs say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// Scheme, host and port.
    pub origin: String,
    /// The tenant as pasted: its id, or a domain of it.
    pub tenant: String,
}

impl Pasted {
    /// Reads both URLs; they must be of one tenant, one host, and of version 2.
    pub fn parse(authorization: &Url, token: &Url) -> Result<Self, Refused> {
        known_host(authorization)?;
        known_host(token)?;
        let one = endpoint(authorization, "authorize", Reason::AuthorizationUrl)?;
        let other = endpoint(token, "token", Reason::TokenUrl)?;
        if one != other {
            return Err(Refused::about(Reason::TwoTenants, format!("{} ≠ {}", one.shown(), other.shown())));
        }
        Ok(one)
    }

    /// Where the metadata are; asked for with the application, they name the keys of one that has its own.
    pub fn discovery(&self, client_id: &str) -> String {
        let appid: String = url::form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
        format!("{}/{}/v2.0/.well-known/openid-configuration?appid={appid}", self.origin, self.tenant)
    }

    /// The tenant's id from the issuer that discovery found: the same host, and the pasted tenant where that is an id.
    pub fn tenant_of(&self, issuer: &str) -> Option<String> {
        let rest = issuer.strip_prefix(&self.origin)?.strip_prefix('/')?;
        let tenant = rest.strip_suffix("/v2.0").filter(|tenant| is_guid(tenant))?;
        let same = !is_guid(&self.tenant) || self.tenant.eq_ignore_ascii_case(tenant);
        (same && tenant != CONSUMERS).then(|| tenant.to_owned())
    }

    /// An endpoint of the tenant, which goes by its id or as pasted.
    pub fn endpoint(&self, tenant: &str, name: &str) -> String {
        format!("{}/{tenant}/oauth2/v2.0/{name}", self.origin)
    }

    fn shown(&self) -> String {
        format!("{}/{}", self.origin, self.tenant)
    }
}

/// Hosts of other products, and other names of the host that issues: each needs another answer than a wrong path.
fn known_host(url: &Url) -> Result<(), Refused> {
    // A final dot means the same host.
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    if host.ends_with(".b2clogin.com") {
        return Err(Refused::about(Reason::B2c, host));
    }
    if host.ends_with(".ciamlogin.com") {
        return Err(Refused::about(Reason::ExternalId, host));
    }
    if ALIASES.contains(&host) { Err(Refused::about(Reason::AliasHost, ISSUING)) } else { Ok(()) }
}

fn endpoint(url: &Url, name: &str, reason: Reason) -> Result<Pasted, Refused> {
    let mut segments: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    // A slash at the end is a slip.
    segments.pop_if(|last| last.is_empty());
    let origin = url.origin().ascii_serialization();
    let tenant = match segments.as_slice() {
        [tenant, "oauth2", "v2.0", last] if *last == name => *tenant,
        [tenant, "oauth2", last] if *last == name => {
            let corrected = format!("{origin}/{tenant}/oauth2/v2.0/{name}");
            return Err(Refused::about(Reason::Version1, corrected));
        }
        _ => return Err(Refused::about(reason, url.as_str())),
    };
    // A policy in the query belongs to another kind of tenant, whose issuer has another form.
    if url.query().is_some() || !is_tenant(tenant) {
        return Err(Refused::about(reason, url.as_str()));
    }
    let folded = tenant.to_ascii_lowercase();
    if MANY.contains(&folded.as_str()) || folded == CONSUMERS {
        return Err(Refused::about(Reason::ManyTenants, tenant));
    }
    Ok(Pasted { origin, tenant: folded })
}

fn is_tenant(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "5c8a9f2e-0b1d-4c3e-8f6a-7d2b1e0c9a84";

    fn parse(authorization: &str, token: &str) -> Result<Pasted, (Reason, Option<String>)> {
        let url = |text: &str| Url::parse(text).unwrap();
        Pasted::parse(&url(authorization), &url(token)).map_err(|refused| (refused.reason, refused.about))
    }

    fn of(host: &str, tenant: &str) -> Result<Pasted, (Reason, Option<String>)> {
        let base = format!("https://{host}/{tenant}/oauth2/v2.0");
        parse(&format!("{base}/authorize"), &format!("{base}/token"))
    }

    #[test]
    fn every_cloud_is_read_by_the_form_of_its_paths() {
        for host in [
            "login.microsoftonline.com",
            "login.microsoftonline.us",
            "login.partner.microsoftonline.cn",
            "localhost:81",
        ] {
            let pasted = of(host, GUID).unwrap();
            let address = format!("https://{host}/{GUID}/v2.0/.well-known/openid-configuration?appid=a%2Fb");
            assert_eq!(pasted.discovery("a/b"), address);
            assert_eq!(pasted.tenant_of(&format!("https://{host}/{GUID}/v2.0")).as_deref(), Some(GUID));
        }
        let by_name = of("login.microsoftonline.com", "Contoso.onmicrosoft.com").unwrap();
        assert_eq!(by_name.tenant, "contoso.onmicrosoft.com");
        let issuer = format!("https://login.microsoftonline.com/{GUID}/v2.0");
        assert_eq!(by_name.tenant_of(&issuer).as_deref(), Some(GUID));
    }

    #[test]
    fn an_issuer_of_another_host_tenant_or_form_is_none() {
        let pasted = of("login.microsoftonline.com", GUID).unwrap();
        for issuer in [
            format!("https://login.microsoftonline.com/{GUID}/v2.0/"),
            format!("https://login.microsoftonline.us/{GUID}/v2.0"),
            format!("http://login.microsoftonline.com/{GUID}/v2.0"),
            format!("https://sts.windows.net/{GUID}/"),
            "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
            "https://login.microsoftonline.com/11111111-0b1d-4c3e-8f6a-7d2b1e0c9a84/v2.0".to_owned(),
        ] {
            assert_eq!(pasted.tenant_of(&issuer), None, "{issuer}");
        }
    }

    #[test]
    fn tenants_of_many_are_refused_with_the_reason() {
        for tenant in ["common", "organizations", "consumers", "Common", CONSUMERS] {
            let refused = of("login.microsoftonline.com", tenant).unwrap_err();
            assert_eq!(refused, (Reason::ManyTenants, Some(tenant.to_owned())));
        }
    }

    #[test]
    fn version_1_is_answered_with_the_corrected_url() {
        let host = "https://login.microsoftonline.com";
        let refused = parse(&format!("{host}/{GUID}/oauth2/authorize"), &format!("{host}/{GUID}/oauth2/token"));
        assert_eq!(refused, Err((Reason::Version1, Some(format!("{host}/{GUID}/oauth2/v2.0/authorize")))));
        let second = parse(&format!("{host}/{GUID}/oauth2/v2.0/authorize"), &format!("{host}/{GUID}/oauth2/token"));
        assert_eq!(second, Err((Reason::Version1, Some(format!("{host}/{GUID}/oauth2/v2.0/token")))));
    }

    #[test]
    fn two_tenants_swapped_fields_and_policies_are_refused() {
        let host = "https://login.microsoftonline.com";
        let authorize = format!("{host}/{GUID}/oauth2/v2.0/authorize");
        let token = format!("{host}/{GUID}/oauth2/v2.0/token");
        let reason = |one: &str, other: &str| parse(one, other).unwrap_err().0;
        assert_eq!(reason(&authorize, &token.replace(GUID, "contoso.com")), Reason::TwoTenants);
        assert_eq!(reason(&authorize, &token.replace(".com", ".us")), Reason::TwoTenants);
        assert_eq!(reason(&token, &authorize), Reason::AuthorizationUrl);
        assert_eq!(reason(&authorize, &authorize), Reason::TokenUrl);
        assert_eq!(reason(&format!("{authorize}?p=b2c_1"), &token), Reason::AuthorizationUrl);
        assert_eq!(reason(&format!("{host}/a/b/oauth2/v2.0/authorize"), &token), Reason::AuthorizationUrl);
    }
}
