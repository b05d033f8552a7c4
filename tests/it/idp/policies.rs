//! What a provider in force, or on trial, does to everything else that logs people in.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::base::calendar::Day;
use vestibule::base::clock::Clock;
use vestibule::features::idp::reminders;
use vestibule::platform::store::schema::{identity_providers, idp_bindings, mailed_links, organizations, users};

use super::{Company, OWNER, TRIAL, ended};
use crate::support::Person;
use crate::support::people::PASSWORD;

const MATE: &str = "mate@acme.example";
const NEW: &str = "new@acme.example";
const EDIT: &str = "/iam/organization/account/edit";
const ADMIN: Roles = Roles { owner: false, org_admin: true, org_reader: false, billing_admin: false };

fn id(company: &Company, email: &str) -> String {
    let row = users::table.filter(users::email.eq(email.to_owned())).select(users::id);
    row.first(&mut company.database.connect()).unwrap()
}

fn status(company: &Company, email: &str) -> String {
    users::table.find(id(company, email)).select(users::status).first(&mut company.database.connect()).unwrap()
}

fn links(company: &Company) -> i64 {
    mailed_links::table.count().get_result(&mut company.database.connect()).unwrap()
}

fn two_factor(company: &Company) -> bool {
    organizations::table.select(organizations::two_factor).first(&mut company.database.connect()).unwrap()
}

fn registers(owner: &Person<'_>, email: &str) {
    owner.open("/iam/users/new").fill("Email", email).fill("Name", "Noa Kim").press("Register user").gets(200);
}

/// Somebody of the tenant, at a browser of their own.
fn visits<'a>(company: &'a Company, subject: &str, email: &str) -> Person<'a> {
    company.provider.seat("acme", subject, email);
    let person = company.visitor();
    company.logs_in(&person, "acme");
    person
}

/// Shows ASVS 6.3.4, 6.4.3; attacks 14, 58.
#[test]
fn whoever_asks_for_a_password_is_told_that_none_is_needed() {
    let company = Company::open();
    company.colleague(MATE);
    let owner = company.by_password("acme", OWNER);
    registers(&owner, NEW);
    let invitation = company.link_to(NEW, "Invitation");
    let reset = |email: &str| {
        let person = company.visitor();
        person.open("/password").fill("Organization name", "acme").fill("Email", email);
        person.press("Mail me a link").gets(200);
    };
    reset(MATE);
    let early = company.link_to(MATE, "password");
    company.goes_over();
    let before = links(&company);
    for email in [MATE, NEW] {
        reset(email);
        let told = company.mail_to(email);
        assert!(told[0].text.contains("You need no password"), "{}", told[0].text);
        assert!(told[0].links.iter().all(|link| !link.contains("/password") && !link.contains("/invitation")));
    }
    assert_eq!(links(&company), before, "no link is made");
    // Links mailed before say so, and set nothing.
    let invited = company.visitor();
    invited.open(&invitation).sees("no password");
    assert!(invited.page().field("New password").is_none());
    invited.post("/invitation", &[("new_password", PASSWORD), ("password_again", PASSWORD)]);
    let late = company.visitor();
    late.open(&early);
    assert!(late.page().field("New password").is_none(), "{}", late.page().text());
    late.post("/password/new", &[("new_password", PASSWORD), ("password_again", PASSWORD)]);
    assert_eq!(status(&company, NEW), "invited");
    // Their first login through the provider makes them active.
    visits(&company, "new-1", NEW).is_at("/console");
    assert_eq!(status(&company, NEW), "active");
    company.visitor().open(&invitation).sees_no("Register password");
}

/// Shows ASVS 6.3.4.
#[test]
fn whoever_is_registered_now_needs_no_password_step() {
    let company = Company::open();
    let (owner, _) = company.goes_over();
    registers(&owner, NEW);
    let told = company.mail_to(NEW);
    assert!(told[0].text.contains("You need no password"), "{}", told[0].text);
    assert_eq!((status(&company, NEW).as_str(), links(&company)), ("invited", 1), "the owner's of the sign-up alone");
    let new = visits(&company, "new-1", NEW);
    new.is_at("/console");
    assert_eq!(status(&company, NEW), "active");
    // Password and authenticator pages say why there is nothing to set.
    for path in ["/account/password", "/account/authenticator/setup", "/account/authenticator"] {
        new.open(path).sees("You log in through your organization’s IdP");
        assert!(new.page().field("New password").is_none() && new.page().button("Show QR code").is_none(), "{path}");
    }
    let fields = [("current_password", PASSWORD), ("new_password", PASSWORD), ("password_again", PASSWORD)];
    new.post("/account/password", &fields);
    let hash: Option<String> = users::table
        .find(id(&company, NEW))
        .select(users::password_hash)
        .first(&mut company.database.connect())
        .unwrap();
    assert_eq!(hash, None);
}

