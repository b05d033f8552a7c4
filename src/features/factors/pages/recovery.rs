//! Account info > Authenticator app > Recovery codes: shown once, made anew, and as a file.

use actix_web::http::header::CONTENT_DISPOSITION;
use askama::Template;
use serde::Deserialize;

use super::factors;
use crate::access::{Actor, OwnAccount, OwnSecrets};
use crate::base::i18n::{Text, filters};
use crate::base::urls;
use crate::features::factors::recovery::{self, COUNT, RecoveryCode};
use crate::features::factors::{Factors, ShownCodes};
use crate::web::{Answer, Form, Reply, see_other};

#[derive(Template)]
#[template(path = "factors/recovery.html")]
struct RecoveryPage {
    factors: Factors,
}

#[derive(Template)]
#[template(path = "factors/recovery_codes.html")]
struct CodesPage {
    codes: Vec<String>,
    is_new_app: bool,
}

crate::pages! {
    RecoveryPage;
    CodesPage;
}

impl CodesPage {
    /// What the form of the file sends back: it is kept nowhere else.
    fn all(&self) -> String {
        self.codes.join(" ")
    }
}

/// On to the page that shows new codes.
pub(super) fn show_codes(actor: &Actor<OwnSecrets>, codes: &[RecoveryCode], with_app: bool) -> Answer {
    see_other(urls::ACCOUNT_RECOVERY_CODES).about(ShownCodes::new(&actor.identity().user, codes, with_app))
}

/// `GET /account/authenticator/recovery-codes`: how many are left, or the new ones that the address carries.
pub async fn show(actor: Actor<OwnSecrets>) -> Reply {
    if let Some(shown) = ShownCodes::of(actor.request(), &actor.identity().user) {
        return Ok(Answer::page(CodesPage { codes: shown.codes, is_new_app: shown.with_app }).uncompressed());
    }
    Ok(Answer::page(RecoveryPage { factors: factors(&actor).await? }))
}

/// `POST /account/authenticator/recovery-codes`: new ones; older ones are void.
pub async fn make(actor: Actor<OwnSecrets>) -> Reply {
    Ok(match actor.write(recovery::make_anew).await? {
        Some(codes) => show_codes(&actor, &codes, false),
        None => see_other(urls::ACCOUNT_AUTHENTICATOR),
    })
}

/// The codes that the page showed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FileForm {
    codes: String,
}

/// `GET /account/authenticator/recovery-codes/file`: the file is made of the page that showed the codes.
pub async fn file_page(_: Actor<OwnAccount>) -> Reply {
    Ok(see_other(urls::ACCOUNT_AUTHENTICATOR))
}

/// `POST /account/authenticator/recovery-codes/file`: the same codes as a text file.
pub async fn file(actor: Actor<OwnAccount>, form: Form<FileForm>) -> Reply {
    let codes: Option<Vec<RecoveryCode>> = form.codes.split_whitespace().map(RecoveryCode::parse).collect();
    let codes = codes.filter(|codes| codes.len() == COUNT).unwrap_or_default();
    let (asked, own) = (codes.clone(), !codes.is_empty());
    if !own || !actor.read(move |tx| recovery::are_own(tx, &asked)).await? {
        return Ok(see_other(urls::ACCOUNT_AUTHENTICATOR).refusal(Text::new("factor-recovery-gone")));
    }
    let identity = actor.identity();
    let head = Text::new("factor-recovery-file")
        .with("product", actor.app().config.brand.product.as_str())
        .with("email", identity.email.as_str())
        .with("organization", identity.organization_name.as_str());
    let lines: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let text = format!("{}\n\n{}\n", head.say(actor.language()), lines.join("\n"));
    Ok(Answer::bytes("text/plain; charset=utf-8", text.into())
        .header(CONTENT_DISPOSITION, "attachment; filename=\"recovery-codes.txt\"")
        .uncompressed())
}
