//! Every URL, one line each. The first argument of a handler says who may call it; the list with its permissions is a
//! snapshot in review (`docs/routes.md`).

use actix_web::http::Method;
use actix_web::http::header::LOCATION;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};

use crate::access::failure::Failure;
use crate::access::site::{Line, NavItem, Navigation, Site};
use crate::access::{
    Actor, ManageBilling, ManageLogin, ManageSecurity, OwnAccount, Permission, Rule, ViewAudit, ViewOrganization,
    ViewUsers,
};
use crate::app::{console, dev, entrance, preferences};
use crate::base::organization_name;
use crate::base::{text, urls};
use crate::features::administration::pages::deletion;
use crate::features::administration::pages::roles;
use crate::features::factors::pages as factors;
use crate::features::idp::repair::Repairer;
use crate::features::registration::pages::many;
use crate::features::registration::pages::one;
use crate::features::registration::pages::progress;
use crate::features::two_factor::pages;
use crate::features::{
    account, audit, billing, directory, idp, links, login, organization_account, policies, projects, signup,
};
use crate::platform::config::Mode;
use crate::web::guard::{Endpoint, get, post};

/// The owner in the console, who changes the settings of the identity provider.
type Owner = Actor<ManageLogin>;

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
        get("/login", entrance::name::name),
        post("/login", entrance::name::name_organization),
        get("/login/password", login::pages::password),
        get("/login/again", login::second_factor::pages::again),
        post("/login/again", login::second_factor::pages::go_on),
        get("/login/factor", login::second_factor::pages::choice),
        post("/login/factor", login::second_factor::pages::choose),
        get("/login/factor/code", login::second_factor::pages::code),
        post("/login/factor/code", login::second_factor::pages::verify),
        get("/login/factor/recovery", login::second_factor::pages::recovery),
        post("/login/factor/recovery", login::second_factor::pages::recover),
        get("/login/organizations", login::pages::organizations),
        post("/login/organizations", login::pages::mail_organizations),
        get("/login/idp", idp::login::pages::back),
        post("/login/idp", idp::login::pages::begin),
        get("/logout", login::pages::logout_page),
        post("/logout", login::pages::log_out),
        get("/login/recovery", idp::repair::pages::recovery),
        post("/login/recovery", idp::repair::pages::recover),
        get("/login/recovery/confirmation", idp::repair::pages::confirmation),
        post("/login/recovery/confirmation", idp::repair::pages::confirm),
        get("/login/recovery/code", idp::repair::pages::code_page),
        post("/login/recovery/code", idp::repair::pages::send),
        get("/login/{organization}", login::pages::show),
        post("/login/{organization}", login::pages::log_in),
        get("/repair", idp::repair::pages::show),
        get("/repair/binding", idp::repair::pages::buttons),
        post("/repair/binding", idp::repair::pages::unbind),
        get("/repair/access", policies::access::pages::show_repair::<Repairer>),
        post("/repair/access", policies::access::pages::change::<Repairer>),
        get("/repair/end", idp::repair::pages::buttons),
        post("/repair/end", idp::repair::pages::leave),
        get("/repair/idp", idp::repair::pages::settings),
        post("/repair/idp", idp::setup::pages::test::<Repairer>),
        get("/repair/idp/discovery", idp::repair::pages::settings),
        post("/repair/idp/discovery", idp::setup::pages::discover::<Repairer>),
        get("/repair/idp/test", idp::setup::pages::result::<Repairer>),
        get("/repair/idp/trial", idp::trial::pages::show::<Repairer>),
        post("/repair/idp/trial", idp::trial::pages::save::<Repairer>),
        get("/repair/idp/trial/cancellation", idp::trial::pages::end_page::<Repairer>),
        post("/repair/idp/trial/cancellation", idp::trial::pages::end::<Repairer>),
        get("/repair/idp/recovery-codes", idp::recovery::pages::show::<Repairer>),
        post("/repair/idp/recovery-codes", idp::recovery::pages::renew::<Repairer>),
        get("/auth/oidc", idp::login::pages::away),
        get("/auth/oidc/callback", idp::callback::pages::callback),
        get("/confirmation", entrance::confirmation::confirmation),
        post("/confirmation", entrance::confirmation::confirm),
        get("/confirmation/idp", idp::confirmation::pages::buttons),
        post("/confirmation/idp", idp::confirmation::pages::leave),
        get("/confirmation/code", idp::confirmation::pages::buttons),
        post("/confirmation/code", idp::confirmation::pages::send),
        get("/password", links::pages::reset),
        post("/password", links::pages::request_reset),
        get("/password/new", links::pages::new_password),
        post("/password/new", links::pages::set_new_password),
        get("/password/expired", account::expired::pages::show),
        post("/password/expired", account::expired::pages::renew),
        get("/password/strength", links::pages::strength_page),
        post("/password/strength", links::pages::strength),
        get("/password/{token}", links::pages::open_reset),
        get("/invitation", links::pages::invitation),
        post("/invitation", links::pages::register_password),
        get("/invitation/{token}", links::pages::open_invitation),
        get("/console", console::pages::home),
        get("/session", account::pages::session),
        post("/session", account::pages::stay),
        get("/iam/organization/account", organization_account::pages::account),
        get("/iam/organization/account/edit", pages::edit),
        post("/iam/organization/account/edit", pages::save),
        get("/iam/organization/account/edit/code", pages::code_page),
        post("/iam/organization/account/edit/code", pages::send_code),
        get("/iam/organization/account/edit/deactivation", pages::deactivation),
        post("/iam/organization/account/edit/deactivation", pages::turn_off),
        get("/iam/organization/account/idp", idp::setup::pages::show),
        post("/iam/organization/account/idp", idp::setup::pages::test::<Owner>),
        get("/iam/organization/account/idp/discovery", idp::setup::pages::show_discovery),
        post("/iam/organization/account/idp/discovery", idp::setup::pages::discover::<Owner>),
        get("/iam/organization/account/idp/test", idp::setup::pages::result::<Owner>),
        get("/iam/organization/account/idp/trial", idp::trial::pages::show::<Owner>),
        post("/iam/organization/account/idp/trial", idp::trial::pages::save::<Owner>),
        get("/iam/organization/account/idp/trial/cancellation", idp::trial::pages::end_page::<Owner>),
        post("/iam/organization/account/idp/trial/cancellation", idp::trial::pages::end::<Owner>),
        get("/iam/organization/account/idp/recovery-codes", idp::recovery::pages::show::<Owner>),
        post("/iam/organization/account/idp/recovery-codes", idp::recovery::pages::renew::<Owner>),
        get("/iam/organization/security", policies::pages::show),
        get("/iam/organization/security/password", policies::expiration::pages::show),
        post("/iam/organization/security/password", policies::expiration::pages::change),
        get("/iam/organization/security/access", policies::access::pages::show),
        post("/iam/organization/security/access", policies::access::pages::change::<Actor<ManageSecurity>>),
        get("/iam/organization/ownership", crate::features::ownership::pages::show),
        post("/iam/organization/ownership", crate::features::ownership::pages::hand_over),
        get("/iam/organization/deletion", crate::features::deletion::pages::show),
        post("/iam/organization/deletion", crate::features::deletion::pages::request),
        get("/iam/organization/deletion/checklist", crate::features::deletion::pages::checklist),
        get("/iam/organization/deletion/withdrawal", crate::features::deletion::pages::buttons),
        post("/iam/organization/deletion/withdrawal", crate::features::deletion::pages::withdraw),
        get("/iam/organization/deletion/export", crate::features::deletion::pages::buttons),
        post("/iam/organization/deletion/export", crate::features::export::pages::export),
        get("/iam/roles", console::pages::roles),
        get("/iam/users", directory::pages::list),
        get("/iam/users/new", one),
        post("/iam/users/new", crate::features::registration::pages::register_one),
        get("/iam/users/bulk", many),
        post("/iam/users/bulk", crate::features::registration::pages::register_many),
        get("/iam/users/bulk/{registration}", progress),
        get("/iam/users/bulk/{registration}/report", crate::features::registration::pages::report),
        get("/iam/users/{user}", crate::features::administration::pages::account),
        get("/iam/users/{user}/roles", roles),
        get("/iam/users/{user}/roles/edit", crate::features::administration::pages::edit),
        post("/iam/users/{user}/roles/edit", crate::features::administration::pages::save),
        get("/iam/users/{user}/sessions", crate::features::administration::pages::sessions),
        get("/iam/users/{user}/sessions/logout", crate::features::administration::pages::sessions_page),
        post("/iam/users/{user}/sessions/logout", crate::features::administration::pages::end_sessions),
        get("/iam/users/{user}/sessions/{session}/logout", crate::features::administration::pages::session_page),
        post("/iam/users/{user}/sessions/{session}/logout", crate::features::administration::pages::end_session),
        get("/iam/users/{user}/invitation", crate::features::administration::pages::to_account),
        post("/iam/users/{user}/invitation", crate::features::administration::pages::invite),
        get("/iam/users/{user}/invitation/revocation", crate::features::administration::pages::to_account),
        post("/iam/users/{user}/invitation/revocation", crate::features::administration::pages::revoke),
        get("/iam/users/{user}/unlock", crate::features::administration::pages::to_account),
        post("/iam/users/{user}/unlock", crate::features::administration::pages::unlock),
        get("/iam/users/{user}/deactivation", crate::features::administration::pages::to_account),
        post("/iam/users/{user}/deactivation", crate::features::administration::pages::deactivate),
        get("/iam/users/{user}/reactivation", crate::features::administration::pages::to_account),
        post("/iam/users/{user}/reactivation", crate::features::administration::pages::reactivate),
        get("/iam/users/{user}/factors", crate::features::administration::pages::factors),
        post("/iam/users/{user}/factors", crate::features::administration::pages::reset),
        get("/iam/users/{user}/binding", crate::features::administration::pages::binding),
        post("/iam/users/{user}/binding", crate::features::administration::pages::release),
        get("/iam/users/{user}/deletion", deletion),
        post("/iam/users/{user}/deletion", crate::features::administration::pages::delete),
        get("/billing", billing::pages::list),
        get("/billing/{bill}", billing::pages::show),
        get("/billing/{bill}/payment", billing::pages::payment),
        post("/billing/{bill}/payment", billing::pages::announce),
        get("/iam/projects", projects::pages::list::show),
        get("/iam/projects/new", projects::pages::list::new),
        post("/iam/projects/new", projects::pages::list::create),
        get("/iam/projects/{project}", projects::pages::project::show),
        get("/iam/projects/{project}/edit", projects::pages::project::edit),
        post("/iam/projects/{project}/edit", projects::pages::project::save),
        get("/iam/projects/{project}/deletion", projects::pages::project::deletion),
        post("/iam/projects/{project}/deletion", projects::pages::project::delete),
        get("/iam/projects/{project}/resources", projects::pages::project::resources),
        get("/iam/projects/{project}/members", projects::pages::members::show),
        get("/iam/projects/{project}/members/new", projects::pages::members::new),
        post("/iam/projects/{project}/members/new", projects::pages::members::add),
        get("/iam/projects/{project}/members/{user}", projects::pages::members::role),
        post("/iam/projects/{project}/members/{user}", projects::pages::members::change_role),
        get("/iam/projects/{project}/members/{user}/removal", projects::pages::members::removal),
        post("/iam/projects/{project}/members/{user}/removal", projects::pages::members::remove),
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
        get("/audit", audit::pages::list),
        get("/audit/logins", audit::pages::logins),
        get("/audit/export", audit::pages::export_form),
        post("/audit/export", audit::pages::export),
        get("/audit/{event}", audit::pages::show),
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

