//! What was refused: each leaves an event that its code leads to, and a flood leaves few rows.

use diesel::prelude::*;
use vestibule::access::{Access, Roles};
use vestibule::app::routes::routes;
use vestibule::platform::config::Mode;
use vestibule::platform::store::schema::audit_events;

use super::super::operator::Operator;
use super::{Person, TestApp};

/// Reason, count and details of the refusals that the log holds, the oldest first.
fn refusals(app: &TestApp) -> Vec<(String, i64, String)> {
    let rows = audit_events::table.filter(audit_events::event.eq("request.refused")).order(audit_events::id);
    let rows = rows.select((audit_events::reason.assume_not_null(), audit_events::count, audit_events::details));
    rows.load(&mut app.database.connect()).unwrap()
}

fn rows(app: &TestApp) -> i64 {
    audit_events::table.count().get_result(&mut app.database.connect()).unwrap()
}

fn code(person: &Person<'_>) -> String {
    person.response().header("x-reference").expect("a reference code").to_owned()
}

#[test]
fn a_code_leads_to_the_page_it_was_shown_on() {
    let app = TestApp::start();
    let owner = app.owner();
    let member = app.colleague("acme", "member@acme.example", Roles::default());
    let mut codes = Vec::new();
    for path in ["/iam/users", "/audit", "/iam/users"] {
        member.open(path).gets(403);
        codes.push((path, "GET", code(&member)));
    }
    member.post("/iam/users/new", &[("email", "x@acme.example")]).gets(403);
    codes.push(("/iam/users/new", "POST", code(&member)));
    assert_eq!(codes[0].2, codes[2].2, "what is equal is counted");
    assert_ne!(codes[0].2, codes[1].2);
    for (path, method, code) in &codes {
        owner.open(&format!("/audit?reference={code}"));
        let [id] = super::ids_on(&owner).try_into().unwrap();
        owner.open(&format!("/audit/{id}")).sees(path).sees(&format!("Request method{method}"));
    }
    assert_eq!(refusals(&app).iter().map(|(_, count, _)| *count).collect::<Vec<_>>(), [2, 1, 1]);
    app.deliver();
}

#[test]
fn one_session_leaves_sixty_rows_a_minute_and_one_more() {
    let app = TestApp::start();
    app.owner();
    let member = app.colleague("acme", "member@acme.example", Roles::default());
    for number in 0..176 {
        member.open(&format!("/iam/users/bulk?page={number}")).gets(403);
        member.open(&format!("/audit/0195a3c5-0000-7000-8000-{number:012}")).gets(403);
    }
    let rows = refusals(&app);
    assert_eq!((rows.len(), rows[0].1), (61, 176), "{rows:?}");
    let more = rows.iter().find(|row| row.0 == "more").unwrap();
    assert_eq!((more.1, more.2.matches("/audit/").count()), (176 - 59, 5), "{more:?}");
    app.deliver();
}

#[test]
fn every_refused_change_of_the_owner_has_an_event() {
    let app = TestApp::start();
    let owner = app.owner();
    let admin = app.colleague("acme", "admin@acme.example", Roles::of(&[vestibule::access::Role::OrgAdmin]));
    let id = |email: &str| -> String {
        use vestibule::platform::store::schema::users;
        users::table.filter(users::email.eq(email)).select(users::id).first(&mut app.database.connect()).unwrap()
    };
    let mut expected = Vec::new();
    for (email, reason) in [("owner@acme.example", "is_owner"), ("admin@acme.example", "is_yourself")] {
        for change in
            ["invitation", "invitation/revocation", "unlock", "sessions/logout", "deactivation", "reactivation"]
        {
            admin.post(&format!("/iam/users/{}/{change}", id(email)), &[]).gets(200);
            expected.push(reason.to_owned());
        }
        admin.post(&format!("/iam/users/{}/roles/edit", id(email)), &[("roles", "org_reader")]);
        expected.push(reason.to_owned());
    }
    admin.post(&format!("/iam/users/{}/roles/edit", id("owner@acme.example")), &[("roles", "org_owner")]).gets(422);
    expected.push("not_a_role".to_owned());
    // A role that no page offers is nobody's, wherever it is asked for.
    let new = [("email", "new@acme.example"), ("name", "New"), ("language", "en"), ("roles", "org_owner")];
    admin.post("/iam/users/new", &new).gets(422);
    owner.creates_project("first", "First").adds_member("first", "admin@acme.example", "project_reader");
    let forged = [("email", "owner@acme.example"), ("role", "project_owner")];
    owner.post("/iam/projects/first/members/new", &forged).gets(422);
    owner.post(&format!("/iam/projects/first/members/{}", id("admin@acme.example")), &forged[1..]).gets(422);
    expected.extend(["not_a_role"; 3].map(str::to_owned));
    let told: Vec<String> = refusals(&app).into_iter().map(|row| row.0).collect();
    assert_eq!(told, expected);
    owner.open("/audit?result=refused").sees("Request refused");
    app.deliver();
}