/// Shows ASVS 2.2.3.
#[test]
fn two_factor_ends_with_the_confirmation_and_stays_as_it_was_without_it() {
    let company = Company::open();
    company.colleague(MATE);
    let owner = company.by_password("acme", OWNER);
    // Prepared while nothing is on trial: the code of before turns nothing on afterwards.
    owner.open(EDIT).tick("Active").press("Save").is_at(EDIT);
    let code = company.mailed_code(OWNER);
    company.starts_trial(&owner, "acme", "acme");
    let turn_on = [("two_factor", "active"), ("one_time_code", code.as_str())];
    owner.post(EDIT, &turn_on).gets(422).sees("cannot be turned on here");
    assert!(!two_factor(&company));
    owner.open(TRIAL).press("End the trial");
    owner.post(EDIT, &turn_on).is_at("/iam/organization/account");
    assert!(two_factor(&company));
    // On trial with two-factor on: nobody comes in by less than before.
    company.advances(1);
    company.starts_trial(&owner, "acme", "acme");
    company.provider.seat("acme", "mate-1", MATE);
    let mate = company.visitor();
    mate.open("/login").fill("Organization name", "acme").press("Next").press("Log in through the IdP");
    company.travels(&mate);
    mate.gets(403).sees("only the Org Owner can log in through it for now");
    let mate = company.visitor();
    mate.log_in("acme", MATE, PASSWORD).is_at("/login/factor");
    company.advances(16);
    company.clean_up();
    assert!(two_factor(&company) && company.method() == "cloud_account");
    let mate = company.visitor();
    mate.log_in("acme", MATE, PASSWORD).is_at("/login/factor");
    // Half way when the settings are confirmed: the code that comes afterwards opens nothing.
    mate.choose_factor("Email");
    let late = company.mailed_code(MATE);
    let owner = company.visitor();
    owner.log_in("acme", OWNER, PASSWORD).is_at("/login/factor").choose_factor("Email");
    owner.type_factor(&company.mailed_code(OWNER)).is_at("/console");
    company.provider.seat("acme", "owner-1", OWNER);
    company.starts_trial(&owner, "acme", "acme");
    owner.press("Log in through the IdP");
    company.travels(&owner);
    owner.is_at("/console");
    assert!(!two_factor(&company) && company.method() == "idp_account");
    mate.post("/login/factor/code", &[("one_time_code", &late)]).is_at("/login");
    mate.open("/console").is_at("/login");
    owner.post(EDIT, &turn_on).gets(422).sees("cannot be turned on here");
    assert!(!two_factor(&company));
}

/// Shows ASVS 7.4.2.
#[test]
fn sessions_of_everybody_else_end_and_a_deactivated_user_stays_out() {
    let company = Company::open();
    let mate = company.colleague(MATE);
    let (owner, _) = company.goes_over();
    mate.open("/console").is_at("/login");
    let mate = visits(&company, "mate-1", MATE);
    mate.is_at("/console");
    owner.open(&format!("/iam/users/{}", id(&company, MATE))).press("Deactivate");
    mate.open("/console").is_at("/login");
    visits(&company, "mate-1", MATE).gets(403).sees("Your account is deactivated");
    assert_eq!(company.events("login").last(), Some(&ended("refused", "deactivated")));
    owner.open(&format!("/iam/users/{}", id(&company, MATE))).press("Reactivate");
    visits(&company, "mate-1", MATE).is_at("/console");
    // A suspended organization lets nobody in, and says so; nobody is bound meanwhile.
    let away = company.visitor();
    away.open("/login").fill("Organization name", "acme").press("Next").is_at("/auth/oidc");
    company.operator.does(&["organization", "suspend", "acme"]);
    company.travels(&away);
    away.gets(403).sees("Your organization is closed at the moment");
    owner.open("/console").is_at("/login");
    company.operator.does(&["organization", "resume", "acme"]);
    visits(&company, "mate-1", MATE).is_at("/console");
}

