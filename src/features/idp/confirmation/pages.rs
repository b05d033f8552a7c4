//! Pages of a fresh login where there is no password.

use std::rc::Rc;

use askama::Template;

use super::{AtProvider, Confirmed, Ways, begin, check_code, decide, send_code, send_instead, ways};
use crate::access::failure::Failure;
use crate::access::{Actor, Identity, OwnAccount, Visitor, give_cookie};
use crate::base::entropy::Code;
use crate::base::i18n::{Text, filters};
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::idp::authorization::{BeginError, Returned};
use crate::features::idp::login::pages::failed_login_page;
use crate::features::idp::login::record_failed_login;
use crate::features::idp::login::state_cookie::leave as away;
use crate::platform::codes::{IssueError, Verdict};
use crate::platform::oidc::{Claims, Reason, Refused};
use crate::web::returns::NextQuery;
use crate::web::returns::ReturnTo;
use crate::web::{Answer, Form, Problems, Reply, see_other};

#[derive(Template)]
#[template(path = "idp/confirmation.html")]
struct ConfirmationPage {
    email: String,
    next: String,
    ways: Ways,
    problems: Problems,
    alert: Option<Text>,
}

crate::pages! { ConfirmationPage; }

async fn page(actor: &Actor<OwnAccount>, next: String) -> Result<ConfirmationPage, Failure> {
    let limits = actor.app().config.limits;
    let ways = actor.read(move |tx| ways(tx, &limits)).await?;
    let email = actor.identity().email.clone();
    Ok(ConfirmationPage { email, next, ways, problems: Problems::default(), alert: None })
}

/// `GET /confirmation` of a session that rests on the provider.
pub async fn show(actor: &Actor<OwnAccount>, next: String) -> Reply {
    Ok(Answer::page(page(actor, next).await?))
}

/// `GET /confirmation/idp` and `/confirmation/code`: where the buttons are.
pub async fn buttons(_: Actor<OwnAccount>) -> Reply {
    Ok(see_other(urls::CONFIRMATION))
}

/// `POST /confirmation/idp`: on to the provider.
pub async fn leave(actor: Actor<OwnAccount>, form: Form<NextQuery>) -> Reply {
    let next = ReturnTo::parse(actor.app(), &form.next).as_str().to_owned();
    let public_url = actor.app().config.public_url.clone();
    let back = next.clone();
    match actor.read(move |tx| begin(tx, &public_url, next)).await {
        Ok(Some(carried)) => Ok(away(actor.request(), carried)),
        Ok(None) => Ok(see_other(urls::confirmation(&back))),
        Err(BeginError::Store(cause)) => Err(cause.into()),
        Err(BeginError::Refused(refused)) => {
            let page = page(&actor, back).await?;
            Ok(Answer::refused(ConfirmationPage { alert: Some(refused.for_users()), ..page }))
        }
    }
}

/// `POST /confirmation/code`: mails a code.
pub async fn send(actor: Actor<OwnAccount>, form: Form<NextQuery>) -> Reply {
    let next = ReturnTo::parse(actor.app(), &form.next).as_str().to_owned();
    let limits = actor.app().config.limits;
    match actor.write(move |tx| send_code(tx, &limits)).await {
        Ok(_) => Ok(see_other(urls::confirmation(&next))),
        Err(IssueError::Throttled(until)) => {
            let (wait, seconds) =
                crate::web::waiting::waiting("factor-sends-throttled", until, actor.app().clock().now());
            let page = page(&actor, next).await?;
            Ok(Answer::throttled(ConfirmationPage { alert: Some(wait), ..page }, seconds))
        }
        Err(IssueError::Store(cause)) => Err(cause.into()),
    }
}

/// `POST /confirmation` of a session that rests on the provider: the mailed code.
pub async fn verify(actor: &Actor<OwnAccount>, typed: &str, next: String) -> Reply {
    let refused = |page: ConfirmationPage, problem: Problem| {
        Answer::refused(ConfirmationPage { problems: Problems::one("one_time_code", problem), ..page })
    };
    let code = match Code::read(typed) {
        Ok(code) => code,
        Err(problem) => return Ok(refused(page(actor, next).await?, problem)),
    };
    let (limits, proof) = (actor.app().config.limits, actor.identity().proof(actor.app().clock().now()));
    let verdict = match actor.write(move |tx| check_code(tx, &code, &limits, proof)).await? {
        Confirmed::Fresh(session) => {
            give_cookie(actor.request(), &session)?;
            return Ok(see_other(next));
        }
        Confirmed::Not(verdict) => verdict,
    };
    let page = page(actor, next).await?;
    Ok(match verdict {
        Verdict::Wrong { left: Some(left) } if left > 0 => refused(page, Problem::WrongCode(left)),
        Verdict::Paused(until) => {
            let seconds = until.since(actor.app().clock().now()).num_seconds();
            Answer::throttled(ConfirmationPage { alert: Some(Problem::TooManyCodes.into()), ..page }, seconds)
        }
        Verdict::Replaced => refused(page, Problem::CodeReplaced),
        Verdict::Right | Verdict::Wrong { .. } | Verdict::Spent => refused(page, Problem::CodeSpent),
    })
}

/// The provider sent the browser back from a confirmation.
pub async fn end(visitor: &Visitor, returned: Returned, ended: Result<Claims, Refused>) -> Reply {
    let next = returned.intent.return_to.clone();
    let confirm = urls::confirmation(&next);
    // The session that asked is the one that becomes fresh, and no other of this browser.
    let identity = visitor.identity().filter(|identity| Some(&identity.session) == returned.intent.session.as_ref());
    let Some(identity) = identity else {
        return Ok(see_other(confirm));
    };
    let claims = match ended {
        Ok(claims) => claims,
        Err(refused) if refused.reason == Reason::AuthTime => {
            return too_old(visitor, returned, identity, confirm).await;
        }
        Err(refused) => {
            let text = refused.for_users();
            let noted = visitor.write(move |tx| record_failed_login(tx, &returned, &refused));
            return Ok(failed_login_page(text, noted.await?, None, Some(confirm)));
        }
    };
    let begun = identity.proof(visitor.app().clock().now()).begun;
    let decided = visitor.write(move |tx| decide(tx, &returned, &claims, begun));
    Ok(match decided.await? {
        AtProvider::Fresh(session) => {
            give_cookie(visitor.request(), &session)?;
            see_other(next)
        }
        AtProvider::NotTold => see_other(confirm).refusal(Text::new("idp-confirmation-not-told")),
        AtProvider::Another => see_other(confirm).refusal(Text::new("idp-confirmation-another")),
    })
}

/// The provider was asked for a fresh login and let an old one do: the mailed code is the way on.
async fn too_old(visitor: &Visitor, returned: Returned, identity: Rc<Identity>, confirm: String) -> Reply {
    let (limits, now) = (visitor.app().config.limits, visitor.app().clock().now());
    let identity = (*identity).clone();
    let sent = visitor.write(move |tx| send_instead(tx, &returned, &identity, &limits));
    let text = match sent.await? {
        Ok(()) => Text::new("idp-confirmation-too-old"),
        Err(until) => crate::web::waiting::waiting("factor-sends-throttled", until, now).0,
    };
    Ok(see_other(confirm).refusal(text))
}
