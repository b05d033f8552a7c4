//! What the provider tells beyond the ID token: asked once a login, believed only about the same person, never needed.

use serde_json::{Map, Value};

use super::refusal::{Reason, Refused};
use super::token::{is_true, text};
use super::{Claims, Configuration, json};
use crate::platform::outbound::Outbound;

/// Fills in what the ID token left out. A provider that does not answer keeps nobody out; one that answers about somebody
/// else does.
pub(super) async fn complete(
    outbound: &Outbound,
    configuration: &Configuration,
    access_token: &str,
    mut claims: Claims,
) -> Result<Claims, Refused> {
    let Some(url) = &configuration.userinfo_url else {
        return Ok(claims);
    };
    let told = match outbound.get(url, Some(access_token)).await {
        // A signed answer (application/jwt) is not read: nobody asked for one.
        Ok(answer) if answer.status == 200 && answer.content_type == "application/json" => json::value(&answer.body),
        Ok(answer) => {
            tracing::info!(status = answer.status, content_type = answer.content_type, "userinfo was not told");
            return Ok(claims);
        }
        Err(error) => {
            tracing::info!(%error, "userinfo could not be asked");
            return Ok(claims);
        }
    };
    let Ok(Value::Object(told)) = told else {
        tracing::info!("userinfo cannot be read");
        return Ok(claims);
    };
    match told.get("sub").and_then(Value::as_str) {
        Some(subject) if subject == claims.subject => fill(&mut claims, &told),
        Some(_) => return Err(Reason::UserinfoSubject.into()),
        // It may be about any person: nothing of it is used.
        None => tracing::info!("userinfo names no person"),
    }
    Ok(claims)
}

fn fill(claims: &mut Claims, told: &Map<String, Value>) {
    // An address and whether it is verified belong together: never one from here and the other from there.
    if claims.email.is_none() {
        claims.email = text(told, "email");
        claims.email_verified = is_true(told.get("email_verified"));
    }
    claims.name = claims.name.take().or_else(|| text(told, "name"));
    claims.preferred_username = claims.preferred_username.take().or_else(|| text(told, "preferred_username"));
}
