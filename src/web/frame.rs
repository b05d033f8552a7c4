//! The frame around every page: who is logged in, navigation, language, notices. It reaches templates as runtime
//! values, so that page structs hold only their own data.

use crate::access::language::language;
use crate::access::site::NavItem;
use std::any::Any;

use actix_web::HttpRequest;
use chrono_tz::Tz;

use super::{assets, flash};
use crate::access::app::App;
use crate::access::{Identity, cookies};
use crate::base::i18n::Language;
use crate::base::moment::Moment;
use crate::platform::config::Mode;

/// What the layouts show.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Product name.
    pub product: String,
    /// Address of the operator's logo, if there is one.
    pub logo: Option<&'static str>,
    /// The operator's support address.
    pub support: Option<String>,
    /// `en` or `ko`.
    pub language: Language,
    /// `light`, `dark`, or nothing for the system's choice.
    pub theme: Option<&'static str>,
    /// Whether the development banner is shown.
    pub development: bool,
    /// Path and query of this page, to return to after a change of language or theme.
    pub here: String,
    /// Who is logged in.
    pub user: Option<FrameUser>,
    /// What the user may open.
    pub navigation: Vec<NavGroup>,
    /// A notice from the page before.
    pub notice: Option<flash::Notice>,
    /// Whether people can sign up.
    pub sign_up: bool,
    /// Addresses of static files.
    pub assets: assets::Urls,
}

/// The user in the frame.
#[derive(Clone, Debug)]
pub struct FrameUser {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Organization name.
    pub organization: String,
    /// The organization's login URL, whole.
    pub login_url: String,
    /// Message id of the first role, shown as a badge.
    pub role: Option<&'static str>,
    /// Time zone as stored, while the browser's may correct it.
    pub zone_to_correct: Option<String>,
    /// Whole days until the password expires, once people are told of it.
    pub password_days: Option<i64>,
    /// The date of erasure, while deletion of the organization is requested.
    pub deletion_due: Option<Moment>,
    /// When the session ends without further use, in milliseconds since 1970.
    pub session_ends: i64,
    /// The server's moment, in milliseconds since 1970.
    pub now: i64,
}

/// A group of the side navigation.
#[derive(Clone, Debug)]
pub struct NavGroup {
    /// Message id of its heading, if it has one.
    pub heading: Option<&'static str>,
    /// Its entries.
    pub items: Vec<NavItem>,
}

/// The runtime values of a page, under the names by which templates and filters ask for them.
pub struct PageValues {
    frame: Frame,
    language: Language,
    zone: Tz,
    now: Moment,
}

impl PageValues {
    /// Those of the answer to `request`.
    pub fn of(request: &HttpRequest) -> Self {
        let app = App::of(request);
        let identity = Identity::of(request);
        let language = language(request);
        let zone = identity.as_ref().map_or(Tz::UTC, |identity| identity.zone());
        let frame = Frame::new(request, app, identity.as_deref(), language);
        Self { frame, language, zone, now: app.clock().now() }
    }
}

impl askama::Values for PageValues {
    fn get_value<'a>(&'a self, name: &str) -> Option<&'a dyn Any> {
        match name {
            "frame" => Some(&self.frame),
            "language" => Some(&self.language),
            "zone" => Some(&self.zone),
            "now" => Some(&self.now),
            _ => None,
        }
    }
}

/// Where a change of language or theme comes back to. What a provider sent along with a browser stands on no page: it is
/// for the callback alone, and counts there once.
fn here(request: &HttpRequest) -> &str {
    match request.path() {
        crate::base::urls::OIDC_CALLBACK => crate::base::urls::LOGIN,
        path => request.uri().path_and_query().map_or(path, |here| here.as_str()),
    }
}

impl Frame {
    fn new(request: &HttpRequest, app: &App, identity: Option<&Identity>, language: Language) -> Self {
        let theme = match cookies::value(request, cookies::THEME).as_deref() {
            Some("light") => Some("light"),
            Some("dark") => Some("dark"),
            _ => None,
        };
        Self {
            product: app.config.brand.product.clone(),
            logo: app.logo.as_ref().map(|_| "/logo"),
            support: app.config.brand.support.clone(),
            language,
            theme,
            development: app.config.mode == Mode::Development,
            here: here(request).to_owned(),
            user: identity.map(|identity| FrameUser {
                login_url: app.config.public_url.link(&crate::base::urls::login_to(&identity.organization_name)),
                name: identity.display_name().to_owned(),
                email: identity.email.clone(),
                organization: identity.organization_name.clone(),
                role: identity.roles().first().map(|role| role.label()),
                zone_to_correct: (!identity.time_zone_chosen).then(|| identity.time_zone.clone()),
                password_days: identity.password_days(app.clock().now()),
                deletion_due: identity.deletion_due,
                session_ends: identity.ends_at(app.clock().now(), &app.config.sessions).millis(),
                now: app.clock().now().millis(),
            }),
            navigation: identity.map(|identity| navigation(request, identity)).unwrap_or_default(),
            notice: flash::notice(request),
            sign_up: app.config.sign_up != crate::platform::config::SignUp::Closed,
            assets: *assets::URLS,
        }
    }

    /// Whether there is any navigation.
    pub fn has_navigation(&self) -> bool {
        self.navigation.iter().any(|group| !group.items.is_empty())
    }

    /// Every language, for the switch in the footer.
    pub fn languages(&self) -> &'static [Language] {
        Language::ALL
    }
}

fn navigation(request: &HttpRequest, identity: &Identity) -> Vec<NavGroup> {
    let open = |items: &[NavItem]| {
        let mine = items.iter().filter(|item| identity.holds(item.rule)).copied();
        mine.map(|item| NavItem { current: request.path().starts_with(item.prefix), ..item }).collect::<Vec<_>>()
    };
    App::of(request)
        .site
        .navigation
        .iter()
        .map(|(heading, items)| NavGroup { heading: *heading, items: open(items) })
        .filter(|group| !group.items.is_empty())
        .collect()
}
