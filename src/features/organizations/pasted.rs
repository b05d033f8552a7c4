//! The address of a login page, pasted where the name of its organization is asked for.

use crate::base::organization_name;
use url::{Position, Url};

use crate::base::text::{self, typed};
use crate::base::urls;
use crate::platform::config::Config;
use crate::web::answers_to;

/// The organization that a login URL of ours names; what is none, as it was typed.
pub(crate) fn organization(config: &Config, typed: &str) -> String {
    named(config, &typed::plain(typed)).unwrap_or_else(|| typed.to_owned())
}

fn named(config: &Config, plain: &str) -> Option<String> {
    let url = match plain {
        path if path.starts_with('/') => config.public_url.link(path),
        whole if whole.contains("://") => whole.to_owned(),
        // Browsers show addresses without their scheme.
        short if short.contains('/') => format!("https://{short}"),
        _ => return None,
    };
    let url = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let is_ours = answers_to(config, &url[Position::BeforeUsername..Position::AfterPort]);
    let path = url.path().trim_end_matches('/');
    let name = match path.strip_prefix(urls::LOGIN)? {
        "" => url.query_pairs().find(|(name, _)| name == "organization").map(|(_, value)| value.into_owned())?,
        below => {
            let name = text::handle(&urls::decoded(below.strip_prefix('/')?))?;
            Some(name).filter(|name| !organization_name::is_login_word(name))?
        }
    };
    text::handle(&name).filter(|_| is_ours)
}
