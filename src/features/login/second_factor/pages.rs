//! Pages of the second factor: which one, its code, a recovery code, and the way there for a session that is open.

use crate::web::returns;
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Answered, PendingLogin, Typed, Why, masked_email, masked_mobile, offered, pending_login};
use crate::access::app::App;
use crate::access::failure::Failure;
use crate::access::{SecondFactor, Visitor, cookies, take_cookie};
use crate::base::entropy::Code;
use crate::base::i18n::{Text, filters};
use crate::base::ids::LoginId;
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::factors::{Factors, RecoveryCode};
use crate::features::login::entry::enter;
use crate::platform::codes::{Verdict, sms};
use crate::web::form_owner::named_session;
use crate::web::form_token::{self, NotOpened, Subject};
use crate::web::returns::NextQuery;
use crate::web::returns::ReturnTo;
use crate::web::waiting::waiting;
use crate::web::{Answer, Form, Problems, Query, Reply, see_other};

/// A second factor that can be chosen, or why not.
#[derive(Clone, Debug)]
struct Way {
    factor: SecondFactor,
    detail: Option<String>,
    why: Option<Why>,
}

#[derive(Template)]
#[template(path = "login/factor.html", blocks = ["form"])]
struct ChoicePage {
    email: String,
    ways: Vec<Way>,
    chosen: SecondFactor,
    has_recovery: bool,
    /// For the links from one page of the login to another.
    form: String,
    problems: Problems,
    wait: Option<Text>,
}

#[derive(Template)]
#[template(path = "login/code.html", blocks = ["form"])]
struct CodePage {
    factor: SecondFactor,
    to: String,
    has_recovery: bool,
    /// For the links from one page of the login to another.
    form: String,
    problems: Problems,
    wait: Option<Text>,
}

#[derive(Template)]
#[template(path = "login/recovery.html", blocks = ["form"])]
struct RecoveryPage {
    /// For the link to the other second factors.
    form: String,
    problems: Problems,
    wait: Option<Text>,
}

#[derive(Template)]
#[template(path = "login/again.html")]
struct AgainPage {
    organization: String,
    email: String,
    next: String,
}

crate::pages! {
    ChoicePage { form };
    CodePage { form };
    RecoveryPage { form };
    AgainPage;
}

/// What the pages of a login that waits for its second factor are about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::features::login) struct Pending {
    login: LoginId,
    return_to: String,
}

impl Subject for Pending {
    const PURPOSE: &'static str = "second factor";

    fn lifetime(_: &App) -> chrono::Duration {
        super::LIFETIME
    }
}

impl Pending {
    /// A login that leads on to `return_to`; of a long address the path.
    pub(in crate::features::login) fn new(login: LoginId, return_to: &str) -> Self {
        Self { login, return_to: returns::short(return_to).to_owned() }
    }
}

/// The login that the page is about.
async fn current(visitor: &Visitor) -> Result<Option<(Pending, PendingLogin, Factors)>, Failure> {
    let Some(pending) = form_token::subject::<Pending>(visitor.request())? else {
        return Ok(None);
    };
    let id = pending.login.clone();
    let found = visitor.read(move |tx| pending_login(tx, &id)).await?;
    Ok(found.map(|(login, factors)| (pending, login, factors)))
}

/// Where a page that waited goes on to, once this browser has a session.
fn beside_a_session(visitor: &Visitor) -> Answer {
    match form_token::of_request::<Pending>(visitor.request()) {
        Ok(pending) | Err(NotOpened::Expired(pending)) => {
            see_other(ReturnTo::parse(visitor.app(), &pending.return_to).as_str())
        }
        Err(NotOpened::Missing | NotOpened::NoCookie | NotOpened::Unreadable) => see_other(urls::CONSOLE),
    }
}

fn lost() -> Answer {
    see_other(urls::LOGIN_LOST)
}

fn sends_sms(visitor: &Visitor, factors: &Factors) -> bool {
    sms::is_offered_to(factors.mobile.as_ref(), &visitor.app().config)
}

fn choice_page(visitor: &Visitor, pending: &Pending, login: &PendingLogin, factors: &Factors) -> ChoicePage {
    let sms = sends_sms(visitor, factors);
    let why = |factor| offered(factor, factors, sms).err();
    let way = |factor, detail| Way { factor, detail, why: why(factor) };
    let mobile = factors.mobile.as_ref().map(|number| masked_mobile(&number.to_string()));
    let ways = vec![
        way(SecondFactor::Email, Some(masked_email(&login.email))),
        way(SecondFactor::Mobile, mobile.filter(|_| why(SecondFactor::Mobile).is_none())),
        way(SecondFactor::Authenticator, None),
    ];
    // The strongest that there is, until something else was chosen.
    let best =
        if why(SecondFactor::Authenticator).is_none() { SecondFactor::Authenticator } else { SecondFactor::Email };
    ChoicePage {
        email: login.email.clone(),
        ways,
        chosen: login.factor.unwrap_or(best),
        has_recovery: why(SecondFactor::RecoveryCode).is_none(),
        form: form_token::seal(visitor.request(), pending),
        problems: Problems::default(),
        wait: None,
    }
}

