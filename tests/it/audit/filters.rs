//! Filters, each and together, against a naive model: random events, random filters, and the same answer from both.

use chrono::{Duration, NaiveDate};
use diesel::prelude::*;
use vestibule::base::ids::EventId;
use vestibule::base::moment::Moment;
use vestibule::platform::events::{ActorKind, Kind, Outcome};
use vestibule::platform::store::schema::{audit_events, organizations, users};

use super::{TestApp, ids_on};
use crate::support::Person;
use crate::support::people::encode;

/// Numbers that come out the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

const KINDS: &[Kind] = &[Kind::Login, Kind::Logout, Kind::ProfileChanged, Kind::RequestRefused];
const NAMES: &[&str] = &["Mina Park", "Gone Long Ago", "Colleague", "=cmd|' /C calc'!A0"];

/// A row as the model knows it.
#[derive(Clone, Queryable)]
struct Known {
    id: String,
    reference: String,
    at: Moment,
    event: String,
    result: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
}

fn known(app: &TestApp, organization: &str) -> Vec<Known> {
    let mut connection = app.database.connect();
    let home = organizations::table.filter(organizations::name.eq(organization)).select(organizations::id);
    let home: String = home.first(&mut connection).unwrap();
    let columns = (
        audit_events::id,
        audit_events::reference,
        audit_events::at,
        audit_events::event,
        audit_events::result,
        audit_events::actor_id,
        audit_events::actor_name,
    );
    let rows = audit_events::table.filter(audit_events::organization_id.eq(home)).select(columns);
    rows.load(&mut connection).unwrap()
}

/// Random events of the last thirty days.
fn happen(app: &TestApp, chance: &mut Chance, organization: &str, count: usize) {
    let mut connection = app.database.connect();
    let home = organizations::table.filter(organizations::name.eq(organization)).select(organizations::id);
    let home: String = home.first(&mut connection).unwrap();
    let people: Vec<String> =
        users::table.filter(users::organization_id.eq(&home)).select(users::id).load(&mut connection).unwrap();
    for _ in 0..count {
        let at = app.app.clock().now() - Duration::minutes(i64::try_from(chance.below(30 * 24 * 60)).unwrap());
        let id: EventId = app.app.entropy().id(at).into();
        let outcome = *chance.one_of(Outcome::ALL);
        let actor = (chance.below(3) > 0).then(|| chance.one_of(&people).clone());
        let name = actor.as_ref().map(|_| *chance.one_of(NAMES));
        let kind = if actor.is_some() { ActorKind::User } else { ActorKind::Visitor };
        let row = (
            (audit_events::id.eq(id), audit_events::organization_id.eq(&home)),
            (audit_events::reference.eq(app.app.entropy().reference()), audit_events::at.eq(at)),
            (audit_events::event.eq(*chance.one_of(KINDS)), audit_events::result.eq(outcome)),
            audit_events::reason.eq((outcome != Outcome::Done).then_some("locked")),
            (audit_events::actor_kind.eq(kind), audit_events::actor_id.eq(actor), audit_events::actor_name.eq(name)),
            (audit_events::details.eq("{}"), audit_events::count.eq(1_i64)),
        );
        diesel::insert_into(audit_events::table).values(row).execute(&mut connection).unwrap();
    }
}

