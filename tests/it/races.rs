//! Many at once: one wins, the others are told, and nothing is done twice. `RACE_ROUNDS` says how often.

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::base::project_id::ProjectId;
use vestibule::features::projects::resources::{self, Registration};
use vestibule::features::projects::{ExternalId, ResourceKind, ResourceName};
use vestibule::platform::store::schema::{audit_events, organizations, projects, resources as resource_rows, users};

use super::login::attempt;
use super::support::people::{PASSWORD, encode};
use super::support::{Person, TestApp};

/// Runs one closure per number at once and collects what they return.
pub fn at_once<T: Send>(many: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..many)
            .map(|number| {
                scope.spawn({
                    let work = &work;
                    move || work(number)
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// A browser that has come to the last step of a sign-up: its address, and its cookie with the token of the form.
pub fn ready(app: &TestApp, number: usize) -> (String, String) {
    let address = format!("198.51.100.{}", number + 1);
    let person = app.visitor().from(&address);
    person.reach_last_step();
    let pending = person.cookies.borrow()["vestibule-pending"].clone();
    (address, format!("{pending} {}", person.token_for("/signup/organization").unwrap()))
}

pub fn complete(app: &TestApp, address: &str, cookie: &str, name: &str, email: &str) -> u16 {
    let person = app.visitor().from(address);
    let (pending, token) = cookie.split_once(' ').unwrap();
    person.cookies.borrow_mut().insert("vestibule-pending".into(), pending.into());
    let fields = [
        ("organization", name),
        ("name", "Mina Park"),
        ("email", email),
        ("mobile_country", "KR"),
        ("mobile", "010-2345-6789"),
        ("go", "complete"),
        ("form_token", token),
    ];
    let answer = person.request("POST", "/signup/organization", &[], &encode(&fields));
    if answer.status == 422 {
        assert!(answer.text().contains("This name is not available"), "{}", answer.text());
    }
    answer.status
}

/// Shows ASVS 2.3.4, 15.4.2.
#[test]
fn race_thirty_sign_ups_with_one_name_make_one_organization() {
    let app = TestApp::start_with(|config| config.limits.sign_ups = 100_000);
    let mut browsers: Vec<_> = (0..30).map(|number| ready(&app, number)).collect();
    let rounds = super::rounds(100);
    for round in 0..rounds {
        let (name, shared) = (format!("acme-{round}"), &browsers);
        let statuses = at_once(30, |number| {
            let (address, cookie) = &shared[number];
            complete(&app, address, cookie, &name, &format!("owner-{number}@{name}.example"))
        });
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 29, "{statuses:?}");
        let winner = statuses.iter().position(|status| *status == 303).unwrap();
        browsers[winner] = ready(&app, 30 + round);
    }
    let mut connection = app.database.connect();
    let made: i64 = organizations::table.count().get_result(&mut connection).unwrap();
    let people: i64 = users::table.count().get_result(&mut connection).unwrap();
    assert_eq!((made, people), (rounds as i64, rounds as i64));
}

/// Shows ASVS 2.3.4, 6.4.1.
#[test]
fn race_two_uses_of_one_invitation_one_wins() {
    let app = TestApp::start_with(|config| config.limits.sign_ups = 100_000);
    let passwords = [PASSWORD, "velvet-harbor-93-tundra"];
    for round in 0..super::rounds(100) {
        let (name, email) = (format!("acme-{round}"), format!("owner@acme-{round}.example"));
        let (address, cookie) = ready(&app, round % 200);
        assert_eq!(complete(&app, &address, &cookie, &name, &email), 303);
        let link = app.link_to(&email, "Invitation");
        let ends = at_once(2, |number| {
            let person = app.visitor();
            person.request("GET", &link, &[], "");
            let fields = [("new_password", passwords[number]), ("password_again", passwords[number])];
            person.request("POST", "/invitation", &[], &encode(&fields)).status
        });
        let mut sorted = ends.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [303, 410], "{ends:?}");
        let winner = ends.iter().position(|status| *status == 303).unwrap();
        assert_eq!(attempt(&app.visitor(), &name, &email, passwords[winner]).status, 303);
        let loser = app.visitor().from(&format!("10.1.{}.7", round % 250));
        assert_eq!(attempt(&loser, &name, &email, passwords[1 - winner]).status, 422);
    }
}

/// Shows ASVS 6.3.1.
#[test]
fn race_parallel_guesses_count_one_after_another() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    for round in 0..super::rounds(100) {
        let guess = |number: usize| {
            let person = app.visitor().from(&format!("10.{}.{}.7", round % 250, number));
            attempt(&person, "acme", "owner@acme.example", "a wrong password").status
        };
        let statuses = at_once(8, guess);
        assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 4, "{statuses:?}");
        let right = app.visitor();
        assert_eq!(attempt(&right, "acme", "owner@acme.example", PASSWORD).status, 429, "locked for the right one too");
        app.clock.advance(Duration::hours(25) + Duration::hours(24));
    }
    app.deliver();
}