/// `GET /login/factor`: which second factor.
pub async fn choice(visitor: Visitor) -> Reply {
    if visitor.has_session() {
        return Ok(beside_a_session(&visitor));
    }
    Ok(match current(&visitor).await? {
        Some((pending, login, factors)) => {
            Answer::page(choice_page(&visitor, &pending, &login, &factors)).about(pending)
        }
        None => lost(),
    })
}

/// The second factor that was chosen, and whether its code is asked for once more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChoiceForm {
    factor: String,
    again: String,
}

/// `POST /login/factor`: its code is sent, unless an app shows it.
pub async fn choose(visitor: Visitor, form: Form<ChoiceForm>) -> Reply {
    let Some((pending, login, factors)) = current(&visitor).await? else {
        return Ok(lost());
    };
    let page = choice_page(&visitor, &pending, &login, &factors);
    let chosen = SecondFactor::from_word(&form.factor).filter(|factor| *factor != SecondFactor::RecoveryCode);
    let Some(factor) = chosen else {
        let problems = Problems::one("factor", Problem::NotASecondFactor);
        return Ok(Answer::refused(ChoicePage { problems, ..page }).about(pending));
    };
    let (config, browser, id) = (visitor.app().config.clone(), visitor.cookie(cookies::BROWSER), pending.login.clone());
    let chosen = visitor.write(move |tx| super::choose(tx, &id, browser.as_deref(), factor, &config)).await?;
    let notice = (!form.again.is_empty()).then(|| Text::new("login-code-again"));
    chose(&visitor, ChoicePage { chosen: factor, ..page }, pending, chosen, notice)
}

fn chose(visitor: &Visitor, page: ChoicePage, pending: Pending, chosen: Answered, notice: Option<Text>) -> Reply {
    Ok(match chosen {
        Answered::Asked => match notice {
            Some(notice) => see_other(urls::LOGIN_CODE).notice(notice).about(pending),
            None => see_other(urls::LOGIN_CODE).about(pending),
        },
        Answered::In { session, browser, login } => {
            return enter(visitor, &session, &browser, login.organization_name, &login.return_to);
        }
        Answered::NotOffered(_) => {
            let problems = Problems::one("factor", Problem::NotASecondFactor);
            Answer::refused(ChoicePage { problems, ..page }).about(pending)
        }
        Answered::Throttled(until) => {
            let (wait, seconds) = waiting("factor-sends-throttled", until, visitor.app().clock().now());
            Answer::throttled(ChoicePage { wait: Some(wait), ..page }, seconds).about(pending)
        }
        Answered::Lost | Answered::Not(_) => lost(),
    })
}

fn code_page(
    visitor: &Visitor,
    pending: &Pending,
    login: &PendingLogin,
    factors: &Factors,
    factor: SecondFactor,
) -> CodePage {
    let number = factors.mobile.as_ref().map(|number| masked_mobile(&number.to_string()));
    let to = match factor {
        SecondFactor::Email => masked_email(&login.email),
        SecondFactor::Mobile => number.unwrap_or_default(),
        SecondFactor::Authenticator | SecondFactor::RecoveryCode => String::new(),
    };
    let has_recovery = offered(SecondFactor::RecoveryCode, factors, sends_sms(visitor, factors)).is_ok();
    let form = form_token::seal(visitor.request(), pending);
    CodePage { factor, to, has_recovery, form, problems: Problems::default(), wait: None }
}

/// `GET /login/factor/code`.
pub async fn code(visitor: Visitor) -> Reply {
    if visitor.has_session() {
        return Ok(beside_a_session(&visitor));
    }
    let Some((pending, login, factors)) = current(&visitor).await? else {
        return Ok(lost());
    };
    let answer = match login.factor {
        Some(factor) => Answer::page(code_page(&visitor, &pending, &login, &factors, factor)),
        None => see_other(urls::LOGIN_FACTOR),
    };
    Ok(answer.about(pending))
}

/// A code as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    one_time_code: String,
}

/// `POST /login/factor/code`: the right code makes the login whole.
pub async fn verify(visitor: Visitor, form: Form<CodeForm>) -> Reply {
    let Some((pending, login, factors)) = current(&visitor).await? else {
        return Ok(lost());
    };
    let Some(factor) = login.factor else {
        return Ok(see_other(urls::LOGIN_FACTOR).about(pending));
    };
    let page = code_page(&visitor, &pending, &login, &factors, factor);
    match Code::read(&form.one_time_code) {
        Ok(code) => answer(&visitor, pending, Typed::Code(code), |told| not_right(page, factor, told)).await,
        Err(problem) => Ok(refused_code(page, problem).about(pending)),
    }
}

fn refused_code(page: CodePage, problem: Problem) -> Answer {
    Answer::refused(CodePage { problems: Problems::one("one_time_code", problem), ..page })
}

