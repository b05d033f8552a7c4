//! Pages of the trial: whom it touches and [Save], then how it stands until the owner has logged in or ended it.

use askama::Template;
use serde::Deserialize;

use super::{Impact, NotStarted, cancel, start, version};
use crate::access::failure::Failure;
use crate::base::i18n::{Text, filters};
use crate::base::moment::Moment;
use crate::base::problem::Problem;
use crate::base::{text, urls};
use crate::features::factors::recovery::RecoveryCode;
use crate::features::idp::setup::pages::settings;
use crate::features::idp::{self, Settings, TRIAL, recovery};
use crate::features::policies::settings_caller::{CallsSettings, SettingsUrls};
use crate::platform::store::StoreError;
use crate::web::{Answer, Form, Problems, Reply, see_other};

#[derive(Template)]
#[template(path = "idp/save.html", blocks = ["form"])]
struct SavePage {
    place: SettingsUrls,
    repairs: bool,
    impact: Impact,
    settings: Settings,
    until: Moment,
    minutes: i64,
    codes: i64,
    form: SaveForm,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "idp/trial.html")]
struct TrialPage {
    place: SettingsUrls,
    repairs: bool,
    organization: String,
    settings: Settings,
    until: Moment,
}

crate::pages! {
    SavePage { form };
    TrialPage;
}

/// What is typed to start the trial.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SaveForm {
    organization: String,
    recovery_code: String,
    /// The draft that the page showed.
    version: String,
}

/// What the page of the trial shows.
enum View {
    Running(Box<Settings>, Moment),
    Ready(Box<(Settings, Moment, Impact, i64)>),
    Nothing,
}

async fn view<S: CallsSettings>(caller: &S) -> Result<View, Failure> {
    let idle = chrono::Duration::minutes(caller.app().config.sessions.idle_minutes);
    let read = caller.read(move |work, caller| {
        let organization = &caller.organization;
        let providers = idp::providers(work, organization)?;
        if let Some(settings) = providers.on_trial {
            let until = settings.trial.map_or(work.now(), |(_, until)| until);
            return Ok::<_, StoreError>(View::Running(Box::new(settings), until));
        }
        let now = work.now();
        let keeps = providers.draft.as_ref().is_some_and(|draft| providers.keeps_bindings(&draft.configuration));
        let Some((settings, until)) = providers
            .draft
            .and_then(|draft| Some((draft.may_start_until(now)?, draft)))
            .map(|(until, draft)| (draft, until))
        else {
            return Ok(View::Nothing);
        };
        let impact = super::impact(work, organization, keeps, now - idle)?;
        let codes = recovery::count(work, organization, &caller.user)?;
        Ok(View::Ready(Box::new((settings, until, impact, codes))))
    });
    Ok(read.await?)
}

/// `GET`: [Save] with whom it touches, or how the trial stands.
pub async fn show<S: CallsSettings>(caller: S) -> Reply {
    let who = caller.caller();
    let (place, repairs, organization) = (S::URLS, who.repairs(), who.organization_name);
    Ok(match view(&caller).await? {
        View::Running(running, until) => {
            Answer::page(TrialPage { place, repairs, organization, settings: *running, until })
        }
        View::Ready(ready) => Answer::page(save_page(&caller, *ready, SaveForm::default(), Problems::default())),
        View::Nothing => return settings(&caller, None, Some(Text::new("idp-test-first"))).await,
    })
}

fn save_page<S: CallsSettings>(
    caller: &S,
    (settings, until, impact, codes): (Settings, Moment, Impact, i64),
    form: SaveForm,
    problems: Problems,
) -> SavePage {
    let who = caller.caller();
    let form = SaveForm { version: version(&settings), ..form };
    SavePage {
        place: S::URLS,
        repairs: who.repairs(),
        impact,
        settings,
        until,
        minutes: TRIAL.num_minutes(),
        codes,
        form,
        problems,
    }
}

/// `POST`: [Save] starts the trial.
pub async fn save<S: CallsSettings>(caller: S, form: Form<SaveForm>) -> Reply {
    let place = S::URLS;
    let typed = form.0.clone();
    let code = RecoveryCode::parse(&typed.recovery_code);
    let started = caller.write(move |work, caller| {
        let is_kept = match &code {
            Some(code) => recovery::is_kept(work, &caller.organization, &caller.user, code)?,
            None => false,
        };
        start(work, caller, &typed.organization, is_kept, &typed.version)
    });
    let why = match started.await? {
        Ok(_) => return Ok(see_other(place.trial)),
        Err(why) => why,
    };
    let problems = match why {
        NotStarted::Running => return Ok(see_other(place.trial)),
        NotStarted::OtherDraft => return Ok(see_other(place.trial).refusal(Text::new("idp-other-draft"))),
        NotStarted::NotTested => return Ok(see_other(place.settings).refusal(Text::new("idp-test-first"))),
        NotStarted::Unconfirmed { name, code } => {
            let mut problems = Problems::default();
            if !code {
                let missing = text::typed::plain(&form.recovery_code).is_empty();
                problems.add("recovery_code", if missing { Problem::Missing } else { Problem::WrongRecoveryCode });
            }
            if !name {
                problems.add("organization", Problem::NotThisOrganization);
            }
            problems
        }
    };
    Ok(match view(&caller).await? {
        View::Ready(ready) => Answer::refused(save_page(&caller, *ready, form.0, problems)),
        View::Running(..) | View::Nothing => see_other(place.trial),
    })
}

/// `POST`: the owner ends the trial.
pub async fn end<S: CallsSettings>(caller: S) -> Reply {
    let ended = caller.write(cancel).await?;
    let notice = Text::new(if ended { "idp-trial-cancelled" } else { "idp-trial-over" });
    Ok(see_other(S::URLS.settings).notice(notice))
}

/// `GET` of where the end of a trial is asked for: the page of the trial has the button.
pub async fn end_page<S: CallsSettings>(caller: S) -> Reply {
    show(caller).await
}