#[test]
fn race_two_instances_deliver_each_mail_once() {
    let app = TestApp::start();
    let names = ["acme-one", "acme-two", "acme-three"];
    for name in names {
        app.organization(name, &format!("owner@{name}.example"));
    }
    let second = app.beside();
    let before = app.mailbox.all().len();
    let rounds = super::rounds(100);
    for _ in 0..rounds {
        app.clock.advance(Duration::hours(1));
        for name in names {
            let fields = [("organization", name), ("email", &format!("owner@{name}.example"))];
            assert_eq!(app.visitor().request("POST", "/password", &[], &encode(&fields)).status, 200);
        }
        let sent: usize = at_once(2, |number| [&app, &second][number].deliver().sent).into_iter().sum();
        assert_eq!(sent, 3);
    }
    assert!(app.mailbox.all().len().min(500) >= (before + rounds * 3).min(500));
}

#[test]
fn race_two_logins_of_one_browser_both_come_in() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let known = app.visitor();
    known.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
    let browser = known.cookies.borrow()["vestibule-browser"].clone();
    for _ in 0..super::rounds(20) {
        let log_in = |_: usize| {
            let person: Person<'_> = app.visitor();
            person.cookies.borrow_mut().insert("vestibule-browser".into(), browser.clone());
            attempt(&person, "acme", "owner@acme.example", PASSWORD).status
        };
        assert_eq!(at_once(2, log_in), [303, 303]);
    }
    app.deliver();
}

#[test]
fn race_two_logins_that_renew_one_hash_both_come_in() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let hash = users::table.select(users::password_hash);
    let old: Option<String> = hash.first(&mut app.database.connect()).unwrap();
    // What counts there are other parameters, so every login makes the hash anew.
    let stronger = app.beside_with(|config| config.hashing.passes = 2);
    for _ in 0..super::rounds(20) {
        let put_back = diesel::update(users::table).set(users::password_hash.eq(&old));
        assert_eq!(put_back.execute(&mut app.database.connect()).unwrap(), 1);
        let log_in = |_: usize| attempt(&stronger.visitor(), "acme", "owner@acme.example", PASSWORD).status;
        assert_eq!(at_once(2, log_in), [303, 303]);
        let new: Option<String> = hash.first(&mut app.database.connect()).unwrap();
        assert_ne!(new, old);
    }
    app.deliver();
}

#[test]
fn race_two_confirmations_of_one_session_leave_one() {
    use vestibule::platform::store::schema::sessions;
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    for _ in 0..super::rounds(20) {
        let person = app.visitor();
        person.log_in("acme", "owner@acme.example", PASSWORD).is_at("/console");
        let own = session(&person);
        let before: i64 = sessions::table.count().get_result(&mut app.database.connect()).unwrap();
        let fields = encode(&[("password", PASSWORD), ("next", "/account")]);
        let ends = at_once(2, |_| {
            let answer = browser(&app, &own).request("POST", "/confirmation", &[], &fields);
            answer.headers("set-cookie").iter().any(|line| line.starts_with("vestibule-session="))
        });
        let after: i64 = sessions::table.count().get_result(&mut app.database.connect()).unwrap();
        assert_eq!((after, ends.iter().filter(|fresh| **fresh).count()), (before, 1));
    }
    app.deliver();
}

/// A browser that is somebody's: it can be sent to another thread.
fn browser<'a>(app: &'a TestApp, cookies: &Cookies) -> Person<'a> {
    let person = app.visitor();
    person.cookies.borrow_mut().clone_from(cookies);
    person
}

type Cookies = std::collections::BTreeMap<String, String>;

fn session(person: &Person<'_>) -> Cookies {
    person.cookies.borrow().clone()
}