#[test]
fn every_reason_has_words_where_a_member_is_added() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.creates_project("first", "First");
    app.colleague("acme", "member@acme.example", Roles::default());
    owner.adds_member("first", "member@acme.example", "project_reader");
    for email in ["stranger@acme.example", "member@acme.example"] {
        owner.post("/iam/projects/first/members/new", &[("email", email), ("role", "project_member")]).gets(422);
    }
    let reasons: Vec<Option<String>> = audit_events::table
        .filter(audit_events::result.ne("done"))
        .order(audit_events::reason)
        .select(audit_events::reason)
        .load(&mut app.database.connect())
        .unwrap();
    assert_eq!(reasons, ["is_member", "unknown_address"].map(|word| Some(word.to_owned())));
    owner.open("/audit?event=project.member_added");
    let mut told = String::new();
    for id in super::ids_on(&owner) {
        owner.open(&format!("/audit/{id}")).sees_no("unknown_address").sees_no("is_member");
        told += &owner.response().text();
    }
    assert!(
        told.contains("There is no active user with this address") && told.contains("The user is a member already")
    );
    app.deliver();
}

#[test]
fn a_flood_without_session_writes_a_bounded_number_of_rows() {
    let app = TestApp::start_with(|config| config.limits.network_wrong_passwords = 5);
    app.owner();
    let public: Vec<_> = routes(Mode::Production)
        .into_iter()
        .filter(|route| matches!(route.access, Access::Visitor | Access::Repair))
        .collect();
    let before = rows(&app);
    let flood = app.visitor().from("203.0.113.9");
    for number in 0..80 {
        let email = format!("u{number}@acme.example");
        let fields = [
            ("organization", "acme"),
            ("email", email.as_str()),
            ("password", "wrong password of mine"),
            ("code", "123456"),
            ("recovery_code", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
        ];
        for route in public.iter().filter(|route| route.method == "POST") {
            flood.post(&route.path.replace('{', "x").replace('}', ""), &fields);
        }
        flood.post("/login", &[("organization", "acme")]);
        flood.post("/login/password", &fields);
        flood.open(&format!("/iam/users/{number}"));
        app.visitor().from("203.0.113.9").request("POST", "/login", &[("Sec-Fetch-Site", "cross-site")], "");
    }
    let written = rows(&app) - before;
    // Each kind, reason and route has one row a minute, and the wrong passwords before the network pauses.
    assert!(written <= 61 * 2, "{written} rows");
    let most: i64 = audit_events::table
        .select(diesel::dsl::max(audit_events::count))
        .first::<Option<i64>>(&mut app.database.connect())
        .unwrap()
        .unwrap();
    assert!(most >= 70, "equal ones are counted: {most}");
    app.deliver();
}

#[test]
fn rows_without_session_are_counted_by_the_48_too() {
    let app = TestApp::start();
    app.owner();
    let before = rows(&app);
    for number in 0..200 {
        let visitor = app.visitor().from(&format!("2001:db8:7:{number:x}::1"));
        visitor.request("POST", "/login", &[("Sec-Fetch-Site", "cross-site")], "");
    }
    assert_eq!(rows(&app) - before, 61, "sixty, and one for the rest");
    app.deliver();
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let operator = Operator::of_a_server();
    operator.app.owner();
    operator.app.seal();
    for arguments in [
        &["audit", "verify"][..],
        &["audit", "key"],
        &["organization", "list"],
        &["organization", "show", "acme"],
        &["keys", "generate"],
        &["keys", "rotate"],
        &["check"],
        &["migrate"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = operator.command(arguments).stdout(writer).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let output = output.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!told.contains("panicked") && output.status.code() != Some(101), "{arguments:?}: {told}");
    }
}

/// Event, reason, target, count and organization of what did not end well, the oldest first.
type Told = (String, Option<String>, Option<String>, i64, Option<String>);

fn told(app: &TestApp) -> Vec<Told> {
    let rows = audit_events::table.filter(audit_events::result.ne("done")).order(audit_events::id);
    let rows = rows.select((
        audit_events::event,
        audit_events::reason,
        audit_events::target_name,
        audit_events::count,
        audit_events::organization_id,
    ));
    rows.load(&mut app.database.connect()).unwrap()
}

#[test]
fn refusals_of_a_sign_up_are_on_record_and_a_flood_of_them_is_one_row() {
    let app = TestApp::start_with(|config| {
        config.sign_up = vestibule::platform::config::SignUp::Codes(vec!["open-sesame".to_owned()]);
    });
    let person = app.visitor().from("198.51.100.7");
    for guess in ["one", "two", "three"] {
        person.open("/signup").tick("Agree to all").fill("Sign-up code", guess).press("Next").gets(422);
    }
    person.open("/signup").tick("Agree to all").fill("Sign-up code", "open-sesame").press("Next");
    person.fill_member().press("Next").fill_last_step("admin", "owner@acme.example").press("Complete").gets(422);
    let rows = told(&app);
    let facts: Vec<_> = rows.iter().map(|row| (row.1.as_deref(), row.2.as_deref(), row.3)).collect();
    assert_eq!(facts, [(Some("wrong_code"), None, 3), (Some("name_unavailable"), Some("admin"), 1)]);
}

#[test]
fn a_dead_link_is_on_record_in_the_log_of_its_organization() {
    let app = TestApp::start();
    app.organization("acme", "owner@acme.example");
    let stranger = app.visitor().from("198.51.100.7");
    stranger.open("/password").fill("Organization name", "acme").fill("Email", "owner@acme.example");
    stranger.press("Mail me a link");
    let link = app.link_to("owner@acme.example", "new password");
    stranger.open(&link).gets(200);
    assert_eq!(told(&app), [], "a link that opens is no refusal");
    app.clock.advance(chrono::Duration::minutes(31));
    stranger.open(&link).gets(410);
    stranger.open(&link).gets(410);
    let rows = told(&app);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.1.as_deref(), row.2.as_deref(), row.3), (Some("link"), Some("owner@acme.example"), 2));
    assert!(row.4.is_some(), "the organization's own log");
    for number in 0..20 {
        stranger.open(&format!("/password/{}{number:02}", "A".repeat(41))).gets(410);
    }
    let rows = told(&app);
    assert_eq!((rows.len(), rows[1].3, &rows[1].4), (2, 20, &None), "{rows:?}");
}

