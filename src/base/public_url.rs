//! The URL that people open.

/// The public URL, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
}

impl PublicUrl {
    /// Parses a URL that is only scheme, host and port.
    pub fn parse(text: &str) -> Result<Self, String> {
        const EXAMPLE: &str = "must be only scheme, host and port, such as https://id.example.com";
        let url = url::Url::parse(text).map_err(|cause| format!("{EXAMPLE}: {cause}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("must begin with https://: {EXAMPLE}"));
        }
        // A final dot means the same host.
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_suffix('.').unwrap_or(host).to_owned();
        if host.is_empty() || host.split('.').any(str::is_empty) {
            return Err(format!("names no host: {EXAMPLE}"));
        }
        // What stands there may be a password.
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let has_login = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default().contains('@');
        let more = [
            (has_login, "a user name before the host"),
            (url.path() != "/", "a path after the host"),
            (url.query().is_some(), "a ? after the host"),
            (url.fragment().is_some(), "a # after the host"),
        ];
        if let Some((_, what)) = more.into_iter().find(|(is_there, _)| *is_there) {
            return Err(format!("has {what}: {EXAMPLE}"));
        }
        let host = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        Ok(Self { origin: format!("{}://{host}", url.scheme()), host })
    }

    /// Scheme, host and port: what browsers send as `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port: what browsers send as `Host`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether a `Host` header names this host: in any case, with or without the scheme's own port and a final dot.
    pub fn is_host(&self, host: &str) -> bool {
        Self::parse(&format!("{}://{host}", self.scheme())).is_ok_and(|named| named.host == self.host)
    }

    /// Whether an `Origin` or the beginning of a `Referer` is this one.
    pub fn is_origin_of(&self, address: &str) -> bool {
        let Ok(url) = url::Url::parse(address) else { return false };
        url.scheme() == self.scheme()
            && Self::parse(&url.origin().ascii_serialization()).is_ok_and(|named| named == *self)
    }

    /// The host name that a `Host` header names, as a URL has it: in lower case, without port and final dot.
    pub fn name_in(host: &str) -> Option<String> {
        Self::parse(&format!("http://{host}")).ok().map(|named| named.host_name().to_owned())
    }

    /// Whether a `Host` header names this machine by a name of its own, which is the public host of development mode.
    pub fn is_local(host: &str) -> bool {
        Self::name_in(host).is_some_and(|name| matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]"))
    }

    fn scheme(&self) -> &'static str {
        if self.is_https() { "https" } else { "http" }
    }

    /// The host name alone.
    pub fn host_name(&self) -> &str {
        self.host
            .rsplit_once(':')
            .map_or(&self.host, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { &self.host })
    }

    /// Whether it is https.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// An absolute link to `path`.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}
