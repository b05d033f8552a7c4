//! IAM > Users as a list: its column of projects, and its order by last login.

use std::collections::BTreeSet;

use chrono::Duration;
use diesel::prelude::*;
use vestibule::access::Roles;
use vestibule::base::i18n::Language;
use vestibule::base::ids::UserId;
use vestibule::base::moment::Moment;
use vestibule::base::user::Status;
use vestibule::features::users::listed_as;
use vestibule::platform::store::schema::{organizations, users};

use crate::support::page::words;
use crate::support::people::{PASSWORD, encode};
use crate::support::{Person, TestApp};

const NOBODY: Roles = Roles { owner: false, org_admin: false, org_reader: false, billing_admin: false };
const READER: Roles = Roles { org_reader: true, ..NOBODY };

/// Where the rows of the page lead: the users, in the order of the list.
fn shown(person: &Person<'_>) -> Vec<String> {
    let page = person.page();
    let rows = page.all("tbody th[scope=row] a");
    rows.iter().map(|link| link.value().attr("href").expect("a user").replace("/iam/users/", "")).collect()
}

/// The addresses of the rows of the page.
fn addresses(person: &Person<'_>) -> Vec<String> {
    person.page().all("tbody td.address").into_iter().map(words).collect()
}

/// The cell of projects in the row of an address, and where its links lead.
fn projects_of(person: &Person<'_>, email: &str) -> (String, Vec<String>) {
    let place = addresses(person).iter().position(|address| address == email).expect("the user");
    let page = person.page();
    let cell = page.all("tbody td[data-label=Projects]")[place];
    let links = cell.descendent_elements().filter_map(|element| element.value().attr("href"));
    (words(cell), links.map(str::to_owned).collect())
}

/// Every row from the page that is open on, by the link with these words, and how many there were on each page.
fn walk(person: &Person<'_>, way: &str) -> Vec<Vec<String>> {
    let mut pages = vec![shown(person)];
    loop {
        let Some(next) = person.page().link(way) else { return pages };
        person.open(&next).gets(200);
        pages.push(shown(person));
        assert!(pages.len() < 20, "{way} leads round in circles");
    }
}

#[test]
fn the_list_shows_the_first_projects_of_each_user_and_counts_the_others() {
    let app = TestApp::start();
    let owner = app.owner();
    let reader = app.colleague("acme", "reader@acme.example", READER);
    for email in ["none@acme.example", "one@acme.example", "three@acme.example", "five@acme.example"] {
        let form = [("email", email), ("name", "Jun"), ("language", "en")];
        owner.post("/iam/users/new", &form).is_at("/iam/users");
    }
    for (id, name) in [("p-1", "Alpha"), ("p-2", "Beta"), ("p-3", "Gamma"), ("p-4", "Delta"), ("p-5", "Epsilon")] {
        owner.creates_project(id, name).adds_member(id, "five@acme.example", "project_reader");
    }
    owner.adds_member("p-5", "one@acme.example", "project_admin");
    for id in ["p-2", "p-3", "p-4"] {
        owner.adds_member(id, "three@acme.example", "project_member");
    }
    // Projects of the same ids elsewhere are nobody's here.
    let other = app.owner_of("rival", "boss@rival.example");
    other.creates_project("p-1", "Foreign").adds_member("p-1", "boss@rival.example", "project_admin");

    for person in [&owner, &reader] {
        person.open("/iam/users").gets(200).sees_no("Foreign");
        assert_eq!(projects_of(person, "none@acme.example"), ("–".to_owned(), Vec::new()));
        assert_eq!(
            projects_of(person, "one@acme.example"),
            ("Epsilon".to_owned(), vec!["/iam/projects/p-5".to_owned()])
        );
        let (words, links) = projects_of(person, "three@acme.example");
        assert_eq!((words.as_str(), links.len()), ("Beta, Gamma, Delta", 3));
        let (words, links) = projects_of(person, "five@acme.example");
        assert_eq!(words, "Alpha, Beta, Gamma +2 more projects");
        assert_eq!(links[..3], ["p-1", "p-2", "p-3"].map(|id| format!("/iam/projects/{id}")));
        person.open(&links[0]).gets(200).sees("Alpha");
        person.open(&links[3]).gets(200).sees("Project roles").sees("Delta").sees("Epsilon");
    }
    other.open("/iam/users");
    assert_eq!(projects_of(&other, "boss@rival.example").0, "Foreign");
}