/// The routes of programs: none is public yet.
pub fn api_routes() -> Vec<Endpoint> {
    Vec::new()
}

/// Registers routes, which are numbered from `first`. Several methods of one path are one resource, so that another method is
/// "not allowed" there.
#[expect(clippy::disallowed_methods, reason = "the one place that registers routes")]
pub fn register(routes: Vec<Endpoint>, first: usize) -> impl FnOnce(&mut ServiceConfig) {
    move |service| {
        let mut paths: Vec<(&'static str, Vec<(usize, Endpoint)>)> = Vec::new();
        for (number, endpoint) in (first..).zip(routes) {
            match paths.iter_mut().find(|(path, _)| *path == endpoint.path) {
                Some((_, endpoints)) => endpoints.push((number, endpoint)),
                None => paths.push((endpoint.path, vec![(number, endpoint)])),
            }
        }
        for (path, endpoints) in paths {
            let mut resource = actix_web::web::resource(path);
            for (number, endpoint) in endpoints {
                resource = resource.route(endpoint.route(number));
            }
            service.service(resource.default_service(actix_web::web::to(not_allowed)));
        }
    }
}

/// What no route of programs has.
pub async fn no_api_route() -> Result<HttpResponse, Failure> {
    Err(Failure::NotFound)
}

async fn not_allowed() -> Result<HttpResponse, Failure> {
    Err(Failure::MethodNotAllowed)
}

/// What no route has: nothing, or an organization's login URL with a slash at its end.
pub async fn elsewhere(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let below = request.path().strip_prefix(urls::LOGIN).and_then(|below| below.strip_prefix('/')?.strip_suffix('/'));
    let named = below.map(|below| urls::decoded(below.trim_end_matches('/')));
    // A slash inside the segment is part of what was sent, and no name has one.
    let name = named.filter(|named| !named.contains('/')).and_then(|named| text::handle(&named));
    let name = name.filter(|name| reads && !organization_name::is_login_word(name)).ok_or(Failure::NotFound)?;
    let query = match request.query_string() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let address = format!("{}{query}", urls::login_to(&name));
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, address)).finish())
}

