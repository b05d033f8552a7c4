//! Names that would like to be markup or script: typed into every field, and put below the checks of forms into every
//! column that a page shows.

use diesel::prelude::*;
use scraper::Html;
use vestibule::platform::store::schema::{
    audit_events, bill_lines, bills, organizations, projects, resources, sessions, users,
};

use crate::invariants::dump::Looker;
use crate::invariants::html::{self, all};
use crate::invariants::sources::none;
use crate::invariants::stage;
use crate::invariants::walk::{self, asking_for, glance};
use crate::support::TestApp;
use crate::support::client::Response;
use crate::support::people::encode;

/// A name that tries to get out of text, attributes, scripts and fields, into markup, handlers, htmx and templates.
const HOSTILE: &str = "x\"><img src=x onerror=alert(1)>'\"}</script><script>window.ran=1</script></textarea></title>\
    <svg/onload=alert(1)><div hx-get=/account hx-trigger=load hx-on:click=alert(1)>x{{7*7}}${7*7}<%=7*7%>&lt;b&gt;";

/// What a page would have if a name had become more than text.
fn faults(how: &str, answer: &Response) -> Vec<String> {
    let kind = answer.header("content-type").unwrap_or_default();
    if !kind.starts_with("text/html") || answer.body.is_empty() {
        return Vec::new();
    }
    let text = answer.text();
    let whole = text.trim_start().starts_with("<!doctype html>");
    let mut found = html::faults(&text, whole);
    // What stands in a list of other names is not looked at here: lengths and labels have invariants of their own.
    found.retain(|fault| {
        fault.contains(" on") || fault.contains("<script") || fault.contains("<style") || fault.contains("javascript:")
    });
    let page = if whole { Html::parse_document(&text) } else { Html::parse_fragment(&text) };
    for selector in ["img[src=x]", "svg[onload]", "[hx-trigger=load][hx-get='/account']", "[hx-on\\:click]"] {
        found.extend(all(&page, selector).iter().map(|element| element.html()));
    }
    if text.contains("x49$")
        || text.contains("}}49")
        || text.contains("&amp;lt;b") && !text.contains("&amp;lt;b&amp;gt;")
    {
        found.push("a name was evaluated, or escaped twice".to_owned());
    }
    found.into_iter().map(|fault| format!("{how}: {fault}")).collect()
}

/// Every free text that is kept, whatever the forms would have said of it.
fn plant(app: &TestApp, text: &str) {
    let mut connection = app.database.connect();
    let connection = &mut connection;
    // Names of people are told apart, or one could not be chosen.
    diesel::update(users::table).set((users::name.eq(text), users::nickname.eq(text))).execute(connection).unwrap();
    let company = (organizations::company_name.eq(text), organizations::representative.eq(text));
    diesel::update(organizations::table).set(company).execute(connection).unwrap();
    let project = (projects::name.eq(text), projects::description.eq(text));
    diesel::update(projects::table).set(project).execute(connection).unwrap();
    let resource = (resources::name.eq(text), resources::kind.eq(text));
    diesel::update(resources::table).set(resource).execute(connection).unwrap();
    diesel::update(bill_lines::table).set(bill_lines::description.eq(text)).execute(connection).unwrap();
    let bill = (bills::note.eq(text), bills::void_reason.eq(text), bills::announced_by.eq(text));
    diesel::update(bills::table).set(bill).execute(connection).unwrap();
    diesel::update(sessions::table).set(sessions::user_agent.eq(text)).execute(connection).unwrap();
    let details =
        serde_json::json!({ "name": { "before": text, "after": text }, "path": text, text: text }).to_string();
    let event = (
        audit_events::actor_name.eq(text),
        audit_events::target_name.eq(text),
        audit_events::user_agent.eq(text),
        audit_events::details.eq(details),
    );
    diesel::update(audit_events::table).set(event).execute(connection).unwrap();
}

