//! IAM > Manage organization > Security > Control console access, for administrators and for the owner in a repair.

use std::net::IpAddr;

use actix_web::HttpRequest;
use askama::Template;

use super::form::{AccessForm, Action};
use crate::access::decisions::Decides;
use crate::access::decisions::console_access::{ConsoleAccess, Decision, Entry, MOST};
use crate::access::failure::Failure;
use crate::access::{Actor, ManageSecurity, address};
use crate::base::i18n::{Text, filters};
use crate::base::moment::Moment;
use crate::base::urls;
use crate::features::policies::Policy;
use crate::features::policies::access::{self, Affected, Preview, Seen, Shared, Standpoint, preview, save};
use crate::features::policies::impact::Impact;
use crate::features::policies::settings_caller::{CallsSettings, SettingsUrls};
use crate::features::policies::versions::{self, Opening, Saved, Version};
use crate::platform::config::Proxies;
use crate::platform::store::StoreError;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

/// People that a preview names.
const NAMED: usize = 20;
/// Addresses that are suggested.
const SUGGESTED: usize = 8;

#[derive(Template)]
#[template(path = "policies/access.html", blocks = ["form"])]
struct AccessPage {
    place: SettingsUrls,
    repairs: bool,
    form: AccessForm,
    /// The list of the form, as if it were on.
    list: ConsoleAccess,
    in_force: ConsoleAccess,
    version: i64,
    own: IpAddr,
    /// Why everybody shares the reader's address, where they do.
    shared: Option<Text>,
    preview: Preview,
    /// The owner's recovery codes that are left, where the list lets its author in by IPv6 addresses alone.
    by_ipv6: Option<i64>,
    /// When each entry of the list was used last.
    used: Vec<Option<Moment>>,
    impact: Impact,
    affected: Vec<Person>,
    suggested: Vec<Seen>,
    /// What the tester says.
    tested: Option<Text>,
    problems: Problems,
    alert: Option<Text>,
    /// What was saved by somebody else since the form was opened.
    newer: Option<Version>,
}

crate::pages! { AccessPage { form }; }

/// Somebody whom the list would have refused.
struct Person {
    name: String,
    email: String,
    of: Affected,
}

impl AccessPage {
    fn is_full(&self) -> bool {
        self.list.entries.len() >= MOST
    }

    fn covers_own(&self) -> bool {
        self.preview.own != Decision::Outside
    }
}

/// Where a request stands: its address, and whether that is the client's own.
pub(crate) fn standpoint(request: &HttpRequest, proxies: &Proxies) -> Result<Standpoint, Failure> {
    let address = address::client_address(request, proxies)?;
    let shared = match () {
        () if address::is_behind_unknown_proxy(request, proxies) => Some(Shared::UnknownProxy),
        () if address::is_a_proxy(request, proxies) => Some(Shared::SilentProxy),
        () => None,
    };
    Ok(Standpoint { address, shared })
}

/// Why console access control cannot be turned on from here.
fn cannot(shared: Shared, from: Standpoint, proxies: &Proxies) -> Text {
    let id = match shared {
        Shared::UnknownProxy => "access-proxy",
        Shared::SilentProxy => "access-proxy-silent",
    };
    Text::new(id).with("address", from.address.to_string()).with("header", proxies.header.as_str())
}

async fn page<S: CallsSettings>(caller: &S, form: AccessForm) -> Result<AccessPage, Failure> {
    let app = caller.app();
    let from = standpoint(caller.request(), &app.config.proxies)?;
    match from.shared {
        Some(Shared::UnknownProxy) => {
            tracing::warn!(peer = %from.address, "forwarding headers come from a peer that is no configured proxy");
        }
        Some(Shared::SilentProxy) => {
            let header = app.config.proxies.header.as_str();
            tracing::warn!(peer = %from.address, header, "a configured proxy names no client in the header that is read");
        }
        None => {}
    }
    let (limits, list) = (app.config.sessions, ConsoleAccess { is_on: true, ..form.list() });
    let drafted = list.clone();
    let found = caller.read(move |work, caller| {
        let organization = &caller.organization;
        let in_force = access::policy(work, organization)?;
        let version = versions::current(work, organization, Policy::ConsoleAccess)?;
        let uses = access::uses(work, organization, &limits)?;
        let preview = preview(&drafted, &uses, from.address, work.now());
        let by_ipv6 = match access::relies_on_ipv6(&drafted, &uses, &caller.user, from.address, work.now()) {
            true => Some(access::owner_codes(work, organization)?),
            false => None,
        };
        let shown: Vec<_> = preview.affected.iter().take(NAMED).map(|one| one.user.clone()).collect();
        let names = access::names(work, organization, &shown)?;
        Ok::<_, StoreError>((in_force, version, preview, by_ipv6, names))
    });
    let (in_force, version, preview, by_ipv6, mut names) = found.await?;
    let person = |of: &Affected| {
        let (name, email) = names.remove(&of.user)?;
        Some(Person { name, email, of: of.clone() })
    };
    let affected = preview.affected.iter().take(NAMED).filter_map(person).collect();
    let is_listed = |seen: &&Seen| list.place(seen.address).is_some();
    let suggested = preview.seen.iter().filter(|seen| !is_listed(seen)).take(SUGGESTED).cloned().collect();
    let used = |entry: &Entry| preview.seen.iter().find(|seen| seen.address == entry.address).map(|seen| seen.at);
    let impact = Impact::default()
        .count("access-people", preview.people)
        .count("access-refused-people", preview.affected.len())
        .count("access-refused-sessions", preview.sessions);
    let impact = match preview.own {
        Decision::Outside => impact.warn(Text::new("access-own-outside").with("address", from.address.to_string())),
        Decision::By(_) | Decision::Open => {
            impact.own(Text::new("access-own-inside").with("address", from.address.to_string()), None)
        }
    };
    // Whatever button was pressed since, the form is still the one that was opened.
    let version = form.version.parse().unwrap_or(version);
    Ok(AccessPage {
        place: S::URLS,
        repairs: caller.caller().repairs(),
        used: list.entries.iter().map(used).collect(),
        form,
        list,
        in_force,
        version,
        own: from.address,
        shared: from.shared.map(|shared| cannot(shared, from, &app.config.proxies)),
        preview,
        by_ipv6,
        impact,
        affected,
        suggested,
        tested: None,
        problems: Problems::default(),
        alert: None,
        newer: None,
    })
}