/// What pages know of this list.
pub fn site(mode: Mode) -> Site {
    let line = |endpoint: Endpoint| {
        let Endpoint { scope, method, path, access, .. } = endpoint;
        Line { scope, method, path, access }
    };
    let passing = &[urls::SESSION, urls::CONFIRMATION, urls::ACCOUNT_ZONE];
    Site { routes: routes(mode).into_iter().chain(api_routes()).map(line).collect(), navigation: NAVIGATION, passing }
}

/// The side navigation: headings and entries, in order. Each entry says who may open it.
const NAVIGATION: Navigation = &[
    (None, &[entry("nav-home", "house", urls::CONSOLE, "/console", OwnAccount::RULE)]),
    (
        Some("nav-iam"),
        &[
            entry(
                "nav-organization",
                "building-2",
                urls::ORGANIZATION_ACCOUNT,
                "/iam/organization",
                ViewOrganization::RULE,
            ),
            entry("nav-users", "users", urls::USERS, "/iam/users", ViewUsers::RULE),
            // Everyone sees the projects they belong to.
            entry("nav-projects", "folder-kanban", urls::PROJECTS, urls::PROJECTS, OwnAccount::RULE),
        ],
    ),
    (Some("nav-costs"), &[entry("nav-billing", "credit-card", urls::BILLING, "/billing", ManageBilling::RULE)]),
    (Some("nav-records"), &[entry("nav-audit", "scroll-text", urls::AUDIT, "/audit", ViewAudit::RULE)]),
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
