//! Pages of one's own account.

use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::Profile;
use crate::access::{Actor, ManageLogin, Method, OwnAccount, OwnSecrets, Password, Permission, Role, give_cookie};
use crate::base::browser_name::browser_name;
use crate::base::i18n::{Language, Text, filters};
use crate::base::ids::SessionId;
use crate::base::moment::Moment;
use crate::base::person::PersonName;
use crate::base::problem::Problem;
use crate::base::urls;
use crate::features::account::{self, ListedSession, StoredProfile};
use crate::features::audit::newer::Newer;
use crate::features::factors::{self, Factors};
use crate::features::passwords;
use crate::features::projects::{OwnRole, own_roles};
use crate::platform::events::Kind;
use crate::platform::store::StoreError;
use crate::web::interrupted::Held;
use crate::web::{Answer, Form, Path, Problems, Query, Reply, see_other};

/// Roles in projects that the page shows; the list of projects has all.
const SHOWN_PROJECTS: i64 = 50;

#[derive(Template)]
#[template(path = "account/show.html", blocks = ["form"])]
struct AccountPage {
    form: ProfileForm,
    problems: Problems,
    profile: StoredProfile,
    roles: Vec<Role>,
    projects: Vec<OwnRole>,
    sessions: Vec<ListedSession>,
    own: SessionId,
    zones: Vec<&'static str>,
    factors: Factors,
    is_sms_offered: bool,
    is_code_waiting: bool,
    by_provider: bool,
    /// Whether the recovery codes of the organization's owner are this user's.
    owner_codes: bool,
    /// What was saved since the form was opened.
    newer: Option<Newer>,
}

#[derive(Template)]
#[template(path = "account/password.html", blocks = ["form"])]
struct PasswordPage {
    email: String,
    minimum: usize,
    problems: Problems,
}

impl AccountPage {
    /// Whether the zone of the form is in the list.
    fn offers_zone(&self) -> bool {
        self.zones.iter().any(|zone| *zone == self.form.time_zone)
    }
}

crate::pages! {
    AccountPage { form };
    PasswordPage { form };
}

/// The profile as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ProfileForm {
    name: String,
    nickname: String,
    language: String,
    time_zone: String,
    version: String,
}

impl ProfileForm {
    fn parse(&self) -> Result<Profile, Problems> {
        let mut problems = Problems::default();
        let name = problems.take("name", PersonName::parse(&self.name));
        let nickname = problems.take("nickname", PersonName::parse_optional(&self.nickname));
        let language = problems.take("language", Language::from_word(&self.language).ok_or(Problem::NotALanguage));
        let zone = problems.take("time_zone", self.time_zone.parse::<Tz>().map_err(|_| Problem::NotATimeZone));
        match (name, nickname, language, zone) {
            (Some(name), Some(nickname), Some(language), Some(zone)) => Ok(Profile { name, nickname, language, zone }),
            _ => Err(problems),
        }
    }
}

async fn page(
    actor: &Actor<OwnAccount>,
    typed: Option<(ProfileForm, Problems)>,
) -> Result<AccountPage, crate::access::failure::Failure> {
    let config = actor.app().config.clone();
    let found = actor.read(move |tx| {
        let (factors, waiting) = factors::own(tx, &config.limits)?;
        let sessions = account::own_sessions(tx, &config.sessions)?;
        Ok::<_, StoreError>((account::profile(tx)?, sessions, own_roles(tx, SHOWN_PROJECTS)?, factors, waiting))
    });
    let (profile, sessions, projects, factors, is_code_waiting) = found.await?;
    let config = &actor.app().config;
    let is_sms_offered = config.sms.is_offered(config.mode);
    let stored = || ProfileForm {
        name: profile.name.clone(),
        nickname: profile.nickname.clone().unwrap_or_default(),
        language: profile.language.word().to_owned(),
        time_zone: profile.time_zone.clone(),
        version: profile.version(),
    };
    let (form, problems) = typed.unwrap_or_else(|| (stored(), Problems::default()));
    let identity = actor.identity();
    let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| is_common(name)).collect();
    let (roles, own) = (identity.roles(), identity.session.clone());
    Ok(AccountPage {
        newer: None,
        form,
        problems,
        profile,
        roles,
        projects,
        sessions,
        own,
        zones,
        factors,
        is_sms_offered,
        is_code_waiting,
        by_provider: actor.identity().method == Method::Idp,
        owner_codes: actor.identity().method == Method::Idp && actor.identity().holds(ManageLogin::RULE),
    })
}

