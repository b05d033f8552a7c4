//! Queries on the outbox beside delivery: what is still worth sending, and what the operator lists and sends again.

use chrono::Duration;
use diesel::dsl::{case_when, exists, select};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;

use super::{Channel, Content, Ending, Stage, State};
use crate::base::ids::{MailId, OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::schema::{codes, mailed_links, mails, organizations};
use crate::platform::store::{StoreError, Work};

/// How long what could not be delivered can be sent again.
const KEPT: Duration = Duration::days(14);
/// Rows of a list that are read at once.
const CHUNK: i64 = 500;

/// Why a message is not worth sending any more: its code or link is past its time, was used or replaced, or its key is gone.
pub(super) fn obsolete(
    work: &mut Work<'_>,
    id: &MailId,
    content: Option<&Content>,
) -> Result<Option<Ending>, StoreError> {
    let Some(content) = content else {
        return Ok(Some(Ending::Unreadable));
    };
    let now = work.now();
    if content.until().is_some_and(|until| until <= now) {
        return Ok(Some(Ending::Expired));
    }
    let works = match content {
        Content::Letter(message) if message.link().is_some() => {
            let open = mailed_links::table
                .filter(mailed_links::token_hash.nullable().eq(message.link().map(crate::base::entropy::Token::digest)))
                .filter(mailed_links::used_at.is_null())
                .filter(mailed_links::replaced_at.is_null().or(mailed_links::replaced_at.gt(Some(now))));
            select(exists(open)).get_result(work.conn())?
        }
        content if content.has_code() => {
            let open = codes::table
                .filter(codes::message_id.eq(id.clone()))
                .filter(codes::used_at.is_null())
                .filter(codes::replaced_at.is_null());
            select(exists(open)).get_result(work.conn())?
        }
        _ => true,
    };
    Ok((!works).then_some(Ending::Replaced))
}

/// How a message stands.
#[derive(Clone, Debug, Queryable)]
pub struct Fate {
    /// Where it stands.
    pub state: State,
    /// Why it was not sent.
    pub ending: Option<Ending>,
    /// What the mail server or gateway last said.
    pub answer: Option<String>,
    /// When it is tried next.
    pub due_at: Moment,
}

/// How the newest message of a kind to a user stands.
pub fn newest(
    work: &mut Work<'_>,
    organization: &OrganizationId,
    user: &UserId,
    kind: &'static str,
) -> Result<Option<Fate>, StoreError> {
    let row = mails::table
        .filter(mails::organization_id.eq(organization.clone()))
        .filter(mails::user_id.eq(user.clone()))
        .filter(mails::kind.eq(kind))
        .order(mails::id.desc())
        .select((mails::state, mails::ending, mails::answer, mails::due_at));
    Ok(row.first(work.conn()).optional()?)
}

/// A message as the operator's list shows it. The names of the fields are what scripts read.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Id.
    pub id: String,
    /// By mail or SMS.
    pub channel: Channel,
    /// What it tells.
    pub kind: String,
    /// The name of the organization it belongs to.
    pub organization: Option<String>,
    /// To whom.
    pub recipient: String,
    /// Where it stands.
    pub state: State,
    /// Why it was not sent.
    pub ending: Option<Ending>,
    /// How far the last try got.
    pub stage: Option<Stage>,
    /// What the mail server or gateway last said.
    pub answer: Option<String>,
    /// Deliveries tried.
    pub attempts: i32,
    /// When it was written, RFC 3339 in UTC.
    pub created_at: String,
    /// Whether `mail retry` can send it again.
    pub can_be_retried: bool,
}

type ListedRow = (
    (MailId, Channel, String, Option<String>, String, State),
    (Option<Ending>, Option<Stage>, Option<String>, i32, Moment),
    (bool, Option<Moment>),
);

