//! The counters' rows.

use chrono::Duration;
use diesel::prelude::*;

use crate::base::digest::Digest;
use crate::base::ids::{OrganizationId, UserId};
use crate::base::moment::Moment;
use crate::platform::store::schema::throttles;
use crate::platform::store::{self, StoreError, Work};

words! {
    /// What is counted.
    Subject {
        /// Wrong passwords of unknown browsers for one account, existing or not.
        Account = "account",
        /// Wrong passwords of one browser that has logged into the account before.
        Browser = "browser",
        /// Wrong passwords from one network.
        Network = "network",
        /// Wrong passwords from the IPv6 /48 that a network is in.
        WideNetwork = "wide_network",
        /// Completed sign-ups from one network.
        SignUp = "sign_up",
        /// Password reset mails to one account, from one network, of one known browser, and over all.
        ResetMail = "reset_mail",
        /// "My organizations" mails to one address.
        OrganizationsMail = "organizations_mail",
        /// Invitation mails to one address, of all organizations.
        InvitationMail = "invitation_mail",
        /// Invitation mails of one organization to one address.
        InvitationOfOrganization = "invitation_of_organization",
        /// Invitation mails to one address that visitors ask for, from one network and over all.
        VisitorInvitation = "visitor_invitation",
        /// Invitation mails of one organization.
        OrganizationInvitations = "organization_invitations",
        /// SMS to one number.
        SmsNumber = "sms_number",
        /// SMS that one network asked for.
        SmsNetwork = "sms_network",
        /// SMS of one organization.
        SmsOrganization = "sms_organization",
        /// SMS of the installation.
        SmsInstallation = "sms_installation",
        /// Codes sent to one user at the request of a known browser, a session or a repair.
        CodeSends = "code_sends",
        /// Wrong codes of one user that such a one has typed.
        CodeTries = "code_tries",
        /// New passwords of one user that were compared with the former ones.
        NewPassword = "new_password",
    }
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = throttles, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) key: Digest,
    pub(super) subject: Subject,
    pub(super) organization_id: Option<OrganizationId>,
    pub(super) user_id: Option<UserId>,
    pub(super) count: i64,
    pub(super) rung: i64,
    pub(super) since: Moment,
    pub(super) last_at: Moment,
    pub(super) locked_until: Option<Moment>,
    pub(super) expires_at: Moment,
}

impl Row {
    pub(super) fn locked(&self, now: Moment) -> Option<Moment> {
        self.locked_until.filter(|until| *until > now)
    }
}

/// Counts one more in the row of `key`, which this transaction then holds until it ends.
pub(super) fn hold(
    work: &mut Work<'_>,
    key: &Digest,
    subject: Subject,
    owner: Option<(OrganizationId, UserId)>,
) -> Result<Row, StoreError> {
    let now = work.now();
    let count = |work: &mut Work<'_>| {
        let more = throttles::count.eq(throttles::count + 1);
        store::update(throttles::table, more, throttles::key.eq(key.clone())).execute(work.conn())
    };
    if count(work)? == 0 {
        let (organization_id, user_id) = owner.unzip();
        let fresh = Row {
            key: key.clone(),
            subject,
            organization_id,
            user_id,
            count: 1,
            rung: 0,
            since: now,
            last_at: now,
            locked_until: None,
            expires_at: now + Duration::days(1),
        };
        let written =
            work.savepoint(|connection| diesel::insert_into(throttles::table).values(&fresh).execute(connection));
        match written {
            Ok(_) => {}
            // Another instance counted the first one in between.
            Err(error) if error.is_duplicate() => {
                count(work)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(throttles::table.filter(throttles::key.eq(key.clone())).get_result(work.conn())?)
}

/// Writes what was decided on a row that is held.
pub(super) fn keep(work: &mut Work<'_>, row: Row) -> Result<(), StoreError> {
    let decided = (
        throttles::count.eq(row.count),
        throttles::rung.eq(row.rung),
        throttles::since.eq(row.since),
        throttles::last_at.eq(work.now()),
        throttles::locked_until.eq(row.locked_until),
        throttles::expires_at.eq(row.expires_at),
    );
    store::update(throttles::table, decided, throttles::key.eq(row.key)).execute(work.conn())?;
    Ok(())
}