#[test]
fn the_list_is_sorted_by_last_login_and_whoever_never_came_stands_at_the_old_end() {
    let app = TestApp::start();
    let owner = app.owner();
    let form = [("email", "never@acme.example"), ("name", "Never"), ("language", "en")];
    owner.post("/iam/users/new", &form).is_at("/iam/users");
    app.clock.advance(Duration::minutes(1));
    app.colleague("acme", "early@acme.example", NOBODY);
    app.clock.advance(Duration::minutes(1));
    app.colleague("acme", "late@acme.example", READER);
    let oldest_first = ["never@acme.example", "owner@acme.example", "early@acme.example", "late@acme.example"];

    owner.open("/iam/users").click("Last login").is_at("/iam/users");
    assert_eq!(addresses(&owner), oldest_first);
    assert_eq!(owner.page().all("th[aria-sort=ascending]").into_iter().map(words).collect::<Vec<_>>(), ["Last login"]);
    owner.click("Last login");
    assert!(addresses(&owner).iter().eq(oldest_first.iter().rev()));
    assert_eq!(owner.page().all("th[aria-sort=descending]").len(), 1);

    // A login moves its user, from wherever they stood.
    app.clock.advance(Duration::minutes(1));
    app.visitor().log_in("acme", "early@acme.example", PASSWORD).is_at("/console");
    owner.open("/iam/users?sort=-last_login");
    assert_eq!(addresses(&owner)[0], "early@acme.example");
    // The order stays when the list is narrowed by what stands above it; a search by beginnings has an order of its own.
    owner.fill("Role", "org_reader").press("Search");
    assert_eq!(addresses(&owner), ["late@acme.example"]);
    owner.open("/iam/users?sort=-last_login&q=arl&anywhere=1");
    assert_eq!(addresses(&owner), ["early@acme.example"]);
    owner.open("/iam/users?sort=-last_login&q=early").sees("1 of 1 user");
    assert_eq!(owner.page().all("th[aria-sort], th a.sort").len(), 0);
}

/// Shows ASVS 1.4.2.
#[test]
fn a_place_that_no_row_can_have_is_the_beginning() {
    let app = TestApp::start();
    let owner = app.owner();
    for place in ["x", "Mina", "-1.a", "1.5", "9223372036854775807.a", "99999999999999999999.a", "."] {
        for (side, sort) in [("after", "last_login"), ("before", "-last_login")] {
            owner.open(&format!("/iam/users?{}", encode(&[("sort", sort), (side, place)]))).gets(200);
        }
    }
    owner.open("/iam/users?sort=last_login&after=x").sees("Mina Park");
    assert_eq!(owner.page().link("Previous"), None);
}

/// Users of an organization who logged in at these moments, or never.
fn crowd(app: &TestApp, organization: &str, people: Vec<(Option<Moment>, Status, Roles)>) {
    let mut connection = app.database.connect();
    let home = organizations::table.filter(organizations::name.eq(organization)).select(organizations::id);
    let home: String = home.first(&mut connection).expect("the organization");
    let now = app.app.clock().now();
    connection
        .transaction(|connection| {
            for (number, (last_login, status, roles)) in people.into_iter().enumerate() {
                let id: UserId = app.app.entropy().id(now).into();
                // Names go round, so that the order by name is another one.
                let name = format!("User {}", number * 37 % 101);
                let row = (
                    (users::listed_as.eq(listed_as(&name, None, &id)), users::name.eq(&name)),
                    (
                        users::id.eq(&id),
                        users::organization_id.eq(&home),
                        users::email.eq(format!("{id}@acme.example")),
                    ),
                    (users::language.eq(Language::English), users::time_zone.eq("Asia/Seoul")),
                    (users::time_zone_chosen.eq(false), users::status.eq(status), users::created_at.eq(now)),
                    (users::org_admin.eq(roles.org_admin), users::org_reader.eq(roles.org_reader)),
                    (users::billing_admin.eq(roles.billing_admin), users::last_login_at.eq(last_login)),
                );
                diesel::insert_into(users::table).values(row).execute(connection)?;
            }
            Ok::<_, diesel::result::Error>(())
        })
        .expect("new users");
}

