//! Pages of a repair: the recovery code, what confirms it, and where it leads.

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use askama::Template;
use serde::Deserialize;

use super::{
    LIFETIME, Opened, Repair, Repairer, about, confirm_by_code, confirm_by_password, end, open, release, send_code,
};
use crate::access::failure::Failure;
use crate::access::{Visitor, cookies};
use crate::base::entropy::{Code, Token};
use crate::base::i18n::{Text, filters};
use crate::base::moment::Moment;
use crate::base::problem::Problem;
use crate::base::{text, urls};
use crate::features::factors::recovery::RecoveryCode;
use crate::features::idp::{self, Providers, bindings};
use crate::features::organizations::pasted;
use crate::features::passwords::Attempt;
use crate::features::policies::settings_caller::CallsSettings;
use crate::platform::codes::{IssueError, Sent, Verdict};
use crate::platform::store::StoreError;
use crate::web::waiting::waiting;
use crate::web::{Answer, Form, Problems, Reply, see_other};

#[derive(Template)]
#[template(path = "idp/recovery.html", blocks = ["form"])]
struct RecoveryPage {
    form: RecoveryForm,
    problems: Problems,
    alert: Option<Text>,
}

#[derive(Template)]
#[template(path = "idp/repair_confirmation.html")]
struct ConfirmationPage {
    repair: Repair,
    sent: Option<Sent>,
    problems: Problems,
    alert: Option<Text>,
}

#[derive(Template)]
#[template(path = "idp/repair.html")]
struct RepairPage {
    organization: String,
    until: Moment,
    providers: Providers,
    is_bound: bool,
}

crate::pages! {
    RecoveryPage { form };
    ConfirmationPage;
    RepairPage;
}

fn cookie(token: &Token) -> actix_web::cookie::Cookie<'static> {
    let lifetime = Some(Duration::minutes(LIFETIME.num_minutes()));
    cookies::cookie(cookies::REPAIR, token.expose(), SameSite::Lax, lifetime)
}

/// The recovery code, as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RecoveryForm {
    organization: String,
    email: String,
    recovery_code: String,
}

/// `GET /login/recovery`.
pub async fn recovery(visitor: Visitor) -> Reply {
    let organization = visitor.cookie(cookies::ORGANIZATION).unwrap_or_default();
    let form = RecoveryForm { organization, ..RecoveryForm::default() };
    Ok(Answer::page(RecoveryPage { form, problems: Problems::default(), alert: None }))
}

/// `POST /login/recovery`: a right code is used up, and what confirms it is asked for.
pub async fn recover(visitor: Visitor, form: Form<RecoveryForm>) -> Reply {
    let shown = RecoveryForm { recovery_code: String::new(), ..form.0.clone() };
    let mut problems = Problems::default();
    for (field, typed) in
        [("organization", &form.organization), ("email", &form.email), ("recovery_code", &form.recovery_code)]
    {
        if text::typed::plain(typed).is_empty() {
            problems.add(field, Problem::Missing);
        }
    }
    if !problems.is_empty() {
        return Ok(Answer::refused(RecoveryPage { form: shown, problems, alert: None }));
    }
    let organization = pasted::organization(&visitor.app().config, &form.organization);
    let attempt = Attempt::new(&organization, &form.email, visitor.cookie(cookies::BROWSER).as_deref());
    let (code, limits) = (RecoveryCode::parse(&form.recovery_code), visitor.app().config.limits);
    let opened = visitor.write(move |tx| open(tx, &attempt, code.as_ref(), &limits)).await?;
    let page = |alert| RecoveryPage { form: shown, problems: Problems::default(), alert: Some(alert) };
    Ok(match opened {
        Opened::In(token) => see_other(urls::RECOVERY_CONFIRMATION).cookie(cookie(&token)),
        Opened::Locked(until) => {
            let (wait, seconds) = waiting("login-locked", until, visitor.app().clock().now());
            Answer::throttled(page(wait), seconds)
        }
        Opened::Wrong | Opened::Not(_) | Opened::Busy | Opened::Over => {
            Answer::refused(page(Text::new("repair-wrong")))
        }
    })
}

/// What this browser's recovery code opened.
pub async fn current(visitor: &Visitor) -> Result<Option<Repair>, Failure> {
    let Some(token) = visitor.cookie(cookies::REPAIR).and_then(|value| Token::parse(&value)) else {
        return Ok(None);
    };
    let found = visitor.read(move |tx| super::find(tx, &token)).await?;
    if let Some(repair) = &found {
        about::note(visitor.request(), repair);
    }
    Ok(found)
}

/// The repair that a form is about, while it waits for what confirms it.
async fn to_confirm(visitor: &Visitor) -> Result<Option<Repair>, Failure> {
    let found = current(visitor).await?.filter(|repair| !repair.is_confirmed);
    if let Some(repair) = &found {
        about::named(visitor.request(), repair)?;
    }
    Ok(found)
}

/// A form with nothing to fill in.
#[derive(Debug, Deserialize)]
pub struct Press {}

async fn confirmation_page(visitor: &Visitor, repair: Repair) -> Result<ConfirmationPage, Failure> {
    let (limits, of) = (visitor.app().config.limits, repair.clone());
    let sent = visitor.read(move |tx| super::waiting(tx, &of, &limits)).await?;
    Ok(ConfirmationPage { repair, sent, problems: Problems::default(), alert: None })
}

fn lost() -> Answer {
    see_other(urls::RECOVERY).cookie(cookies::removal(cookies::REPAIR)).refusal(Text::new("repair-over"))
}

