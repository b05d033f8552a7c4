//! The one query of a request: session, user, organization and policies. A transaction that writes asks it again.

use crate::base::organization::State;
use diesel::prelude::*;

use super::{Identity, Method, SecondFactor};
use crate::access::decisions::TwoFactor;
use crate::access::decisions::console_access::ConsoleAccess;
use crate::access::decisions::expiration::Expiration;
use crate::base::entropy::Token;
use crate::base::i18n::Language;
use crate::base::ids::{OrganizationId, SessionId, UserId};
use crate::base::moment::Moment;
use crate::base::organization::LoginMethod;
use crate::base::user::Status;
use crate::platform::store::schema::{organizations as organization_rows, sessions, users};
use crate::platform::store::{self, AnyConnection, StoreError};

/// The rows of the query that a condition on `sessions` chooses from.
macro_rules! rows {
    ($condition:expr) => {
        sessions::table
            .inner_join(
                users::table
                    .on(users::organization_id.eq(sessions::organization_id).and(users::id.eq(sessions::user_id))),
            )
            .inner_join(organization_rows::table.on(organization_rows::id.eq(sessions::organization_id)))
            .filter($condition)
            .select((
                (
                    sessions::id,
                    users::id,
                    organization_rows::id,
                    organization_rows::name,
                    organization_rows::state,
                    organization_rows::owner_id,
                    organization_rows::two_factor,
                    organization_rows::login_method,
                    organization_rows::password_days,
                    organization_rows::console_access,
                ),
                (
                    users::name,
                    users::nickname,
                    users::email,
                    users::language,
                    users::time_zone,
                    users::time_zone_chosen,
                    users::mobile.is_not_null().and(users::mobile_verified_at.is_null()),
                    users::password_changed_at,
                    users::status,
                ),
                (users::org_admin, users::org_reader, users::billing_admin),
                (
                    sessions::created_at,
                    sessions::authenticated_at,
                    sessions::last_seen_at,
                    sessions::second_factor,
                    sessions::method,
                ),
                organization_rows::deletion_due_at,
            ))
    };
}

/// The session of a cookie, if there is one; whether it still lives is asked elsewhere.
pub(super) fn by_token(connection: &mut AnyConnection, token: &Token) -> Result<Option<Identity>, StoreError> {
    let row = rows!(sessions::token_hash.eq(token.digest()));
    let row: Option<Row> = store::on_engine!(connection, own => row.get_result(own)).optional()?;
    row.map(Identity::read).transpose()
}

/// A session by its handle, within the transaction that acts for it.
pub(super) fn by_id(
    connection: &mut AnyConnection,
    organization: &OrganizationId,
    session: &SessionId,
) -> Result<Option<Identity>, StoreError> {
    let own = sessions::organization_id.eq(organization.clone()).and(sessions::id.eq(session.clone()));
    let row = rows!(own);
    let row: Option<Row> = store::on_engine!(connection, own => row.get_result(own)).optional()?;
    row.map(Identity::read).transpose()
}

type Row = (
    (SessionId, UserId, OrganizationId, String, State, UserId, bool, LoginMethod, Option<i64>, Option<String>),
    (String, Option<String>, String, Language, String, bool, bool, Option<Moment>, Status),
    (bool, bool, bool),
    (Moment, Moment, Moment, Option<SecondFactor>, Method),
    Option<Moment>,
);

impl Identity {
    fn read(row: Row) -> Result<Self, StoreError> {
        let (place, person, roles, times, deletion_due) = row;
        let (session, user, organization, organization_name, organization_state, owner, ..) = place;
        let (two_factor, login_method, password_days, console_access) = (place.6, place.7, place.8, place.9);
        let (name, nickname, email, language, time_zone, time_zone_chosen, ..) = person;
        let (has_unverified_mobile, password_changed_at, status) = (person.6, person.7, person.8);
        let access = ConsoleAccess::stored(console_access.as_deref())?;
        Ok(Self {
            session,
            user,
            organization,
            organization_name,
            organization_state,
            owner,
            two_factor: TwoFactor(two_factor),
            login_method,
            expiration: Expiration::stored(password_days),
            access: access.is_on.then_some(access),
            name,
            nickname,
            email,
            language,
            time_zone,
            time_zone_chosen,
            has_unverified_mobile,
            password_changed_at,
            status,
            org_admin: roles.0,
            org_reader: roles.1,
            billing_admin: roles.2,
            created_at: times.0,
            authenticated_at: times.1,
            last_seen_at: times.2,
            second_factor: times.3,
            method: times.4,
            deletion_due,
        })
    }
}