#[test]
fn a_change_of_what_is_not_there_is_on_record() {
    let app = TestApp::start();
    let owner = app.owner();
    let outsider = app.owner_of("other", "owner@other.example");
    let id = |email: &str| -> String {
        use vestibule::platform::store::schema::users;
        users::table.filter(users::email.eq(email)).select(users::id).first(&mut app.database.connect()).unwrap()
    };
    let (foreign, none) = (id("owner@other.example"), "0195a3c5-0000-7000-8000-000000000001".to_owned());
    for user in [&foreign, &none] {
        owner.post(&format!("/iam/users/{user}/deactivation"), &[]).gets(404);
        owner.open(&format!("/iam/users/{user}")).gets(404);
    }
    let rows = told(&app);
    assert_eq!(rows.iter().map(|row| row.1.as_deref()).collect::<Vec<_>>(), [Some("not_there"); 2], "looking is none");
    owner.open("/audit?result=refused").sees("Request refused");
    outsider.open("/audit?result=refused");
    assert_eq!(super::ids_on(&outsider), Vec::<String>::new());
    app.deliver();
}

#[test]
fn a_form_without_a_token_is_on_record() {
    let app = TestApp::start();
    let owner = app.owner();
    assert_eq!(owner.request_as_it_is("POST", "/iam/users/new", &[], "email=a%40acme.example").status, 409);
    let rows = told(&app);
    assert_eq!(rows.iter().map(|row| row.1.as_deref()).collect::<Vec<_>>(), [Some("not_our_form")]);
    app.deliver();
}

#[test]
fn two_unknown_heirs_of_an_ownership_are_two_events() {
    let app = TestApp::start();
    let owner = app.owner();
    for email in ["ann@acme.example", "bea@acme.example", "bea@acme.example"] {
        owner.open("/iam/organization/ownership").fill("Email", email);
        owner.post("/iam/organization/ownership", &[("email", email)]).gets(422);
    }
    let rows = told(&app);
    let facts: Vec<_> = rows.iter().map(|row| (row.1.as_deref(), row.2.as_deref(), row.3)).collect();
    let unknown = Some("unknown_address");
    assert_eq!(facts, [(unknown, Some("ann@acme.example"), 1), (unknown, Some("bea@acme.example"), 2)]);
    app.deliver();
}
