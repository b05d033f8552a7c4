//! The date of erasure: gone for everybody at once, and then really everything.

use std::process::Stdio;

use chrono::Duration;
use diesel::prelude::*;
use vestibule::features::deletion::erasure::carry_out;
use vestibule::platform::store::Engine;
use vestibule::platform::store::schema::{audit_events, erasures, mails, organizations, users};

use super::super::login::attempt;
use super::super::operator::Operator;
use super::super::races::at_once;
use super::super::support::client::without_tokens;
use super::super::support::people::PASSWORD;
use super::super::support::{Person, TestApp};

const OWNER: &str = "owner@acme.example";

/// What a login is told, with the name that was typed cut out.
fn told(visitor: &Person<'_>, organization: &str) -> (u16, String) {
    let answer = attempt(visitor, organization, OWNER, PASSWORD);
    let places =
        [format!(">{organization}<"), format!("/login/{organization}"), format!("organization={organization}")];
    let text = places.iter().fold(without_tokens(&answer.text()), |text, place| text.replace(place, "NAME"));
    (answer.status, text)
}

/// Days pass with the jobs that they bring.
fn days(app: &TestApp, days: i64) {
    app.clock.advance(Duration::days(days));
    app.clean_up();
}

/// Shows ASVS 14.2.7; attacks 85, 86.
#[test]
fn at_the_date_everything_is_erased_and_the_name_held() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.requests_deletion("acme");
    days(&app, 5);
    assert!(!app.mail_to(OWNER)[0].subject.contains("tomorrow"));
    days(&app, 1);
    let reminder = &app.mail_to(OWNER)[0];
    assert!(reminder.subject.contains("erased tomorrow") && reminder.text.contains("29 Nov 2026, 18:00 KST"));
    days(&app, 0);
    let again = app.mail_to(OWNER);
    assert_eq!(again.iter().filter(|mail| mail.subject.contains("tomorrow")).count(), 1, "told once");
    let kept = app.visitor();
    kept.log_in("acme", OWNER, PASSWORD).is_at("/console").sees("at the earliest");

    days(&app, 1);
    kept.open("/console").is_at("/login");
    let visitor = app.visitor();
    assert_eq!(told(&visitor, "acme"), told(&app.visitor(), "acnn"), "like an organization that never was");
    let closing = &app.mail_to(OWNER)[0];
    assert!(closing.subject.contains("Your organization is erased"), "{}", closing.subject);
    for fact in ["acme", "Users: 1", "Projects: 0", "Bills: 0", "Name held until: 27 Feb 2027, 18:00 KST"] {
        assert!(closing.text.contains(fact), "{fact}: {}", closing.text);
    }
    // The mail that told it keeps neither address nor words.
    let connection = &mut app.database.connect();
    let row = mails::table
        .filter(mails::kind.eq("deletion_done"))
        .select((mails::organization_id, mails::recipient, mails::sealed, mails::answer, mails::state))
        .first::<(Option<String>, String, Option<Vec<u8>>, Option<String>, String)>(connection);
    assert_eq!(row, Ok((None, String::new(), None, None, "sent".to_owned())));

    // Nobody has the name for ninety days; whoever has it then inherits nothing.
    let new = app.visitor();
    new.sign_up("acme", "new@acme.example").gets(422).sees("This name is not available");
    days(&app, 89);
    new.sign_up("acme", "new@acme.example").gets(422).sees("This name is not available");
    days(&app, 1);
    let heir = app.owner_of("acme", OWNER);
    let asked = audit_events::table.filter(audit_events::event.eq("organization.deletion_requested")).count();
    assert_eq!(asked.get_result::<i64>(connection), Ok(0), "its log");
    heir.open("/billing").sees("No bills yet");
    let graves =
        erasures::table.select((erasures::name_hash.is_null(), erasures::users, erasures::erased_at.is_not_null()));
    assert_eq!(graves.load::<(bool, i64, bool)>(connection), Ok(vec![(true, 1, true)]));
}

