//! People at every place of the story that draws other pages: the pages an invariant test wants to see are reached by living.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::base::entropy::Token;
use vestibule::features::rotation::instances;
use vestibule::platform::store::schema::{audit_keys, sessions};

use super::providers;
use super::walk::NO_TOKEN;
use crate::support::people::PASSWORD;
use crate::support::{Person, TestApp};

/// The organization that most people on the stage belong to.
pub const ORGANIZATION: &str = "acme";
/// Another one.
pub const OTHER: &str = "rival";

/// A person somewhere in the story.
pub struct Actor<'a> {
    pub who: &'static str,
    pub person: Person<'a>,
    /// The id of their session; empty for visitors.
    pub session: String,
}

/// The password that `live_in` leaves.
pub const CHANGED: &str = "copper-lantern-58-fjord";

/// An organization with rows in every table. Some time passes, so whoever is logged in has to confirm who they are.
pub fn live_in(app: &TestApp, name: &str, email: &str) {
    app.organization(name, email);
    let late = app.visitor();
    late.log_in(name, email, PASSWORD).is_at("/console");
    let project = format!("{name}-shop");
    late.creates_project(&project, "Shop").adds_member(&project, email, "project_reader");
    app.resource(name, &project, "vm-1", "web-front-1");
    late.open("/account").press("Send code").is_at("/account/mobile/verification");
    late.set_up_authenticator();
    late.post("/account/password", &[("new_password", CHANGED), ("password_again", CHANGED)]).is_at("/account");
    let expires = [("expires", "180"), ("version", "0"), ("seen", "180"), ("action", "save")];
    late.post("/iam/organization/security/password", &expires).is_at("/iam/organization/security");
    let guest = format!("guest@{name}.example");
    late.post("/iam/users/new", &[("email", &guest), ("name", "Guest"), ("language", "en")]).is_at("/iam/users");
    app.clock.advance(Duration::minutes(11));
    late.post("/account/password", &[("new_password", "x"), ("password_again", "y")]).is_at("/confirmation");
    let early = app.visitor();
    early
        .log_in(name, email, CHANGED)
        .open("/password")
        .fill("Organization name", name)
        .fill("Email", email)
        .press("Mail me a link");
    let stranger = app.visitor();
    let page = format!("/login/{name}");
    stranger.log_in(name, email, "not the password at all").is_at(&page);
    stranger.open("/login").fill("Organization name", name).press("Next").is_at(&page);
    // A stranger whose password was right, who was sent a code and left it at that.
    app.two_factor(name, true);
    app.visitor().log_in(name, email, CHANGED).choose_factor("Email");
    app.two_factor(name, false);
    providers::set_up(app, name);
    app.bill(name, &format!("2610{}", if name == OTHER { "RIVALS" } else { "OTHERS" }), "2026-11-10");
    app.tombstone();
    rotated(app, name);
    app.seal();
    app.deliver();
}

/// What a rotation of keys looks at and leaves.
fn rotated(app: &TestApp, name: &str) {
    app.wait(instances::note(&app.app.store, name, "web1 (127.0.0.1:8080)")).unwrap();
    let row = (
        audit_keys::id.eq(name),
        audit_keys::key.eq(vec![1; 32]),
        audit_keys::key_id.eq("unknown"),
        audit_keys::signature.eq(vec![1; 64]),
    );
    diesel::insert_into(audit_keys::table).values(row).execute(&mut app.database.connect()).unwrap();
}

/// Bills of the organization in every state.
fn bills(app: &TestApp, owner: &Person<'_>) {
    app.bill(ORGANIZATION, "2611OPENED", "2026-12-20");
    app.bill(ORGANIZATION, "2610BYPAST", "2026-11-20");
    let announced = app.bill(ORGANIZATION, "2609ONITSW", "2026-10-20");
    owner.open(&format!("/billing/{announced}/payment")).press("I have made the transfer");
    app.settle(&app.bill(ORGANIZATION, "2608SETTLE", "2026-09-20"));
    app.void(&app.bill(ORGANIZATION, "2607VOIDED", "2026-08-20"));
}