#[derive(Queryable)]
struct Row {
    id: UserId,
    last_login: Option<Moment>,
    status: Status,
    org_reader: bool,
    billing_admin: bool,
    name: String,
}

/// Whether a row is among those that a list shows.
type Kept = fn(&Row) -> bool;

/// The users as a list by last login should have them, sorted by nothing but the rule.
fn naively(app: &TestApp, kept: Kept, descending: bool) -> Vec<String> {
    let columns =
        (users::id, users::last_login_at, users::status, users::org_reader, users::billing_admin, users::name);
    let mut rows: Vec<Row> = users::table.select(columns).load(&mut app.database.connect()).expect("all users");
    rows.retain(kept);
    rows.sort_by_key(|row| (row.last_login.is_some(), row.last_login, row.id.clone()));
    if descending {
        rows.reverse();
    }
    rows.into_iter().map(|row| row.id.to_string()).collect()
}

#[test]
fn walking_the_list_by_last_login_shows_everybody_once_in_order_there_and_back() {
    let app = TestApp::start();
    let owner = app.owner();
    let start = app.app.clock().now();
    // Seven log in at a time, so that a page ends among those of one moment.
    let at = |number: i64| Some(start - Duration::microseconds(1 + number / 7));
    let mut people = Vec::new();
    for number in 0..130 {
        // Fifty readers who came and fifty who never did: the border is the end of a page.
        let reader = Roles { org_reader: number < 50, billing_admin: (20..65).contains(&number), ..NOBODY };
        let status = if number % 3 == 0 { Status::Deactivated } else { Status::Active };
        people.push((at(number * 61 % 130), status, reader));
        let reader = Roles { org_reader: number < 50, billing_admin: number < 15, ..NOBODY };
        let status = if number % 2 == 0 { Status::Invited } else { Status::Active };
        people.push((None, status, reader));
    }
    crowd(&app, "acme", people);
    let lists: [(&[(&str, &str)], Kept); 6] = [
        (&[], |_| true),
        (&[("role", "org_reader")], |row| row.org_reader),
        // Of one part of the list only.
        (&[("status", "invited")], |row| row.status == Status::Invited),
        (&[("status", "deactivated")], |row| row.status == Status::Deactivated),
        (&[("status", "active"), ("role", "billing_admin")], |row| row.status == Status::Active && row.billing_admin),
        (&[("q", "ser 1"), ("anywhere", "1")], |row| row.name.contains("ser 1")),
    ];
    for (filters, kept) in lists {
        for (sort, descending) in [("last_login", false), ("-last_login", true)] {
            let list = encode(&[filters, &[("sort", sort)]].concat());
            let expected = naively(&app, kept, descending);
            let told = format!("{list}, {} users", expected.len());
            owner.open(&format!("/iam/users?{list}")).gets(200);
            let there = walk(&owner, "Next");
            assert_eq!(there.concat(), expected, "{told}");
            assert_eq!(there.concat().iter().collect::<BTreeSet<_>>().len(), expected.len(), "{told}");
            assert_eq!(there.len(), expected.len().div_ceil(50), "pages of {told}");
            let back: Vec<_> = walk(&owner, "Previous").into_iter().rev().collect();
            assert_eq!(back, there, "the way back through {told}");
        }
    }
}