/// Zones named by region and place; older spellings and offsets only lengthen the list.
fn is_common(zone: &str) -> bool {
    const REGIONS: &[&str] = &[
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    zone == "UTC" || REGIONS.iter().any(|region| zone.starts_with(region))
}

/// `GET /account`.
pub async fn show(actor: Actor<OwnAccount>, query: Query<Held>) -> Reply {
    let kept: Option<ProfileForm> = query.0.kept(&actor, urls::ACCOUNT).await?;
    Ok(Answer::page(page(&actor, kept.map(|form| (form, Problems::default()))).await?))
}

/// `POST /account`: name, nickname, language, time zone.
pub async fn save_profile(actor: Actor<OwnAccount>, form: Form<ProfileForm>) -> Reply {
    let profile = match form.parse() {
        Ok(profile) => profile,
        Err(problems) => return Ok(Answer::refused(page(&actor, Some((form.0, problems))).await?)),
    };
    let opened = form.version.clone();
    match actor.write(move |tx| super::change_profile(tx, &profile, &opened)).await? {
        None => Ok(see_other(urls::ACCOUNT).notice(Text::new("account-profile-saved"))),
        newer => {
            let mut page = page(&actor, Some((form.0, Problems::default()))).await?;
            page.form.version = page.profile.version();
            Ok(Answer::refused(AccountPage { newer, ..page }))
        }
    }
}

/// `GET /account/password`: the login is fresh when this page is shown.
pub async fn password(actor: Actor<OwnSecrets>, query: Query<Held>) -> Reply {
    if actor.identity().method == Method::Idp {
        return Ok(by_provider());
    }
    // Both fields of this form are secrets, so what was kept of it is only that it came too late.
    let _: ChangeForm = query.0.form(&actor, urls::ACCOUNT_PASSWORD).await?;
    Ok(Answer::page(password_page(&actor, Problems::default())))
}

/// Back to the account: whoever logs in through the identity provider has nothing to change here.
fn by_provider() -> Answer {
    see_other(urls::ACCOUNT).refusal(Text::new("account-by-provider"))
}

fn password_page(actor: &Actor<OwnSecrets>, problems: Problems) -> PasswordPage {
    PasswordPage { email: actor.identity().email.clone(), minimum: actor.app().config.passwords.minimum, problems }
}

/// A new password, twice.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ChangeForm {
    new_password: String,
    password_again: String,
}

/// `POST /account/password`.
pub async fn change_password(actor: Actor<OwnSecrets>, form: Form<ChangeForm>) -> Reply {
    if actor.identity().method == Method::Idp {
        return Ok(by_provider());
    }
    let app = actor.app().clone();
    let refused = |field, problem: Text| Ok(Answer::refused(password_page(&actor, Problems::one(field, problem))));
    let context = passwords::context(actor.identity(), &app.config);
    let judged = app.hasher.judge(&actor.hash_share(), &form.new_password, &app.config.passwords, &context).await?;
    let password = match judged.chosen {
        Ok(password) => password,
        Err(problem) => return refused("new_password", problem.into()),
    };
    if Password::typed(&form.password_again).as_ref() != Some(&password) {
        return refused("password_again", Problem::PasswordsDiffer.into());
    }
    let (origin, whose) =
        (actor.origin().clone(), (actor.identity().organization.clone(), actor.identity().user.clone()));
    let hash =
        match passwords::hash_new(&app, origin, &actor.hash_share(), whose, &password, Kind::PasswordChanged).await? {
            Ok(hash) => hash,
            Err(not) => return refused("new_password", not.problem(app.clock().now())),
        };
    let proof = actor.identity().proof(app.clock().now());
    let session = actor.write(move |tx| super::change_password(tx, &hash, proof)).await?;
    give_cookie(actor.request(), &session)?;
    Ok(see_other(urls::ACCOUNT).notice(Text::new("account-password-changed")))
}

/// `GET /account/sessions/{session}/logout`: the list is on the account page.
pub async fn session_page(_: Actor<OwnAccount>, _: Path<SessionId>) -> Reply {
    Ok(see_other(urls::ACCOUNT))
}

/// `POST /account/sessions/{session}/logout`.
pub async fn end_session(actor: Actor<OwnAccount>, session: Path<SessionId>) -> Reply {
    actor.write(move |tx| super::end_session(tx, &session.0)).await?;
    Ok(see_other(urls::ACCOUNT).notice(Text::new("account-session-ended")))
}

/// `GET /account/sessions/logout`.
pub async fn sessions_page(_: Actor<OwnAccount>) -> Reply {
    Ok(see_other(urls::ACCOUNT))
}

/// `POST /account/sessions/logout`: all but this one.
pub async fn end_others(actor: Actor<OwnAccount>) -> Reply {
    let ended = actor.write(super::end_other_sessions).await?;
    Ok(see_other(urls::ACCOUNT).notice(Text::new("account-others-ended").with("n", ended)))
}

/// The browser's time zone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ZoneForm {
    zone: String,
}

/// `GET /account/zone`.
pub async fn zone_page(_: Actor<OwnAccount>) -> Reply {
    Ok(see_other(urls::ACCOUNT))
}

/// `POST /account/zone`: sent by the script; a zone we do not know changes nothing.
pub async fn save_zone(actor: Actor<OwnAccount>, form: Form<ZoneForm>) -> Reply {
    let Ok(zone) = form.zone.parse::<Tz>() else {
        return Ok(Answer::refused(page(&actor, None).await?));
    };
    actor.write(move |tx| super::correct_zone(tx, zone)).await?;
    Ok(Answer::nothing())
}

/// `GET /session`.
pub async fn session(_: Actor<OwnAccount>) -> Reply {
    Ok(see_other(urls::CONSOLE))
}

/// `POST /session`: stay logged in. The use of the session is what every request notes; this one has nothing else to do.
pub async fn stay(_: Actor<OwnAccount>) -> Reply {
    Ok(see_other(urls::CONSOLE))
}

/// A session of the list in words.
fn device(session: &ListedSession) -> String {
    browser_name(&session.agent)
}

/// When the password was last set, for the card.
fn last_change(profile: &StoredProfile) -> Option<&Moment> {
    profile.password_changed_at.as_ref()
}