/// Everybody. Nobody's login is stale but that of "an owner whose login grew old".
pub fn people(app: &TestApp) -> Vec<Actor<'_>> {
    live_in(app, OTHER, "boss@rival.example");
    app.organization(ORGANIZATION, "owner@acme.example");
    let stale = app.visitor();
    stale.log_in(ORGANIZATION, "owner@acme.example", PASSWORD).is_at("/console");
    app.clock.advance(Duration::minutes(11));
    let owner = app.visitor();
    owner.log_in(ORGANIZATION, "owner@acme.example", PASSWORD).is_at("/console");
    let guest = [("email", "guest@acme.example"), ("name", "Guest"), ("language", "en")];
    owner.post("/iam/users/new", &guest).is_at("/iam/users");
    bills(app, &owner);
    owner.open("/account").press("Send code").is_at("/account/mobile/verification");
    owner.set_up_authenticator();
    let boss = app.visitor();
    boss.log_in(OTHER, "boss@rival.example", CHANGED).is_at("/console");
    let (mate, no) = (|email, roles| app.colleague(ORGANIZATION, email, roles), Roles::default());
    let admin = mate("admin@acme.example", Roles { org_admin: true, ..no });
    admin.open("/account/authenticator/setup").press("Show QR code").is_at("/account/authenticator/verification");
    let mut people = vec![
        ("an owner whose login grew old", stale),
        ("the owner", owner),
        ("an Org Admin", admin),
        ("an Org Reader", mate("reader@acme.example", Roles { org_reader: true, ..no })),
        ("a Billing Admin", mate("billing@acme.example", Roles { billing_admin: true, ..no })),
        ("somebody without a role", mate("member@acme.example", no)),
        ("a Project Admin", mate("padmin@acme.example", no)),
        ("a Project Member", mate("pmember@acme.example", no)),
        ("a Project Reader", mate("preader@acme.example", no)),
        ("the owner of another organization", boss),
    ];
    // A project with people, and one that cannot be deleted.
    let (_, owner) = &people[1];
    owner.creates_project("acme-shop", "Shop").creates_project("acme-vault", "Vault");
    app.resource(ORGANIZATION, "acme-vault", "disk-1", "archive");
    for (email, role) in [
        ("admin@acme.example", "project_reader"),
        ("padmin@acme.example", "project_admin"),
        ("pmember@acme.example", "project_member"),
        ("preader@acme.example", "project_reader"),
        ("guest@acme.example", "project_reader"),
    ] {
        owner.adds_member("acme-shop", email, role);
    }
    people.extend(visitors(app));
    people.extend(pending_login(app));
    let actor = |(who, person)| {
        let session = session_of(&person);
        Actor { who, person, session }
    };
    people.into_iter().map(actor).collect()
}

/// Visitors at each step of signing up, logging in, and following a mailed link.
fn visitors(app: &TestApp) -> Vec<(&'static str, Person<'_>)> {
    let new = || app.visitor();
    let (terms, member, signed_up, claimed) = (new(), new(), new(), new());
    terms.open("/").click("Sign up").tick("Agree to all").press("Next").is_at("/signup/member");
    member.reach_last_step().is_at("/signup/organization");
    signed_up.sign_up("waiting", "wait@waiting.example").is_at("/signup/done");
    claimed.sign_up("claimed", "mine@claimed.example").is_at("/signup/done");
    let (invited, used, reset, unknown, naming) = (new(), new(), new(), new(), new());
    used.open(&app.link_to("mine@claimed.example", "Invitation"));
    let link = used.cookies.borrow().clone();
    used.register_password("mine@claimed.example", PASSWORD).is_at("/login/claimed");
    *used.cookies.borrow_mut() = link;
    invited.open(&app.link_to("wait@waiting.example", "Invitation")).is_at("/invitation");
    reset
        .open("/password")
        .fill("Organization name", ORGANIZATION)
        .fill("Email", "owner@acme.example")
        .press("Mail me a link");
    reset.open(&app.link_to("owner@acme.example", "Set a new password")).is_at("/password/new");
    unknown.open(&format!("/invitation/{NO_TOKEN}")).gets(410);
    naming
        .open("/login")
        .fill("Organization name", ORGANIZATION)
        .press("Next")
        .is_at(&format!("/login/{ORGANIZATION}"));
    vec![
        ("a visitor", new()),
        ("a visitor who agreed to the terms", terms),
        ("a visitor who described the company", member),
        ("a visitor who signed up", signed_up),
        ("a visitor whose organization is claimed", claimed),
        ("a visitor with an invitation", invited),
        ("a visitor with a used invitation", used),
        ("a visitor with a link for a new password", reset),
        ("a visitor with an unknown link", unknown),
        ("a visitor who is logging in", naming),
    ]
}

/// People of an organization that has turned two-factor authentication on.
fn pending_login(app: &TestApp) -> Vec<(&'static str, Person<'_>)> {
    let email = "owner@guarded.example";
    app.organization("guarded", email);
    let (before, choosing, mailed) = (app.visitor(), app.visitor(), app.visitor());
    before.log_in("guarded", email, PASSWORD).is_at("/console");
    before.set_up_authenticator();
    app.two_factor("guarded", true);
    choosing.log_in("guarded", email, PASSWORD).is_at("/login/factor");
    mailed.log_in("guarded", email, PASSWORD).choose_factor("Email");
    let owner = app.visitor();
    owner.log_in("guarded", email, PASSWORD).choose_factor("Email").type_factor(&app.mailed_code(email));
    owner.is_at("/console");
    vec![
        ("somebody from before two-factor authentication", before),
        ("a visitor who chooses a second factor", choosing),
        ("a visitor who waits for a code", mailed),
        ("an owner with two-factor authentication", owner),
    ]
}

fn session_of(person: &Person<'_>) -> String {
    let cookies = person.cookies.borrow();
    // The cookie is signed: the secret stands at its end.
    let secret = cookies
        .get("vestibule-session")
        .and_then(|value| value.get(value.len().saturating_sub(43)..))
        .and_then(Token::parse);
    let Some(secret) = secret else { return String::new() };
    let row = sessions::table.filter(sessions::token_hash.eq(secret.digest())).select(sessions::id);
    row.first(&mut person.app.database.connect()).expect("the session of a person who is logged in")
}
