//! Every URL, one line each. The first argument of a handler says who may call it; the list with its permissions is a
//! snapshot in review (`docs/routes.md`).

use actix_web::web::ServiceConfig;

use crate::auth::{Access, OwnAccount, Permission, Rule, ViewOrganization};
use crate::config::Mode;
use crate::factors::pages as factors;
use crate::failure::Failure;
use crate::web::NavItem;
use crate::web::guard::{Endpoint, get, post};
use crate::{account, console, dev, links, login, organizations, preferences, signup, urls};

/// The routes of a mode.
pub fn routes(mode: Mode) -> Vec<Endpoint> {
    let mut routes = vec![
        get("/", console::pages::start),
        get("/terms", signup::pages::terms_to_read),
        get("/logo", console::pages::logo),
        get("/favicon.ico", console::pages::favicon),
        get("/preferences", preferences::show),
        post("/preferences", preferences::save),
        get("/signup", signup::pages::terms),
        post("/signup", signup::pages::agree),
        get("/signup/member", signup::pages::member),
        post("/signup/member", signup::pages::save_member),
        get("/signup/organization", signup::pages::organization),
        post("/signup/organization", signup::pages::complete),
        get("/signup/done", signup::pages::done),
        post("/signup/done", signup::pages::correct),
        get("/login", login::pages::organization),
        post("/login", login::pages::name_organization),
        get("/login/password", login::pages::password),
        post("/login/password", login::pages::log_in),
        get("/login/organizations", login::pages::organizations),
        post("/login/organizations", login::pages::mail_organizations),
        get("/logout", login::pages::logout_page),
        post("/logout", login::pages::log_out),
        get("/confirmation", login::pages::confirmation),
        post("/confirmation", login::pages::confirm),
        get("/password", links::pages::reset),
        post("/password", links::pages::request_reset),
        get("/password/new", links::pages::new_password),
        post("/password/new", links::pages::set_new_password),
        get("/password/strength", links::pages::strength_page),
        post("/password/strength", links::pages::strength),
        get("/password/{token}", links::pages::open_reset),
        get("/invitation", links::pages::invitation),
        post("/invitation", links::pages::register_password),
        get("/invitation/{token}", links::pages::open_invitation),
        get("/console", console::pages::home),
        get("/session", account::pages::session),
        post("/session", account::pages::stay),
        get("/iam/organization/account", organizations::pages::account),
        get("/iam/roles", console::pages::roles),
        get("/account", account::pages::show),
        post("/account", account::pages::save_profile),
        get("/account/password", account::pages::password),
        post("/account/password", account::pages::change_password),
        get("/account/mobile", factors::mobile::show),
        post("/account/mobile", factors::mobile::save),
        get("/account/mobile/code", factors::mobile::code_page),
        post("/account/mobile/code", factors::mobile::send_code),
        get("/account/mobile/verification", factors::mobile::verification),
        post("/account/mobile/verification", factors::mobile::verify),
        get("/account/mobile/removal", factors::mobile::removal),
        post("/account/mobile/removal", factors::mobile::remove),
        get("/account/authenticator", factors::authenticator::show),
        post("/account/authenticator", factors::authenticator::test),
        get("/account/authenticator/setup", factors::authenticator::setup),
        post("/account/authenticator/setup", factors::authenticator::begin),
        get("/account/authenticator/verification", factors::authenticator::verification),
        post("/account/authenticator/verification", factors::authenticator::verify),
        get("/account/authenticator/removal", factors::authenticator::removal),
        post("/account/authenticator/removal", factors::authenticator::remove),
        get("/account/authenticator/recovery-codes", factors::recovery::show),
        post("/account/authenticator/recovery-codes", factors::recovery::make),
        get("/account/authenticator/recovery-codes/file", factors::recovery::file_page),
        post("/account/authenticator/recovery-codes/file", factors::recovery::file),
        get("/account/zone", account::pages::zone_page),
        post("/account/zone", account::pages::save_zone),
        get("/account/sessions/logout", account::pages::sessions_page),
        post("/account/sessions/logout", account::pages::end_others),
        get("/account/sessions/{session}/logout", account::pages::session_page),
        post("/account/sessions/{session}/logout", account::pages::end_session),
    ];
    if mode == Mode::Development {
        routes.extend([
            get("/dev/mailbox", dev::mailbox),
            get("/dev/mailbox.json", dev::mailbox_json),
            get("/dev/mailbox/{id}", dev::message),
        ]);
    }
    routes
}

/// Registers the routes. Several methods of one path are one resource, so that another method is "not allowed" there.
#[expect(clippy::disallowed_methods, reason = "the one place that registers routes")]
pub fn register(mode: Mode) -> impl FnOnce(&mut ServiceConfig) {
    move |service| {
        let mut paths: Vec<(&'static str, Vec<Endpoint>)> = Vec::new();
        for endpoint in routes(mode) {
            match paths.iter_mut().find(|(path, _)| *path == endpoint.path) {
                Some((_, endpoints)) => endpoints.push(endpoint),
                None => paths.push((endpoint.path, vec![endpoint])),
            }
        }
        for (path, endpoints) in paths {
            let mut resource = actix_web::web::resource(path);
            for endpoint in endpoints {
                resource = resource.route(endpoint.route());
            }
            service.service(resource.default_service(actix_web::web::to(not_allowed)));
        }
    }
}

async fn not_allowed() -> Result<actix_web::HttpResponse, Failure> {
    Err(Failure::MethodNotAllowed)
}

/// Whether `path` is a page that only people who are logged in open, and that can be opened by itself.
pub fn is_console_page(path: &str) -> bool {
    const PASSING: &[&str] = &[urls::SESSION, urls::CONFIRMATION, urls::ACCOUNT_ZONE];
    let page = |endpoint: &Endpoint| {
        endpoint.method == actix_web::http::Method::GET
            && matches!(endpoint.access, Access::Permission(_))
            && is_of(path, endpoint.path)
            && !PASSING.contains(&path)
    };
    routes(Mode::Production).iter().any(page)
}

/// Whether `path` has the pattern of a route; a variable segment takes what ids are written with.
fn is_of(path: &str, pattern: &str) -> bool {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let (mut typed, mut known) = (path.split('/'), pattern.split('/'));
    loop {
        match (typed.next(), known.next()) {
            (None, None) => return true,
            (Some(typed), Some(known)) if typed == known || known.starts_with('{') && is_id(typed) => {}
            _ => return false,
        }
    }
}

/// Whether `path` is a page that a GET without a variable segment opens.
pub fn is_page(path: &str) -> bool {
    let page = |endpoint: &Endpoint| endpoint.method == actix_web::http::Method::GET && endpoint.path == path;
    routes(Mode::Development).iter().any(page)
}

/// The side navigation: headings and entries, in order. Each entry says who may open it.
pub const NAVIGATION: &[(Option<&str>, &[NavItem])] = &[
    (None, &[entry("nav-home", "house", urls::CONSOLE, "/console", OwnAccount::RULE)]),
    (
        Some("nav-iam"),
        &[entry(
            "nav-organization",
            "building-2",
            urls::ORGANIZATION_ACCOUNT,
            "/iam/organization",
            ViewOrganization::RULE,
        )],
    ),
    (Some("nav-you"), &[entry("nav-account", "settings", urls::ACCOUNT, "/account", OwnAccount::RULE)]),
];

const fn entry(
    label: &'static str,
    icon: &'static str,
    url: &'static str,
    prefix: &'static str,
    rule: &'static Rule,
) -> NavItem {
    NavItem { label, icon, url, prefix, rule, current: false }
}