/// Shows ASVS 1.2.3, 3.2.1; attack 73.
#[test]
fn asvs_1_2_1_a_name_is_text_on_every_page() {
    let app = TestApp::start();
    let people = stage::people(&app);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), stage::ORGANIZATION);
    let (mut wrong, mut shown) = (Vec::new(), 0);
    plant(&app, HOSTILE);
    for actor in people.iter().filter(|actor| ["the owner", "an Org Reader", "a Project Admin"].contains(&actor.who)) {
        for endpoint in walk::all().iter().filter(|endpoint| endpoint.method == "GET") {
            for path in walk::each_plausible(endpoint.path, &ids).into_iter().take(3) {
                for headers in [&[][..], &asking_for("div#results")] {
                    let answer = glance(&actor.person, "GET", &path, headers, "");
                    let how = format!("{path} as {}", actor.who);
                    wrong.extend(faults(&how, &answer));
                    if answer.status >= 500 {
                        wrong.push(format!("{how}: {}", answer.status));
                    }
                    let body = String::from_utf8_lossy(&answer.body);
                    shown += usize::from(body.contains("x&#34;&#62;&#60;img"));
                    // A piece is given to htmx alone; whoever opens its address gets a page.
                    let kind = answer.header("content-type").unwrap_or_default();
                    let whole = body.trim_start().starts_with("<!doctype html>");
                    if headers.is_empty() && kind.starts_with("text/html") && !body.is_empty() && !whole {
                        wrong.push(format!("{how}: no whole page"));
                    }
                }
            }
        }
    }
    none(wrong, "names that became markup");
    assert!(shown > 20, "names were shown {shown} times");
}

/// A form with every field there is, right but for the fields whose name holds `bent`; with everything bent for none.
fn form(bent: Option<&str>, text: &str) -> String {
    let pairs = url::form_urlencoded::parse(walk::rich_form().as_bytes()).into_owned().collect::<Vec<_>>();
    let is_bent = |name: &str| bent.is_none_or(|bent| name.contains(bent));
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), if is_bent(name) { text } else { value.as_str() })).collect();
    encode(&pairs)
}

/// Shows ASVS 2.2.2; attacks 63, 73, 104.
#[test]
fn asvs_1_2_1_what_is_typed_into_any_field_comes_back_as_text() {
    let app = TestApp::start();
    let people = stage::people(&app);
    let ids = walk::ids_of(&Looker::at(&app.database).look(), stage::ORGANIZATION);
    let (mut wrong, mut echoed) = (Vec::new(), 0);
    let mut routes = walk::all();
    // The last, as it ends the session.
    routes.retain(|route| route.method == "POST" && route.path != vestibule::base::urls::LOGOUT);
    for text in [HOSTILE, "\0", "a\r\nX-Injected: b", "\u{202e}x", "9223372036854775808"] {
        for actor in people.iter().filter(|actor| ["the owner", "a Project Member", "a visitor"].contains(&actor.who)) {
            // What is right for the owner would be done, and change what comes after.
            let bent =
                if actor.who == "the owner" { &[None][..] } else { &[None, Some("name"), Some("email"), Some("next")] };
            for form in bent.iter().map(|bent| form(*bent, text)) {
                for endpoint in &routes {
                    let path = walk::plausible(endpoint.path, &ids);
                    let answer = glance(&actor.person, "POST", &path, &[], &form);
                    let how = format!("POST {path} as {} of {text:?}", actor.who);
                    wrong.extend(faults(&how, &answer));
                    if answer.status >= 500 || answer.header("x-injected").is_some() {
                        wrong.push(format!("{how}: {}", answer.status));
                    }
                    echoed += usize::from(String::from_utf8_lossy(&answer.body).contains("x&#34;&#62;&#60;img"));
                }
            }
        }
    }
    none(wrong, "fields that became markup");
    assert!(echoed > 20, "what was typed came back {echoed} times");
    app.deliver();
}