/// Shows ASVS 6.8.1.
#[test]
fn whoever_is_deleted_and_registered_again_inherits_nothing() {
    let company = Company::open();
    company.colleague(MATE);
    let (owner, _) = company.goes_over();
    visits(&company, "mate-1", MATE).is_at("/console");
    let bound = || -> i64 { idp_bindings::table.count().get_result(&mut company.database.connect()).unwrap() };
    assert_eq!(bound(), 2);
    let first = id(&company, MATE);
    owner.open(&format!("/iam/users/{first}/deletion"));
    owner.post(&format!("/iam/users/{first}/deletion"), &[("confirmation", MATE)]);
    assert_eq!(bound(), 1);
    visits(&company, "mate-1", MATE).gets(403).sees("not registered");
    registers(&owner, MATE);
    assert_eq!(bound(), 1);
    // Whoever has the address now is bound, and the one of before is another.
    visits(&company, "mate-2", MATE).is_at("/console");
    visits(&company, "mate-1", MATE).gets(403).sees("belongs to another account at the IdP");
    assert_ne!(id(&company, MATE), first);
}

/// Shows attack 77.
#[test]
fn a_binding_is_released_by_who_may_and_never_the_owner_s() {
    let company = Company::open();
    company.operator.app.colleague("acme", "admin@acme.example", ADMIN);
    company.colleague(MATE);
    let (owner, _) = company.goes_over();
    let mate = visits(&company, "mate-1", MATE);
    let admin = visits(&company, "admin-1", "admin@acme.example");
    let of = |email: &str| format!("/iam/users/{}/binding", id(&company, email));
    let keys = || -> Vec<String> {
        let rows = idp_bindings::table.select(idp_bindings::subject).order(idp_bindings::subject);
        rows.load(&mut company.database.connect()).unwrap()
    };
    let all = keys();
    for (person, email) in [(&admin, OWNER), (&owner, OWNER), (&mate, OWNER), (&mate, "admin@acme.example")] {
        person.post(&of(email), &[]);
        assert_eq!(keys(), all, "{email}");
    }
    owner.open("/console").is_at("/console");
    admin.post(&of(MATE), &[]);
    assert_eq!(keys().len(), 2);
    mate.open("/console").is_at("/login");
    // Another organization's administrator finds nobody.
    let stranger = company.owner_of("rival", "owner@rival.example");
    stranger.post(&of("admin@acme.example"), &[]).gets(404);
    assert_eq!(keys().len(), 2);
}

/// During the trial the address of the owner is not enough: at the provider anybody may have given it to themselves.
/// Shows attack 51.
#[test]
fn asvs_6_8_1_the_trial_is_confirmed_by_the_person_who_made_the_test_and_by_nobody_with_their_address() {
    let company = Company::open();
    let owner = company.by_password("acme", OWNER);
    company.starts_trial(&owner, "acme", "acme");
    company.provider.seat("acme", "thief-1", OWNER);
    let thief = company.visitor();
    thief.open("/login").fill("Organization name", "acme").press("Next").press("Log in through the IdP");
    company.travels(&thief);
    thief.gets(403).sees("only the Org Owner can log in through it for now");
    assert_eq!((company.method().as_str(), company.events("idp.in_force").len()), ("cloud_account", 0));
    company.provider.seat("acme", "owner-1", OWNER);
    owner.open(TRIAL).press("Log in through the IdP");
    company.travels(&owner);
    owner.is_at("/console").sees("The IdP integration is in force");
}

/// The test is the owner's: one begun by somebody who no longer owns the organization counts for nobody.
#[test]
fn a_test_on_its_way_does_not_outlive_the_ownership() {
    let company = Company::open();
    company.colleague(MATE);
    let owner = company.by_password("acme", OWNER);
    company.fills(&owner, "acme");
    owner.press("IdP integration test").is_at("/auth/oidc");
    let back = company.back(&owner.page().link("Continue").unwrap());
    owner.open("/iam/organization/ownership").fill("Email", MATE).press("Transfer ownership");
    company.provider.seat("acme", "mate-1", MATE);
    owner.open(&back);
    assert_eq!(company.events("idp.tested"), [ended("failed", "changed")]);
    let mate = company.by_password("acme", MATE);
    mate.open(TRIAL).sees("Make the IdP integration test first");
}