fn not_right(page: CodePage, factor: SecondFactor, told: Told) -> Answer {
    let is_app = factor == SecondFactor::Authenticator;
    match told {
        Told::Wait(wait, seconds) => Answer::throttled(CodePage { wait: Some(wait), ..page }, seconds),
        Told::Wrong(Some(left)) if left > 0 => refused_code(page, Problem::WrongCode(left)),
        Told::Replaced => refused_code(page, Problem::CodeReplaced),
        Told::Wrong(None) => refused_code(page, Problem::WrongAppCode),
        Told::Spent if is_app => refused_code(page, Problem::AppCodeUsed),
        Told::Wrong(Some(_)) | Told::Spent => refused_code(page, Problem::CodeSpent),
    }
}

/// `GET /login/factor/recovery`.
pub async fn recovery(visitor: Visitor) -> Reply {
    if visitor.has_session() {
        return Ok(beside_a_session(&visitor));
    }
    let Some((pending, _, factors)) = current(&visitor).await? else {
        return Ok(lost());
    };
    let form = form_token::seal(visitor.request(), &pending);
    let answer = match offered(SecondFactor::RecoveryCode, &factors, sends_sms(&visitor, &factors)) {
        Ok(()) => Answer::page(RecoveryPage { form, problems: Problems::default(), wait: None }),
        Err(why) => see_other(urls::LOGIN_FACTOR).notice(Text::new(why.text())),
    };
    Ok(answer.about(pending))
}

/// A recovery code as typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RecoveryForm {
    recovery_code: String,
}

/// `POST /login/factor/recovery`: a recovery code in the place of the app.
pub async fn recover(visitor: Visitor, form: Form<RecoveryForm>) -> Reply {
    let Some((pending, ..)) = current(&visitor).await? else {
        return Ok(lost());
    };
    let named = form_token::seal(visitor.request(), &pending);
    let page =
        |problem| RecoveryPage { form: named.clone(), problems: Problems::one("recovery_code", problem), wait: None };
    let typed = match RecoveryCode::read(&form.recovery_code) {
        Ok(code) => Typed::Recovery(code),
        Err(problem) => return Ok(Answer::refused(page(problem)).about(pending)),
    };
    answer(&visitor, pending, typed, |told| match told {
        Told::Wait(wait, seconds) => {
            let page = RecoveryPage { form: named.clone(), problems: Problems::default(), wait: Some(wait) };
            Answer::throttled(page, seconds)
        }
        Told::Wrong(_) | Told::Replaced | Told::Spent => Answer::refused(page(Problem::WrongRecoveryCode)),
    })
    .await
}

/// Why a code did not open.
enum Told {
    Wrong(Option<i64>),
    Replaced,
    Spent,
    Wait(Text, i64),
}

async fn answer(visitor: &Visitor, pending: Pending, typed: Typed, refused: impl FnOnce(Told) -> Answer) -> Reply {
    let (config, browser, id) = (visitor.app().config.clone(), visitor.cookie(cookies::BROWSER), pending.login.clone());
    let outcome = visitor.write(move |tx| super::verify(tx, &id, browser.as_deref(), &typed, &config)).await?;
    Ok(match outcome {
        Answered::In { session, browser, login } => {
            return enter(visitor, &session, &browser, login.organization_name, &login.return_to);
        }
        Answered::Not(Verdict::Wrong { left }) => refused(Told::Wrong(left)).about(pending),
        Answered::Not(Verdict::Replaced) => refused(Told::Replaced).about(pending),
        Answered::Not(Verdict::Paused(until)) => {
            let seconds = until.since(visitor.app().clock().now()).num_seconds().max(1);
            refused(Told::Wait(Problem::TooManyCodes.into(), seconds)).about(pending)
        }
        Answered::Not(Verdict::Spent | Verdict::Right) => refused(Told::Spent).about(pending),
        Answered::Asked | Answered::NotOffered(_) | Answered::Throttled(_) | Answered::Lost => lost(),
    })
}

/// `GET /login/again`: somebody whose session is from before two-factor authentication was turned on.
pub async fn again(visitor: Visitor, query: Query<NextQuery>) -> Reply {
    let next = ReturnTo::parse(visitor.app(), &query.0.next).as_str().to_owned();
    Ok(match visitor.lacking() {
        Some(session) => Answer::page(AgainPage {
            organization: session.organization_name().to_owned(),
            email: session.email().to_owned(),
            next,
        }),
        None if visitor.has_session() => see_other(next),
        None => see_other(urls::login_then(&next)),
    })
}

/// `POST /login/again`: the session becomes a login that goes on with the second factor.
pub async fn go_on(visitor: Visitor, form: Form<NextQuery>) -> Reply {
    let next = ReturnTo::parse(visitor.app(), &form.next).as_str().to_owned();
    let Some(session) = visitor.lacking() else {
        return Ok(see_other(if visitor.has_session() { next } else { urls::login_then(&next) }));
    };
    named_session(visitor.request())?;
    let return_to = next.clone();
    let limits = visitor.app().config.sessions;
    let turned = visitor.write(move |tx| super::turn_over(tx, &session, &return_to, &limits)).await?;
    take_cookie(visitor.request());
    Ok(match turned {
        Some(login) => see_other(urls::LOGIN_FACTOR).about(Pending::new(login, &next)),
        None => see_other(urls::login_then(&next)),
    })
}
