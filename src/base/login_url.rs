//! Login URLs, where the name of an organization is asked for: of a page or of a command.

use url::{Position, Url};

use crate::base::organization_name::is_login_word;
use crate::base::text::{self, typed};
use crate::base::urls;

/// The organization that a login URL names, whole, without its scheme, or from its path on; `None` for any other text.
/// `is_ours` decides on user name, host and port, where they stand in it.
pub fn in_login_url(typed: &str, is_ours: impl FnOnce(&str) -> bool) -> Option<String> {
    const HERE: &str = "https://here.invalid";
    let plain = typed::plain(typed);
    let bare = typed::bare(&plain);
    let is_path = bare.starts_with('/');
    let url = match bare {
        path if is_path => format!("{HERE}{path}"),
        whole if whole.contains("://") => whole.to_owned(),
        // Browsers show addresses without their scheme.
        short if short.contains('/') => format!("https://{short}"),
        _ => return None,
    };
    let url = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let path = url.path().trim_end_matches('/');
    let name = match path.strip_prefix(urls::LOGIN)? {
        "" => url.query_pairs().find(|(name, _)| name == "organization").map(|(_, value)| value.into_owned())?,
        below => {
            let name = text::handle(&urls::decoded(below.strip_prefix('/')?))?;
            Some(name).filter(|name| !is_login_word(name))?
        }
    };
    text::handle(&name).filter(|_| is_path || is_ours(&url[Position::BeforeUsername..Position::AfterPort]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_url_names_its_organization_where_its_host_is_ours() {
        let ours = |host: &str| host == "id.example";
        for typed in [
            "https://id.example/login/acme",
            "https://id.example/login/ACME/",
            "https://id.example/login/acme.",
            "\"https://id.example/login/acme\"",
            "id.example/login/acme?next=%2Fconsole",
            "https://id.example/login?organization=acme",
            "/login/acme",
        ] {
            assert_eq!(in_login_url(typed, ours).as_deref(), Some("acme"), "{typed}");
        }
        for typed in [
            "acme",
            "acme/",
            "https://other.example/login/acme",
            "https://user@id.example/login/acme",
            "https://id.example/login/again",
            "https://id.example/console",
            "ftp://id.example/login/acme",
        ] {
            assert_eq!(in_login_url(typed, ours), None, "{typed}");
        }
    }
}