/// What was ended while somebody was at the provider for a fresh login stays ended.
/// Shows attack 60.
#[test]
fn asvs_7_4_1_a_fresh_login_revives_no_session_that_was_ended_meanwhile() {
    let company = Company::open();
    let (owner, _) = company.goes_over();
    company.advances(11);
    owner.open(EDIT).is_at("/confirmation").press("Continue to the IdP");
    let back = company.back(&owner.page().link("Continue").unwrap());
    let (database, count) = (company.database.share(), company.sessions());
    // The provider is slow to answer, and just then somebody ends the session.
    company.provider.change("acme", move |tenant| {
        let metadata = tenant.claims.clone();
        let shared = std::sync::Mutex::new(database);
        tenant.claims = std::sync::Arc::new(move |claims| {
            use vestibule::platform::store::schema::sessions;
            let gone = diesel::delete(sessions::table).execute(&mut shared.lock().unwrap().connect());
            assert!(gone.unwrap() > 0);
            metadata(claims);
        });
    });
    assert_eq!(count, 1);
    owner.open(&back);
    assert_eq!(company.sessions(), 0);
    assert_eq!(company.events("session.confirmed").last(), Some(&ended("refused", "session_over")));
    owner.open("/console").is_at("/login");
}

/// However a session of a password outlived the confirming login: it opens nothing.
/// Shows ASVS 7.4.2; attack 58.
#[test]
fn a_session_that_rests_on_a_password_opens_nothing_in_force() {
    use vestibule::platform::store::schema::sessions;
    let company = Company::open();
    let (owner, _) = company.goes_over();
    let turn = |method: &str| {
        let turned = diesel::update(sessions::table).set(sessions::method.eq(method.to_owned()));
        assert_eq!(turned.execute(&mut company.database.connect()), Ok(1));
    };
    turn("password");
    owner.open("/console").is_at("/login");
    turn("idp");
    owner.open("/console").is_at("/console");
}

/// Shows ASVS 6.4.5.
#[test]
fn owners_are_told_before_the_secret_stops_working_each_time_once() {
    let company = Company::open();
    company.operator.app.colleague("acme", "admin@acme.example", ADMIN);
    company.colleague(MATE);
    let owner = company.by_password("acme", OWNER);
    company.fills(&owner, "acme");
    let day = Day::of(company.clock.now() + Duration::days(40), chrono_tz::Tz::UTC).to_string();
    owner.fill("Client Secret expires on", &day).press("IdP integration test");
    company.travels(&owner);
    let codes = company.codes(&owner);
    owner.open(TRIAL).fill("One of your recovery codes", &codes[0]).fill("Organization name", "acme").press("Save");
    owner.press("Log in through the IdP");
    company.travels(&owner);
    owner.open("/iam/organization/account").sees("In 40 days");
    let told = |email: &str| {
        company.wait(reminders::remind(&company.app)).unwrap();
        company.wait(reminders::remind(&company.app)).unwrap();
        company
            .mail_to(email)
            .iter()
            .filter(|mail| mail.subject.contains("The Client Secret of your IdP expires"))
            .count()
    };
    let mut days = 40;
    let mut after = |left: i64| {
        company.clock.advance(Duration::days(days - left));
        days = left;
        told(OWNER)
    };
    let seen: Vec<usize> = [39, 31, 30, 29, 15, 14, 8, 7, 6, 2, 1, 0].into_iter().map(&mut after).collect();
    assert_eq!(seen, [0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4]);
    assert_eq!((after(-1), after(-30)), (4, 4), "none after the date");
    assert_eq!((told("admin@acme.example"), told(MATE)), (4, 0));
    // Down for weeks: the last one alone.
    let day = Day::of(company.clock.now() + Duration::days(40), chrono_tz::Tz::UTC).to_string();
    let change = (
        identity_providers::secret_expires_on.eq(Some(day.as_str())),
        identity_providers::reminded_days.eq(None::<i64>),
    );
    diesel::update(identity_providers::table).set(change).execute(&mut company.database.connect()).unwrap();
    company.clock.advance(Duration::days(34));
    assert_eq!(told(OWNER), 5);
    company.clock.advance(Duration::days(5));
    assert_eq!(told(OWNER), 6);
}

#[test]
fn owners_are_told_when_the_provider_refuses_the_secret_once_a_day() {
    let company = Company::open();
    company.goes_over();
    let told = || {
        let mails = company.mail_to(OWNER).into_iter();
        mails.filter(|mail| mail.subject.contains("Your IdP refuses the Client Secret")).count()
    };
    company.provider.change("acme", |tenant| tenant.secret = "another by now".into());
    for _ in 0..3 {
        let person = company.visitor();
        company.logs_in(&person, "acme");
        person.gets(403);
    }
    assert_eq!(told(), 1);
    company.operator.app.clock.advance(Duration::days(1) + Duration::minutes(1));
    let person = company.visitor();
    company.logs_in(&person, "acme");
    assert_eq!((told(), person.page().status), (2, 403));
}
