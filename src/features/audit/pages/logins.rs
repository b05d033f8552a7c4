//! Logins per day, as a picture and as a table.

use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::super::{Logins, Tally};
use crate::access::{Actor, ViewAudit};
use crate::base::i18n::{self, Language, Text, filters};
use crate::features::audit;
use crate::web::{Answer, Query, Reply};

#[derive(Template)]
#[template(path = "audit/logins.html", blocks = ["logins"])]
struct LoginsPage {
    organization: String,
    zone: &'static str,
    language: Language,
    finding: Text,
    logins: Logins,
    table: bool,
}
crate::pages! { LoginsPage { logins }; }

impl LoginsPage {
    fn day(&self, day: &NaiveDate) -> String {
        i18n::date(*day, self.language)
    }

    fn short_day(&self, day: &NaiveDate) -> String {
        i18n::short_date(*day, self.language)
    }
}

/// What the picture shows, in one sentence.
fn finding(logins: &Logins, language: Language) -> Text {
    let Tally { done, failed } = logins.total();
    match logins.worst() {
        None => Text::new("audit-logins-none-failed").with("done", done),
        Some((day, worst)) => Text::new("audit-logins-some-failed")
            .with("done", done)
            .with("failed", failed)
            .with("day", i18n::date(day, language))
            .with("worst", worst.to_string()),
    }
}

/// How the logins are to be shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct View {
    view: String,
}

/// `GET /audit/logins`. Each day is counted by itself, so that others get their turn on the database's threads.
pub async fn logins(actor: Actor<ViewAudit>, view: Query<View>) -> Reply {
    let identity = actor.identity();
    let mut days = Vec::new();
    for (day, span) in Logins::spans(actor.app().clock().now(), identity.zone()) {
        days.push((day, actor.read(move |tx| audit::logins(tx, span)).await?));
    }
    let (logins, language) = (Logins::new(days), actor.language());
    Ok(Answer::page(LoginsPage {
        organization: identity.organization_name.clone(),
        zone: identity.zone().name(),
        language,
        finding: finding(&logins, language),
        logins,
        table: view.0.view == "table",
    }))
}