/// The next messages after an id that wait or failed, or only those that failed.
pub fn unsent_after(work: &mut Work<'_>, id: &str, only_failed: bool) -> Result<Vec<Listed>, StoreError> {
    let states =
        if only_failed { vec![State::Failed.word()] } else { vec![State::Queued.word(), State::Failed.word()] };
    let rows = mails::table
        .left_join(organizations::table.on(mails::organization_id.eq(organizations::id.nullable())))
        .filter(mails::state.eq_any(states))
        .filter(mails::id.gt(id.to_owned()))
        .order(mails::id)
        .limit(CHUNK)
        .select((
            (mails::id, mails::channel, mails::kind, organizations::name.nullable(), mails::recipient, mails::state),
            (mails::ending, mails::stage, mails::answer, mails::attempts, mails::created_at),
            (mails::sealed.is_not_null(), mails::works_until),
        ));
    let (rows, now): (Vec<ListedRow>, Moment) = (rows.load(work.conn())?, work.now());
    let listed = rows.into_iter().map(|(what, how, (is_kept, until))| Listed {
        can_be_retried: what.5 == State::Failed
            && is_kept
            && how.0.is_some_and(Ending::can_be_retried)
            && until.is_none_or(|until| until > now),
        id: what.0.to_string(),
        channel: what.1,
        kind: what.2,
        organization: what.3,
        recipient: what.4,
        state: what.5,
        ending: how.0,
        stage: how.1,
        answer: how.2,
        attempts: how.3,
        created_at: how.4.to_string(),
    });
    Ok(listed.collect())
}

/// How a message stands; `None` where there is none with this id.
pub fn state(work: &mut Work<'_>, id: &str) -> Result<Option<State>, StoreError> {
    let row = mails::table.filter(mails::id.eq(id.to_owned())).select(mails::state);
    Ok(row.first(work.conn()).optional()?)
}

/// Puts messages that failed back into delivery, all or the one of an id; says how many. What is past its time, replaced
/// or taken back stays as it is.
pub fn retry(work: &mut Work<'_>, id: Option<&str>) -> Result<usize, StoreError> {
    let now = work.now();
    let mut failed = mails::table
        .filter(mails::state.eq(State::Failed))
        .filter(mails::sealed.is_not_null())
        .filter(mails::ending.eq_any([Some(Ending::Refused.word()), Some(Ending::GivenUp.word())]))
        .filter(mails::works_until.is_null().or(mails::works_until.gt(Some(now))))
        .select(mails::id)
        .into_boxed();
    if let Some(id) = id {
        failed = failed.filter(mails::id.eq(id.to_owned()));
    }
    let ids: Vec<MailId> = failed.load(work.conn())?;
    for id in &ids {
        let change = (
            mails::state.eq(State::Queued),
            mails::ending.eq(None::<Ending>),
            mails::stage.eq(None::<Stage>),
            mails::finished_at.eq(None::<Moment>),
            mails::leased_until.eq(None::<Moment>),
            mails::attempts.eq(0),
            mails::due_at.eq(now),
            mails::tried_since.eq(Some(now)),
        );
        diesel::update(mails::table.filter(mails::id.eq(id.clone()))).set(change).execute(work.conn())?;
    }
    if !ids.is_empty() {
        work.mail_was_written();
    }
    Ok(ids.len())
}

/// Forgets what failed messages said once nobody is to send them again; of those that belong to no organization also the
/// address, and the answer, which may name it.
pub fn forget_failed(work: &mut Work<'_>) -> Result<(), StoreError> {
    let now = work.now();
    let old = mails::table
        .filter(mails::state.eq(State::Failed))
        .filter(mails::sealed.is_not_null())
        .filter(mails::works_until.le(Some(now)).or(mails::finished_at.le(Some(now - KEPT))));
    let change = (
        mails::sealed.eq(None::<Vec<u8>>),
        mails::recipient
            .eq(case_when(mails::organization_id.is_null(), "".into_sql::<Text>()).otherwise(mails::recipient)),
        mails::answer.eq(case_when(mails::organization_id.is_not_null(), mails::answer.assume_not_null())),
    );
    diesel::update(old).set(change).execute(work.conn())?;
    Ok(())
}
