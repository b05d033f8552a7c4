//! Pages of the sign-up wizard.

use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use crate::access::Visitor;
use crate::access::failure::Failure;
use crate::base::countries::{self, Country};
use crate::base::i18n::{Language, Text, absolute, filters};
use crate::base::organization_name::OrganizationName;
use crate::base::problem::Problem;
use crate::base::{text, urls};
use crate::features::signup::pages::progress::{InProgress, Lost, begin, begin_again, current, found, keep};
use crate::features::signup::{Answers, CompleteError, MemberForm, OrganizationForm, SignUp, Step, TermsForm};
use crate::platform::config::{self, Term};
use crate::platform::events::Reason;
use crate::web::waiting::waiting;
use crate::web::{Answer, Form, Problems, Query, Reply, form_token, see_other};

/// Characters of a refused name that are kept on record.
const LONGEST_NAME: usize = 100;

#[derive(Template)]
#[template(path = "signup/terms.html", blocks = ["form"])]
struct TermsPage {
    form: TermsForm,
    problems: Problems,
    terms: Vec<Term>,
    language: Language,
    asks_code: bool,
    /// Why one is back at the beginning.
    notice: Option<Text>,
}

#[derive(Template)]
#[template(path = "signup/member.html", blocks = ["form"])]
struct MemberPage {
    form: MemberForm,
    problems: Problems,
    countries: &'static [Country],
    language: Language,
}

#[derive(Template)]
#[template(path = "signup/organization.html", blocks = ["form", "availability"])]
struct OrganizationPage {
    form: OrganizationForm,
    problems: Problems,
    countries: &'static [Country],
    language: Language,
    availability: Option<Result<String, Text>>,
    reference: Option<String>,
}

#[derive(Template)]
#[template(path = "signup/closed.html")]
struct ClosedPage;

#[derive(Template)]
#[template(path = "signup/read.html")]
struct ReadPage {
    terms: Vec<Term>,
    language: Language,
}

crate::pages! {
    TermsPage { form };
    MemberPage { form };
    OrganizationPage { form, availability };
    ClosedPage;
    ReadPage;
}

/// `GET /terms`: the terms, for reading.
pub async fn terms_to_read(visitor: Visitor) -> Reply {
    Ok(Answer::page(ReadPage { terms: visitor.app().config.terms.clone(), language: visitor.language() }))
}

fn closed(visitor: &Visitor) -> Option<Answer> {
    (visitor.app().config.sign_up == config::SignUp::Closed).then(|| Answer::page(ClosedPage))
}

fn terms_page(visitor: &Visitor, form: TermsForm, problems: Problems) -> TermsPage {
    let config = &visitor.app().config;
    let asks_code = matches!(config.sign_up, config::SignUp::Codes(_));
    TermsPage { form, problems, terms: config.terms.clone(), language: visitor.language(), asks_code, notice: None }
}

/// Why one comes back to step 1.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LostQuery {
    lost: String,
}

/// `GET /signup`: step 1. Its address names the sign-up, so that Back leads to the same one.
pub async fn terms(visitor: Visitor, query: Query<LostQuery>) -> Reply {
    if let Some(closed) = closed(&visitor) {
        return Ok(closed);
    }
    let lost = Lost::of(&query.0.lost);
    let page = |terms| {
        let notice = lost.map(|lost| Text::new(lost.told()));
        Answer::page(TermsPage { notice, ..terms_page(&visitor, terms, Problems::default()) })
    };
    // One that was named and not begun yet has no row, as one that is past its time; the time of its name tells them apart.
    Ok(match (found(&visitor).await?, form_token::of_request::<InProgress>(visitor.request())) {
        (Ok(sign_up), _) if sign_up.made.is_none() => {
            let about = InProgress::from(&sign_up);
            page(sign_up.answers.terms).about(about)
        }
        (Err(Lost::Expired), Ok(about)) => page(TermsForm::default()).about(about),
        (Err(now @ (Lost::Elsewhere | Lost::Expired)), _) => see_other(now.url()).about(InProgress::new(visitor.app())),
        (_, _) => see_other(lost.map_or(urls::SIGN_UP, Lost::url)).about(InProgress::new(visitor.app())),
    })
}