/// `GET /login/recovery/confirmation`.
pub async fn confirmation(visitor: Visitor) -> Reply {
    Ok(match current(&visitor).await? {
        Some(repair) if repair.is_confirmed => see_other(urls::REPAIR),
        Some(repair) => Answer::page(confirmation_page(&visitor, repair).await?),
        None => see_other(urls::RECOVERY),
    })
}

/// `GET /login/recovery/code`: the page that has the button.
pub async fn code_page(_: Visitor) -> Reply {
    Ok(see_other(urls::RECOVERY_CONFIRMATION))
}

/// `POST /login/recovery/code`: mails a code.
pub async fn send(visitor: Visitor, _: Form<Press>) -> Reply {
    let Some(repair) = to_confirm(&visitor).await? else {
        return Ok(lost());
    };
    let (limits, of) = (visitor.app().config.limits, repair.clone());
    match visitor.write(move |tx| send_code(tx, &of, &limits)).await {
        Ok(()) => Ok(see_other(urls::RECOVERY_CONFIRMATION)),
        Err(IssueError::Throttled(until)) => {
            let (wait, seconds) = waiting("factor-sends-throttled", until, visitor.app().clock().now());
            let page = confirmation_page(&visitor, repair).await?;
            Ok(Answer::throttled(ConfirmationPage { alert: Some(wait), ..page }, seconds))
        }
        Err(IssueError::Store(cause)) => Err(cause.into()),
    }
}

/// The kept password, or the mailed code.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ConfirmationForm {
    password: String,
    one_time_code: String,
}

/// `POST /login/recovery/confirmation`.
pub async fn confirm(visitor: Visitor, form: Form<ConfirmationForm>) -> Reply {
    let Some(repair) = to_confirm(&visitor).await? else {
        return Ok(lost());
    };
    let by_password = text::typed::plain(&form.one_time_code).is_empty();
    let (limits, of) = (visitor.app().config.limits, repair.clone());
    let opened = match Code::parse(&form.one_time_code) {
        Some(code) => visitor.write(move |tx| confirm_by_code(tx, &of, &code, &limits)).await?,
        None if by_password => {
            let (origin, browser) = (visitor.origin().clone(), visitor.cookie(cookies::BROWSER));
            confirm_by_password(visitor.app(), origin, of, browser.as_deref(), &form.password).await?
        }
        None => {
            let page = confirmation_page(&visitor, repair).await?;
            return Ok(Answer::refused(with_problem(page, "one_time_code", Problem::NotACode)));
        }
    };
    confirmed(&visitor, repair, if by_password { "password" } else { "one_time_code" }, opened).await
}

fn with_problem(page: ConfirmationPage, field: &'static str, problem: Problem) -> ConfirmationPage {
    ConfirmationPage { problems: Problems::one(field, problem), ..page }
}

async fn confirmed(visitor: &Visitor, repair: Repair, field: &'static str, opened: Opened) -> Reply {
    let page = confirmation_page(visitor, repair).await?;
    let refused = |problem| with_problem(page, field, problem);
    Ok(match opened {
        Opened::In(token) => see_other(urls::REPAIR).cookie(cookie(&token)),
        Opened::Wrong => Answer::refused(refused(Problem::WrongPassword)),
        Opened::Not(Verdict::Wrong { left: Some(left) }) if left > 0 => {
            Answer::refused(refused(Problem::WrongCode(left)))
        }
        Opened::Not(Verdict::Paused(until)) | Opened::Locked(until) => {
            let (_, seconds) = waiting("login-locked", until, visitor.app().clock().now());
            Answer::throttled(refused(Problem::TooManyCodes), seconds)
        }
        Opened::Not(Verdict::Replaced) => Answer::refused(refused(Problem::CodeReplaced)),
        Opened::Not(_) => Answer::refused(refused(Problem::CodeSpent)),
        Opened::Busy => Answer::busy(refused(Problem::WrongPassword)),
        Opened::Over => lost(),
    })
}

/// `GET /repair`: what can be done.
pub async fn show(repairer: Repairer) -> Reply {
    let (providers, is_bound) = repairer
        .read(|work, caller| {
            let bound = bindings::of_user(work, &caller.organization, &caller.user)?;
            Ok::<_, StoreError>((idp::providers(work, &caller.organization)?, bound.is_some()))
        })
        .await?;
    let (organization, until) = (repairer.repair().organization_name.clone(), repairer.repair().until);
    Ok(Answer::page(RepairPage { organization, until, providers, is_bound }))
}

/// `POST /repair/binding`: the owner was made anew at the provider.
pub async fn unbind(repairer: Repairer) -> Reply {
    let released = repairer.write(release).await?;
    let notice = Text::new(if released { "repair-released" } else { "repair-nothing" });
    Ok(see_other(urls::REPAIR).notice(notice))
}

/// `GET /repair/binding` and `GET /repair/end`: the page that has the buttons.
pub async fn buttons(_: Repairer) -> Reply {
    Ok(see_other(urls::REPAIR))
}

/// `POST /repair/end`.
pub async fn leave(repairer: Repairer) -> Reply {
    let (repair, app) = (repairer.repair().clone(), repairer.app().clone());
    app.store.write(repairer.origin().clone(), move |tx| end(tx, &repair)).await?;
    Ok(see_other(urls::LOGIN).cookie(cookies::removal(cookies::REPAIR)).notice(Text::new("repair-ended")))
}

/// `GET /repair/idp`: the provider's settings.
pub async fn settings(repairer: Repairer) -> Reply {
    crate::features::idp::setup::pages::settings(&repairer, None, None).await
}