#[test]
fn held_suspended_and_owing_organizations_wait() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    app.owner().requests_deletion("acme");
    operator.does(&["organization", "hold", "acme"]);
    let bill = app.bill("acme", "2611OPENED", "2026-12-20");
    let is_there = || app.organization_id("acme").is_some();
    days(app, 8);
    assert!(is_there(), "held");
    assert!(!app.mail_to(OWNER).iter().any(|mail| mail.subject.contains("tomorrow")));
    app.database.execute("UPDATE organizations SET deletion_held_at = NULL");
    days(app, 0);
    assert!(is_there(), "a bill is open");
    app.settle(&bill);
    operator.does(&["organization", "suspend", "acme"]);
    days(app, 0);
    assert!(is_there(), "nobody could withdraw it");
    operator.does(&["organization", "resume", "acme"]);
    days(app, 0);
    assert!(!is_there());
    app.deliver();
}

#[test]
fn the_operator_carries_a_request_out_without_waiting() {
    let operator = Operator::of_a_server();
    let owner = operator.app.owner();
    assert!(operator.is_refused(&["organization", "delete", "acme", "--now"]).contains("has not asked"));
    assert_eq!(operator.run(&["organization", "delete", "acme"]).status.code(), Some(2), "--now is said");
    owner.requests_deletion("acme");
    let said = operator.does(&["organization", "delete", "acme", "--now"]);
    assert!(said.contains("nobody can have the name for 90 days"), "{said}");
    owner.open("/console").is_at("/login");
    assert_eq!(operator.does(&["organization", "list"]), "There are no organizations.\n");
    operator.app.clock.advance(Duration::minutes(1));
    assert!(operator.app.mail_to(OWNER)[0].subject.contains("is erased"));
}

#[test]
fn an_unclaimed_sign_up_is_removed_without_holding_its_name() {
    let app = TestApp::start();
    app.visitor().sign_up("acme", OWNER).is_at("/signup/done");
    days(&app, 8);
    assert_eq!(app.organization_id("acme"), None);
    let connection = &mut app.database.connect();
    assert_eq!(
        (users::table.count().get_result(connection), erasures::table.count().get_result(connection)),
        (Ok(0), Ok(0))
    );
    app.owner();
}

#[test]
fn several_instances_erase_once() {
    let app = TestApp::start();
    let beside = app.beside();
    for round in 0..super::super::rounds(10) {
        let name = format!("acme-{round}");
        app.owner_of(&name, OWNER).requests_deletion(&name);
        app.clock.advance(Duration::days(7));
        let both = [&app, &beside].map(|one| one.app.clone());
        at_once(2, |place| actix_web::rt::System::new().block_on(carry_out(&both[place])).unwrap());
        assert!(organizations::table.count().get_result(&mut app.database.connect()) == Ok(0_i64));
        let closing = app
            .mail_to(OWNER)
            .into_iter()
            .filter(|mail| mail.text.contains(&name) && mail.subject.contains("is erased"));
        assert_eq!(closing.count(), 1, "{name}");
    }
}

const EVENTS: i64 = 10_000;

pub fn fill_log(app: &TestApp, organization: &str, round: usize) {
    for thousand in 0..EVENTS / 1000 {
        let rows: Vec<String> = (0..1000)
            .map(|row| {
                let id = format!("0195a3c5-{round:04}-7000-{thousand:04}-{row:012}");
                format!("('{id}', '{organization}', 'R{round}-{thousand}-{row}', '2026-11-01 09:00:00', 'login', 'done', 'user', '{{}}', 1)")
            })
            .collect();
        let columns = "id, organization_id, reference, at, event, result, actor_kind, details, count";
        app.database.execute(&format!("INSERT INTO audit_events ({columns}) VALUES {}", rows.join(", ")));
    }
}