/// `POST /signup`: a sign-up begins, or step 1 of the one that the page is about changes.
pub async fn agree(visitor: Visitor, form: Form<TermsForm>) -> Reply {
    if let Some(closed) = closed(&visitor) {
        return Ok(closed);
    }
    let known = current(&visitor).await?.filter(|sign_up| sign_up.made.is_none());
    let about = known.as_ref().map(InProgress::from).or_else(|| InProgress::of_page(&visitor));
    let about = about.unwrap_or_else(|| InProgress::new(visitor.app()));
    if let Err(problems) = form.parse(&visitor.app().config) {
        if problems.of("code").is_some() {
            visitor.note_refusal(Reason::WrongCode).await;
        }
        return Ok(Answer::refused(terms_page(&visitor, form.0, problems)).about(about));
    }
    let about = match known {
        Some(sign_up) => {
            let answers = Answers { terms: form.0.kept(&visitor.app().config), ..sign_up.answers };
            keep(&visitor, sign_up.id, answers).await?;
            about
        }
        None => {
            let app = visitor.app();
            if let Err(seconds) = app.paces.sign_ups.allow(visitor.origin().address, app.clock().now()) {
                let most = i64::from(app.paces.sign_ups.most());
                let wait = Text::new("signup-throttled-begun").with("most", most).with("seconds", seconds);
                visitor.note_refusal(Reason::SignUps).await;
                let page = terms_page(&visitor, form.0, Problems::one("terms", wait));
                return Ok(Answer::throttled(page, seconds).about(about));
            }
            begin(&visitor, about, Answers { terms: form.0.kept(&app.config), ..Answers::default() }).await?
        }
    };
    Ok(see_other(urls::SIGN_UP_MEMBER).about(about))
}

/// The sign-up in progress, if it has come as far as `step`; else where to go instead. `typed` is what a form brought.
async fn at(visitor: &Visitor, step: Step, typed: Option<Answers>) -> Result<Result<SignUp, Answer>, Failure> {
    if let Some(closed) = closed(visitor) {
        return Ok(Err(closed));
    }
    let sign_up = match found(visitor).await? {
        Ok(sign_up) => sign_up,
        Err(lost) => return Ok(Err(begin_again(visitor, lost, typed).await?)),
    };
    let about = InProgress::from(&sign_up);
    if sign_up.made.is_some() {
        return Ok(Err(see_other(urls::SIGN_UP_DONE).about(about)));
    }
    let reached = sign_up.answers.reached(&visitor.app().config);
    Ok(if reached < step { Err(see_other(reached.url()).about(about)) } else { Ok(sign_up) })
}

fn member_page(visitor: &Visitor, mut form: MemberForm, problems: Problems) -> MemberPage {
    let language = visitor.language();
    if form.country.is_empty() {
        form.country = visitor.app().config.default_country.clone();
    }
    MemberPage { form, problems, countries: countries::by_name(language), language }
}

/// `GET /signup/member`: step 2.
pub async fn member(visitor: Visitor) -> Reply {
    Ok(match at(&visitor, Step::Member, None).await? {
        Ok(sign_up) => {
            let about = InProgress::from(&sign_up);
            Answer::page(member_page(&visitor, sign_up.answers.member, Problems::default())).about(about)
        }
        Err(elsewhere) => elsewhere,
    })
}

/// `POST /signup/member`: [Next], or [Back] with what was typed kept.
pub async fn save_member(visitor: Visitor, form: Form<MemberForm>) -> Reply {
    let typed = Answers { member: MemberForm { go: String::new(), ..form.0.clone() }, ..Answers::default() };
    let sign_up = match at(&visitor, Step::Member, Some(typed)).await? {
        Ok(sign_up) => sign_up,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let about = InProgress::from(&sign_up);
    let back = form.go == "back";
    let parsed = form.parse();
    if !back && let Err(problems) = parsed {
        return Ok(Answer::refused(member_page(&visitor, form.0, problems)).about(about));
    }
    keep(&visitor, sign_up.id, Answers { member: form.kept(), ..sign_up.answers }).await?;
    Ok(see_other(if back { urls::SIGN_UP } else { urls::SIGN_UP_ORGANIZATION }).about(about))
}

fn organization_page(
    visitor: &Visitor,
    mut form: OrganizationForm,
    sign_up: &SignUp,
    problems: Problems,
) -> OrganizationPage {
    let language = visitor.language();
    if form.mobile_country.is_empty() {
        form.mobile_country = sign_up.answers.member.country.clone();
    }
    form.submission = sign_up.id.to_string();
    OrganizationPage {
        form,
        problems,
        countries: countries::by_name(language),
        language,
        availability: None,
        reference: None,
    }
}

/// What is being typed into the name, for the live hint.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NameQuery {
    organization: Option<String>,
}

