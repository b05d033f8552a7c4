//! A program that shows a bearer token (RFC 6750).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};

use super::Access;
use super::app::App;
use super::caller::ApiCaller;
use super::failure::Failure;
use super::origin;
use crate::base::digest::Digest;
use crate::platform::store::Origin;

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 4096;

/// A program with a bearer token. What the token opens is asked by who gave it out, by its digest.
pub struct Bearer {
    request: HttpRequest,
    origin: Origin,
    token: String,
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer")
    }
}

impl FromRequest for Bearer {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(origin::origin(request).and_then(|origin| {
            let token = token(request).ok_or(Failure::TokenNeeded)?;
            Ok(Self { request: request.clone(), origin, token })
        }))
    }
}

impl ApiCaller for Bearer {
    const ACCESS: Access = Access::Bearer;
}

impl Bearer {
    /// The wired application.
    pub fn app(&self) -> &App {
        App::of(&self.request)
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// By what the token is found.
    pub fn digest(&self) -> Digest {
        Digest::of(&[b"bearer token", self.token.as_bytes()])
    }
}

/// The token of the one `Authorization` header, in the characters of RFC 6750 section 2.1. Neither a form field nor the query
/// carries one: both end up in logs.
fn token(request: &HttpRequest) -> Option<String> {
    let mut lines = request.headers().get_all(AUTHORIZATION);
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let body = token.trim_end_matches('=');
    let is_written = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let fits = !body.is_empty() && token.len() <= LONGEST && body.bytes().all(is_written);
    (scheme.eq_ignore_ascii_case("Bearer") && fits).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::token;

    #[test]
    fn a_bearer_token_comes_in_one_header_and_in_its_own_characters() {
        let of = |lines: &[&str]| {
            let request = lines.iter().fold(TestRequest::default(), |request, line| {
                request.append_header(("Authorization", (*line).to_owned()))
            });
            token(&request.to_http_request())
        };
        assert_eq!(of(&["Bearer abc.DEF-1_~+/=="]).as_deref(), Some("abc.DEF-1_~+/=="));
        assert_eq!(of(&["bearer  abc"]).as_deref(), Some("abc"), "the scheme has no case (RFC 9110 section 11.1)");
        let long = format!("Bearer {}", "a".repeat(4097));
        for lines in [
            &[][..],
            &["Basic YTpi"],
            &["Bearer"],
            &["Bearer "],
            &["Bearer =="],
            &["Bearer a b"],
            &["Bearer a=b"],
            &["Bearer a,b"],
            &["Bearer \u{e4}"],
            &["Bearer a", "Bearer a"],
            &[long.as_str()],
        ] {
            assert_eq!(of(lines), None, "{lines:?}");
        }
    }
}