#[test]
fn kill_9_in_the_middle_of_an_erasure_is_finished_by_the_next_start() {
    let operator = Operator::of_a_server();
    let app = &operator.app;
    let mut connection = app.database.connect();
    let mut interrupted = 0;
    for round in 0..super::super::rounds(4) {
        let (name, email) = (format!("acme-{round}"), format!("owner@acme-{round}.example"));
        let owner = app.owner_of(&name, &email);
        owner.requests_deletion(&name);
        let id = app.organization_id(&name).unwrap();
        fill_log(app, &id, round);
        let mut left = || -> i64 {
            audit_events::table
                .filter(audit_events::organization_id.eq(&id))
                .count()
                .get_result(&mut connection)
                .unwrap()
        };
        let whole = left();
        let mut command = operator.command(&["organization", "delete", &name, "--now"]);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let stop = whole - 500 - 1500 * i64::try_from(round).unwrap();
        while left() > stop && running.try_wait().unwrap().is_none() {
            let half = left() < whole;
            // Once a row is gone the organization is, for everybody.
            assert!(!half || app.organization_id(&name).is_none(), "half visible");
        }
        running.kill().unwrap();
        running.wait().unwrap();
        interrupted += usize::from(left() > 0);
        owner.open("/console").is_at("/login");
        assert_eq!(told(&app.visitor(), &name).0, 422);
        app.visitor().sign_up(&name, "new@acme.example").gets(422);

        app.clean_up();
        assert_eq!(left(), 0);
        let gone = organizations::table.find(&id).count().get_result::<i64>(&mut app.database.connect());
        assert_eq!(gone, Ok(0));
        let grave = erasures::table.find(&id).select((erasures::erased_at.is_not_null(), erasures::events));
        assert_eq!(grave.first::<(bool, i64)>(&mut app.database.connect()), Ok((true, whole)));
        app.clock.advance(Duration::minutes(1));
        let closing = app.mail_to(&email).into_iter().filter(|mail| mail.subject.contains("is erased"));
        assert_eq!(closing.count(), 1);
    }
    assert!(interrupted > 0, "no erasure was killed in its middle");
}

const NAME: &str = "Zenobia Quillfeather";

/// How often the words are found in a folder, file by file.
fn found(folder: &std::path::Path, words: &str) -> Vec<(std::path::PathBuf, usize)> {
    let count = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(words.len()).filter(|window| *window == words.as_bytes()).count()
    };
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), count(&path))).filter(|(_, count)| *count > 0).collect()
}

#[test]
fn an_erased_organization_is_not_found_in_the_files() {
    for by_command in [false, true] {
        let operator = Operator::of_a_server();
        let app = &operator.app;
        let Engine::Sqlite = app.app.store.engine() else { return };
        let place = std::path::PathBuf::from(app.database.name());
        let folder = place.parent().unwrap();
        let owner = app.owner();
        app.organization("zeta", "owner@zeta.example");
        app.database
            .execute(&format!("UPDATE users SET name = '{NAME}', listed_as = '{NAME}' || id WHERE email = '{OWNER}'"));
        owner.open("/audit").is_at("/audit");
        // Rows of both organizations side by side, so that pages are split and what is in them moves.
        let ids = ["acme", "zeta"].map(|name| app.organization_id(name).unwrap());
        for round in 0..30 {
            let rows: Vec<String> = (0..100)
                .map(|row| {
                    let (place, mine) = ((row * 7919 + round * 104_729) % 1_000_003, row % 2);
                    let name = [NAME, "Somebody Else"][mine];
                    let id = format!("0195a3c5-{place:08}-7000-{round:04}-{row:08}");
                    let pad = "y".repeat(place % 300);
                    format!(
                        "('{id}', '{}', 'R{round}-{row}', '2026-11-01 09:00:00', 'login', 'done', 'user', '{name}', '{{\"a\":\"{name} {pad}\"}}', 1)",
                        ids[mine]
                    )
                })
                .collect();
            let columns = "id, organization_id, reference, at, event, result, actor_kind, actor_name, details, count";
            app.database.execute(&format!("INSERT INTO audit_events ({columns}) VALUES {}", rows.join(", ")));
        }
        assert!(!found(folder, NAME).is_empty(), "what is searched for was there");
        owner.requests_deletion("acme");
        app.deliver();
        match by_command {
            true => drop(operator.does(&["organization", "delete", "acme", "--now"])),
            false => days(app, 8),
        }
        assert_eq!(app.organization_id("acme"), None);
        assert_eq!(found(folder, NAME), [], "after the erasure, by command: {by_command}");
        // The closing statement leaves, and its row keeps nothing.
        app.clock.advance(Duration::minutes(1));
        app.deliver();
        app.clean_up();
        assert_eq!(found(folder, OWNER), [], "by command: {by_command}");
        app.wait(app.app.store.close());
        assert_eq!((found(folder, NAME), found(folder, OWNER)), (vec![], vec![]), "after an orderly stop");
    }
}