/// `GET /signup/organization`: step 3; with a name also whether that name is available.
pub async fn organization(visitor: Visitor, query: Query<NameQuery>) -> Reply {
    let sign_up = match at(&visitor, Step::Organization, None).await? {
        Ok(sign_up) => sign_up,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut page = organization_page(&visitor, sign_up.answers.organization.clone(), &sign_up, Problems::default());
    if let Some(typed) = query.0.organization {
        page.availability = availability(&visitor, &typed).await?;
        page.form.organization = typed;
    }
    Ok(Answer::page(page).about(InProgress::from(&sign_up)))
}

async fn availability(visitor: &Visitor, typed: &str) -> Result<Option<Result<String, Text>>, Failure> {
    if text::typed::plain(typed).is_empty() {
        return Ok(None);
    }
    let name = match OrganizationName::parse(typed) {
        Ok(name) => name,
        Err(problem) => return Ok(Some(Err(problem.into()))),
    };
    let shown = name.to_string();
    let taken = visitor.read(move |tx| crate::features::deletion::is_taken(tx, &name)).await?;
    Ok(Some(if taken { Err(Problem::NameUnavailable.into()) } else { Ok(shown) }))
}

/// Records that a name was refused.
async fn note_name(visitor: &Visitor, typed: &str) {
    let name = typed.chars().take(LONGEST_NAME).collect();
    visitor.note_refusal_of(Reason::NameUnavailable, ("organization", String::new(), name), None).await;
}

/// `POST /signup/organization`: [Complete], or [Back] with what was typed kept.
pub async fn complete(visitor: Visitor, form: Form<OrganizationForm>) -> Reply {
    let typed = OrganizationForm { go: String::new(), ..form.0.clone() };
    let kept = Answers { organization: typed, ..Answers::default() };
    let sign_up = match at(&visitor, Step::Organization, Some(kept)).await? {
        Ok(sign_up) => sign_up,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let about = InProgress::from(&sign_up);
    let back = form.go == "back";
    let typed = OrganizationForm { go: String::new(), ..form.0 };
    let parsed = typed.parse();
    if !back && let Err(problems) = parsed {
        // A reserved name is refused like a taken one.
        if problems.of("organization") == Some(&Problem::NameUnavailable.into()) {
            note_name(&visitor, &typed.organization).await;
        }
        return Ok(Answer::refused(organization_page(&visitor, typed, &sign_up, problems)).about(about));
    }
    let answers = Answers { organization: typed.kept(), ..sign_up.answers.clone() };
    if back {
        keep(&visitor, sign_up.id, answers).await?;
        return Ok(see_other(urls::SIGN_UP_MEMBER).about(about));
    }
    let config = visitor.app().config.clone();
    let Some(new) = answers.complete(&config, visitor.language()) else {
        return Ok(see_other(answers.reached(&config).url()).about(about));
    };
    let id = sign_up.id.clone();
    match visitor.write(move |tx| crate::features::signup::complete(tx, &id, &new, &config)).await {
        Ok(()) => Ok(see_other(urls::SIGN_UP_DONE).about(about)),
        Err(CompleteError::NameUnavailable) => {
            let problems = Problems::one("organization", Problem::NameUnavailable);
            note_name(&visitor, &typed.organization).await;
            Ok(Answer::refused(organization_page(&visitor, typed, &sign_up, problems)).about(about))
        }
        Err(CompleteError::Throttled(until)) => {
            let (wait, seconds) = waiting("signup-throttled", until, visitor.app().clock().now());
            let most = visitor.app().config.limits.sign_ups;
            let wait = wait.with("most", most).with("at", absolute(until, Tz::UTC, visitor.language()));
            let mut page = organization_page(&visitor, typed, &sign_up, Problems::one("organization", wait));
            page.reference = visitor.note_refusal(Reason::SignUps).await;
            Ok(Answer::throttled(page, seconds).about(about))
        }
        Err(CompleteError::Store(cause)) => Err(cause.into()),
    }
}