/// The fields of a filter as typed.
type Typed = [(&'static str, String); 6];

fn typed(chance: &mut Chance, rows: &[Known]) -> Typed {
    let day = |chance: &mut Chance| {
        let day = NaiveDate::from_ymd_opt(2026, 10, 20).unwrap() + Duration::days(chance.below(40) as i64);
        day.to_string()
    };
    let from = if chance.below(3) == 0 { day(chance) } else { String::new() };
    let to = if chance.below(3) == 0 { day(chance) } else { String::new() };
    let actor = match chance.below(5) {
        0 => "owner@acme.example".to_owned(),
        1 => "Member@ACME.example".to_owned(),
        2 => (*chance.one_of(NAMES)).to_owned(),
        _ => String::new(),
    };
    let event = if chance.below(2) == 0 { chance.one_of(KINDS).word().to_owned() } else { String::new() };
    let result = if chance.below(2) == 0 { chance.one_of(Outcome::ALL).word().to_owned() } else { String::new() };
    let reference = if chance.below(8) == 0 { chance.one_of(rows).reference.to_lowercase() } else { String::new() };
    [("from", from), ("to", to), ("actor", actor), ("event", event), ("result", result), ("reference", reference)]
}

/// What a filter lets through, newest first: one look at every row.
fn model(rows: &[Known], people: &[(String, String)], typed: &Typed) -> Vec<String> {
    let value = |name: &str| typed.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str());
    let seoul: chrono_tz::Tz = "Asia/Seoul".parse().unwrap();
    let lets_through = |row: &&Known| {
        let day = row.at.utc().with_timezone(&seoul).date_naive().to_string();
        let user = people.iter().find(|(email, _)| *email == value("actor").to_lowercase());
        let actor = match user {
            Some((_, id)) => row.actor_id.as_ref() == Some(id),
            None => row.actor_name.as_deref() == Some(value("actor")),
        };
        (value("from").is_empty() || day.as_str() >= value("from"))
            && (value("to").is_empty() || day.as_str() <= value("to"))
            && (value("actor").is_empty() || actor)
            && (value("event").is_empty() || row.event == value("event"))
            && (value("result").is_empty() || row.result == value("result"))
            && (value("reference").is_empty() || row.reference == value("reference").to_uppercase())
    };
    let mut found: Vec<String> = rows.iter().filter(lets_through).map(|row| row.id.clone()).collect();
    found.sort();
    found.reverse();
    found
}

/// Every page of a filter, from the first to the last.
fn walked(person: &Person<'_>, typed: &Typed) -> Vec<String> {
    let fields: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut found = ids_on(person.open(&format!("/audit?{}", encode(&fields))));
    while person.page().link("Next").is_some() {
        found.extend(ids_on(person.click("Next")));
    }
    found
}

#[test]
fn filters_together_let_through_what_a_naive_look_does() {
    let app = TestApp::start();
    let owner = app.owner();
    app.colleague("acme", "member@acme.example", vestibule::access::Roles::default());
    app.owner_of("rival", "boss@rival.example");
    let mut chance = Chance(0x5eed);
    happen(&app, &mut chance, "acme", 400);
    happen(&app, &mut chance, "rival", 50);
    let people: Vec<(String, String)> =
        users::table.select((users::email, users::id)).load(&mut app.database.connect()).unwrap();
    let rows = known(&app, "acme");
    let (mut long, mut empty) = (0, 0);
    for round in 0..80 {
        let typed = typed(&mut chance, &rows);
        let wanted = model(&rows, &people, &typed);
        assert_eq!(walked(&owner, &typed), wanted, "round {round}: {typed:?}");
        long += usize::from(wanted.len() > 50);
        empty += usize::from(wanted.is_empty());
    }
    assert!(long > 5 && (1..60).contains(&empty), "{long} long, {empty} empty: the filters are too alike");
    app.deliver();
}

#[test]
fn an_export_holds_what_its_filters_let_through() {
    let app = TestApp::start();
    let owner = app.owner();
    let mut chance = Chance(0xf11e);
    happen(&app, &mut chance, "acme", 300);
    let people: Vec<(String, String)> =
        users::table.select((users::email, users::id)).load(&mut app.database.connect()).unwrap();
    for _ in 0..20 {
        let typed = typed(&mut chance, &known(&app, "acme"));
        let mut fields: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("format", "jsonl"));
        let answer = owner.request("POST", "/audit/export", &[], &encode(&fields));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let text = answer.text();
        let ids = text.lines().map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            event["id"].as_str().unwrap().to_owned()
        });
        assert_eq!(ids.collect::<Vec<_>>(), model(&known(&app, "acme"), &people, &typed), "{typed:?}");
    }
    app.deliver();
}