/// Shows ASVS 2.3.2, 2.3.4.
#[test]
fn race_two_administrators_never_make_one_project_too_many() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", Roles { org_admin: true, ..Roles::default() });
    let sessions = [session(&owner), session(&admin)];
    let create = |person: &Person<'_>, id: &str| {
        person.request("POST", "/iam/projects/new", &[], &encode(&[("display_name", id), ("project_id", id)])).status
    };
    for number in 0..29 {
        assert_eq!(create(&owner, &format!("project-{number}")), 303);
    }
    for round in 0..super::rounds(100) {
        let ids = [format!("one-{round}"), format!("two-{round}")];
        let statuses = at_once(2, |number| create(&browser(&app, &sessions[number]), &ids[number]));
        let count: i64 = projects::table.count().get_result(&mut app.database.connect()).unwrap();
        assert_eq!(count, 30, "{statuses:?}");
        let winner = statuses.iter().position(|status| *status == 303).unwrap();
        assert_eq!(statuses[1 - winner], 422, "{statuses:?}");
        let (page, typed) =
            (format!("/iam/projects/{}/deletion", ids[winner]), encode(&[("project_id", &ids[winner])]));
        assert_eq!(owner.request("POST", &page, &[], &typed).status, 303);
    }
}

/// Shows ASVS 15.4.2.
#[test]
fn race_a_project_is_deleted_or_gets_the_resource_never_both() {
    let app = TestApp::start();
    let owner = app.owner();
    let owner_session = session(&owner);
    let typed = encode(&[("project_id", "web-shop")]);
    let delete = |person: &Person<'_>| person.request("POST", "/iam/projects/web-shop/deletion", &[], &typed).status;
    let registration = Registration {
        organization: "acme".to_owned(),
        project: ProjectId::parse("web-shop").unwrap(),
        id: ExternalId::parse("vm-1").unwrap(),
        kind: ResourceKind::parse("Virtual machine").unwrap(),
        name: ResourceName::parse("web-front-1").unwrap(),
    };
    let mut outcomes = [0, 0];
    for _ in 0..super::rounds(100) {
        owner.creates_project("web-shop", "Web shop");
        let ends = at_once(2, |number| match number {
            0 => delete(&browser(&app, &owner_session)) == 303,
            _ => app.wait(resources::register(&app.app.store, registration.clone())).is_ok(),
        });
        let mut connection = app.database.connect();
        let there: i64 = projects::table.count().get_result(&mut connection).unwrap();
        let held: i64 = resource_rows::table.count().get_result(&mut connection).unwrap();
        assert_ne!(ends[0], ends[1], "deleted: {}, registered: {}", ends[0], ends[1]);
        assert_eq!((there, held), if ends[0] { (0, 0) } else { (1, 1) });
        outcomes[usize::from(ends[0])] += 1;
        if !ends[0] {
            assert!(app.wait(resources::remove(&app.app.store, "acme".to_owned(), registration.id.clone())).unwrap());
            assert_eq!(delete(&owner), 303);
        }
    }
    eprintln!("registered first {} times, deleted first {} times", outcomes[0], outcomes[1]);
}

/// Shows ASVS 6.3.1, 15.4.2.
#[test]
fn race_parallel_attempts_over_two_instances_count_no_more_than_one_after_another() {
    let app = TestApp::start_with(|config| config.limits.network_wrong_passwords = 100_000);
    app.organization("acme", "owner@acme.example");
    let second = app.beside();
    for round in 0..super::rounds(100) {
        let email = "owner@acme.example";
        let statuses = at_once(50, |number| {
            let instance = if number % 2 == 0 { &app } else { &second };
            attempt(
                &instance.visitor(),
                "acme",
                email,
                if number == 24 && round % 2 == 0 { PASSWORD } else { "a wrong password" },
            )
            .status
        });
        let failed = audit_events::table
            .filter(audit_events::event.eq("login"))
            .filter(audit_events::result.eq("failed"))
            .count()
            .get_result::<i64>(&mut app.database.connect())
            .unwrap();
        let passed = statuses.iter().filter(|status| **status == 303).count() as i64;
        // A login that works in between starts the count over.
        assert!(failed <= 5 + 4 * passed, "round {round}: {failed} counted, {passed} logged in");
        assert!(failed >= 5 || passed > 0 || statuses.contains(&503), "round {round}: {failed}");
        app.clock.advance(Duration::hours(25));
        diesel::delete(audit_events::table).execute(&mut app.database.connect()).unwrap();
    }
}