/// The list that holds, or an older version of it, as a form.
async fn opened<S: CallsSettings>(caller: &S, number: Option<i64>) -> Result<AccessForm, Failure> {
    let policy = caller
        .read(move |work, caller| {
            let older = match number {
                Some(number) => versions::find(work, &caller.organization, Policy::ConsoleAccess, number)?,
                None => None,
            };
            match older.and_then(|older| older.after()) {
                Some(policy) => Ok::<ConsoleAccess, StoreError>(policy),
                None => access::policy(work, &caller.organization),
            }
        })
        .await?;
    Ok(AccessForm::of(&policy))
}

/// `GET /iam/organization/security/access`.
pub async fn show(actor: Actor<ManageSecurity>, query: Query<Opening>) -> Reply {
    let kept: Option<AccessForm> = query.0.held.kept(&actor, urls::ACCESS).await?;
    let form = match kept {
        Some(form) => form,
        None => opened(&actor, query.0.number()).await?,
    };
    Ok(Answer::page(page(&actor, form).await?))
}

/// `GET /repair/access`.
pub async fn show_repair<S: CallsSettings>(caller: S) -> Reply {
    let form = opened(&caller, None).await?;
    Ok(Answer::page(page(&caller, form).await?))
}

/// `POST /iam/organization/security/access`: changes the list on the page, tries an address, or puts the list in force.
pub async fn change<S: CallsSettings>(caller: S, form: Form<AccessForm>) -> Reply {
    let mut form = form.0;
    let from = standpoint(caller.request(), &caller.app().config.proxies)?;
    let (mut problems, mut tested) = (Problems::default(), None);
    match form.action() {
        Action::Save => return put_in_force(caller, form, from).await,
        Action::Test => match access::address::parse(&form.tested) {
            Ok(address) => tested = Some(answer(&form.list(), address, caller.app().clock().now())),
            Err(problem) => problems.add("tested", problem),
        },
        Action::Register => form.register(&mut problems),
        Action::Add(address) => form.add(address, &mut problems),
        Action::Remove(address) => form.remove(address),
        Action::Show => {}
    }
    let page = AccessPage { tested, ..page(&caller, form).await? };
    Ok(match problems.is_empty() {
        true => Answer::page(page),
        false => Answer::refused(AccessPage { problems, ..page }),
    })
}

/// What would become of an address, if the list of the page were in force.
fn answer(list: &ConsoleAccess, address: IpAddr, now: Moment) -> Text {
    let asked = ConsoleAccess { is_on: true, entries: list.entries.clone() };
    match asked.decide(&address, now) {
        Decision::Outside | Decision::Open => Text::new("access-test-outside").with("address", address.to_string()),
        Decision::By(place) => {
            let description = asked.entries.get(place).map(|entry| entry.description.clone()).unwrap_or_default();
            let id = if description.is_empty() { "access-test-inside" } else { "access-test-inside-by" };
            Text::new(id).with("address", address.to_string()).with("description", description)
        }
    }
}

async fn put_in_force<S: CallsSettings>(caller: S, form: AccessForm, from: Standpoint) -> Reply {
    let refused = |page| Ok(Answer::refused(page));
    let wanted = match form.wanted() {
        Ok(wanted) => wanted,
        Err(problems) => return refused(AccessPage { problems, ..page(&caller, form).await? }),
    };
    let (policy, version) = (wanted.clone(), form.version.parse().unwrap_or(-1));
    let (is_meant, limits) = (!form.is_meant.is_empty(), caller.app().config.sessions);
    let saved =
        caller.write(move |work, caller| save(work, caller, &policy, version, from, (is_meant, &limits))).await?;
    let done = |notice| Ok(see_other(S::URLS.home).notice(Text::new(notice)));
    let alert = match saved {
        Saved::InForce => return done(if wanted.is_on { "access-saved" } else { "access-saved-off" }),
        Saved::Same => return done("policy-same"),
        Saved::OwnAddress => Text::new("access-own-refused").with("address", from.address.to_string()),
        Saved::UnknownProxy => Text::new("access-proxy-refused").with("address", from.address.to_string()),
        Saved::NoWayBack => Text::new("access-ipv6-no-codes"),
        Saved::NotMeant => Text::new("access-ipv6-not-meant"),
        Saved::Older | Saved::ByProvider => Text::new("policy-older"),
    };
    // What is shown beside the form is known from here on: [Save] takes it for the version that it replaces.
    let version = if saved == Saved::Older { String::new() } else { form.version.clone() };
    let page = page(&caller, AccessForm { version, ..form }).await?;
    let newer = match saved {
        Saved::Older => {
            let newest =
                caller.read(|work, caller| versions::newest(work, &caller.organization, Policy::ConsoleAccess, 1));
            newest.await?.into_iter().next()
        }
        _ => None,
    };
    refused(AccessPage { alert: Some(alert), newer, ..page })
}
