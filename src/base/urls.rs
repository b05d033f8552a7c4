//! Every address of ours, as templates and redirects build it.

use crate::base::entropy::Token;
use crate::base::ids::{BillId, EventId, HeldFormId, RegistrationId, SessionId, UserId};
use crate::base::organization_name::is_login_word;
use crate::base::project_id::ProjectId;

/// A probe: the process answers.
pub const ALIVE: &str = "/healthz";
/// A probe: requests may be sent here.
pub const READY: &str = "/readyz";
/// Public start page.
pub const START: &str = "/";
/// Terms of agreement, for reading.
pub const TERMS: &str = "/terms";
/// Sign-up, step 1.
pub const SIGN_UP: &str = "/signup";
/// Sign-up from the start: the page belongs to no sign-up of this browser.
pub const SIGN_UP_ELSEWHERE: &str = "/signup?lost=elsewhere";
/// Sign-up from the start: what had been typed is past its time.
pub const SIGN_UP_EXPIRED: &str = "/signup?lost=expired";
/// Sign-up, step 2.
pub const SIGN_UP_MEMBER: &str = "/signup/member";
/// Sign-up, step 3.
pub const SIGN_UP_ORGANIZATION: &str = "/signup/organization";
/// Sign-up, after step 3.
pub const SIGN_UP_DONE: &str = "/signup/done";
/// Login: organization name.
pub const LOGIN: &str = "/login";
/// Login again from the start: the step in between was lost.
pub const LOGIN_LOST: &str = "/login?lost=1";
/// A session from before two-factor authentication was turned on goes on with the second factor.
pub const LOGIN_AGAIN: &str = "/login/again";
/// Login: which second factor.
pub const LOGIN_FACTOR: &str = "/login/factor";
/// Login: the code of the second factor.
pub const LOGIN_CODE: &str = "/login/factor/code";
/// Login: a recovery code in the place of the authenticator app.
pub const LOGIN_RECOVERY: &str = "/login/factor/recovery";
/// Login: on to the organization's identity provider.
pub const LOGIN_IDP: &str = "/login/idp";
/// The page that leaves for an identity provider.
pub const OIDC_AWAY: &str = "/auth/oidc";
/// The owner's way in when the identity provider fails: a recovery code.
pub const RECOVERY: &str = "/login/recovery";
/// What confirms the recovery code.
pub const RECOVERY_CONFIRMATION: &str = "/login/recovery/confirmation";
/// Mail the owner a code that does.
pub const RECOVERY_CODE: &str = "/login/recovery/code";
/// What a recovery code opens.
pub const REPAIR: &str = "/repair";
/// The owner was made anew at the identity provider.
pub const REPAIR_BINDING: &str = "/repair/binding";
/// Leave it.
pub const REPAIR_END: &str = "/repair/end";
/// Console access control, by a recovery code.
pub const REPAIR_ACCESS: &str = "/repair/access";
/// The settings of the identity provider, by a recovery code.
pub const REPAIR_IDP: &str = "/repair/idp";
/// What an issuer publishes fills them in.
pub const REPAIR_DISCOVERY: &str = "/repair/idp/discovery";
/// How the integration test ended.
pub const REPAIR_TEST: &str = "/repair/idp/test";
/// Their trial.
pub const REPAIR_TRIAL: &str = "/repair/idp/trial";
/// The end of the trial.
pub const REPAIR_CANCELLATION: &str = "/repair/idp/trial/cancellation";
/// New recovery codes.
pub const REPAIR_CODES: &str = "/repair/idp/recovery-codes";
/// "Mail me my organizations".
pub const LOGIN_ORGANIZATIONS: &str = "/login/organizations";
/// Where an identity provider sends people back to: one for all organizations, registered at each provider.
pub const OIDC_CALLBACK: &str = "/auth/oidc/callback";
/// Log out.
pub const LOGOUT: &str = "/logout";
/// Password reset.
pub const PASSWORD: &str = "/password";
/// New password, after a reset link was opened.
pub const PASSWORD_NEW: &str = "/password/new";
/// First password, after an invitation was opened.
pub const INVITATION: &str = "/invitation";
/// Live hint of a password's strength.
pub const STRENGTH: &str = "/password/strength";
/// Home of the console.
pub const CONSOLE: &str = "/console";
/// Manage organization > Account.
pub const ORGANIZATION_ACCOUNT: &str = "/iam/organization/account";
/// Manage organization > Security.
pub const ORGANIZATION_SECURITY: &str = "/iam/organization/security";
/// Set password expiration.
pub const EXPIRATION: &str = "/iam/organization/security/password";
/// Control console access.
pub const ACCESS: &str = "/iam/organization/security/access";
/// Modify account: login method and two-factor authentication.
pub const ORGANIZATION_ACCOUNT_EDIT: &str = "/iam/organization/account/edit";
/// Mail the owner the code without which two-factor authentication is not turned on.
pub const ORGANIZATION_ACCOUNT_CODE: &str = "/iam/organization/account/edit/code";
/// Turn two-factor authentication off.
pub const ORGANIZATION_ACCOUNT_OFF: &str = "/iam/organization/account/edit/deactivation";
/// The settings of the organization's identity provider.
pub const IDP: &str = "/iam/organization/account/idp";
/// What an issuer publishes fills them in.
pub const IDP_DISCOVERY: &str = "/iam/organization/account/idp/discovery";
/// How the integration test ended.
pub const IDP_TEST: &str = "/iam/organization/account/idp/test";
/// Their trial.
pub const IDP_TRIAL: &str = "/iam/organization/account/idp/trial";
/// The end of the trial by the owner.
pub const IDP_CANCELLATION: &str = "/iam/organization/account/idp/trial/cancellation";
/// The owner's recovery codes.
pub const IDP_CODES: &str = "/iam/organization/account/idp/recovery-codes";
/// Users.
pub const USERS: &str = "/iam/users";
/// Register a user.
pub const USERS_NEW: &str = "/iam/users/new";
/// Register users in bulk.
pub const USERS_BULK: &str = "/iam/users/bulk";
/// Transfer ownership.
pub const OWNERSHIP: &str = "/iam/organization/ownership";
/// Organization deletion: what it waits for, and the request.
pub const DELETION: &str = "/iam/organization/deletion";
/// What it waits for, looked at again and again.
pub const DELETION_CHECKLIST: &str = "/iam/organization/deletion/checklist";
/// The request is taken back.
pub const DELETION_WITHDRAWAL: &str = "/iam/organization/deletion/withdrawal";
/// Everything of the organization as one archive.
pub const DELETION_EXPORT: &str = "/iam/organization/deletion/export";
/// What the roles may do.
pub const ROLES: &str = "/iam/roles";
/// Billing.
pub const BILLING: &str = "/billing";
/// Bills that are not paid.
pub const BILLING_OPEN: &str = "/billing?status=open";
/// IAM > Projects.
pub const PROJECTS: &str = "/iam/projects";
/// A new project.
pub const PROJECTS_NEW: &str = "/iam/projects/new";
/// Account settings > Account info.
pub const ACCOUNT: &str = "/account";
/// Change password.
pub const ACCOUNT_PASSWORD: &str = "/account/password";
/// Mobile number.
pub const ACCOUNT_MOBILE: &str = "/account/mobile";
/// Send a code to the mobile number.
pub const ACCOUNT_MOBILE_CODE: &str = "/account/mobile/code";
/// Type the code that was sent.
pub const ACCOUNT_MOBILE_VERIFICATION: &str = "/account/mobile/verification";
/// Remove the mobile number.
pub const ACCOUNT_MOBILE_REMOVAL: &str = "/account/mobile/removal";
/// Authenticator app.
pub const ACCOUNT_AUTHENTICATOR: &str = "/account/authenticator";
/// Begin to set an authenticator app up.
pub const ACCOUNT_AUTHENTICATOR_SETUP: &str = "/account/authenticator/setup";
/// Its QR code, and the first code it shows.
pub const ACCOUNT_AUTHENTICATOR_VERIFICATION: &str = "/account/authenticator/verification";
/// Remove the authenticator app.
pub const ACCOUNT_AUTHENTICATOR_REMOVAL: &str = "/account/authenticator/removal";
/// New recovery codes.
pub const ACCOUNT_RECOVERY_CODES: &str = "/account/authenticator/recovery-codes";
/// Recovery codes as a file.
pub const ACCOUNT_RECOVERY_CODES_FILE: &str = "/account/authenticator/recovery-codes/file";
/// Sign out all other sessions.
pub const OTHER_SESSIONS_LOGOUT: &str = "/account/sessions/logout";
/// The browser's time zone.
pub const ACCOUNT_ZONE: &str = "/account/zone";
/// Stay logged in.
pub const SESSION: &str = "/session";
/// Confirm who you are.
pub const CONFIRMATION: &str = "/confirmation";
/// Set a new password in the place of one that expired.
pub const EXPIRED: &str = "/password/expired";
/// Confirm who you are at the identity provider.
pub const CONFIRMATION_IDP: &str = "/confirmation/idp";
/// Confirm who you are by a mailed code.
pub const CONFIRMATION_CODE: &str = "/confirmation/code";
/// Language and theme.
pub const PREFERENCES: &str = "/preferences";
/// The audit log.
pub const AUDIT: &str = "/audit";
/// Logins per day.
pub const AUDIT_LOGINS: &str = "/audit/logins";
/// Export of the audit log.
pub const AUDIT_EXPORT: &str = "/audit/export";
/// The development mailbox.
pub const MAILBOX: &str = "/dev/mailbox";

/// A part of an address as it was before it was percent-encoded.
pub fn decoded(part: &str) -> String {
    let pair = format!("x={}", part.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Login that leads on to `path`.
pub fn login_then(path: &str) -> String {
    with_query(LOGIN, "next", path)
}

/// The second factor that leads on to `path`.
pub fn login_again(path: &str) -> String {
    with_query(LOGIN_AGAIN, "next", path)
}

/// The login URL of an organization. One from before a word was reserved is named in the query.
pub fn login_to(organization: &str) -> String {
    match is_login_word(organization) {
        true => with_query(LOGIN, "organization", organization),
        false => format!("{LOGIN}/{organization}"),
    }
}

/// The login URL of an organization, with an email address filled in, that leads on to `next`, if that is not empty.
pub fn login(organization: &str, next: &str, email: &str) -> String {
    let mut url = login_to(organization);
    for (name, value) in [("next", next), ("email", email)] {
        if !value.is_empty() {
            url = with_query(&url, name, value);
        }
    }
    url
}

/// The request for a new password, for an organization and an email address that are known.
pub fn reset_for(organization: &str, email: &str) -> String {
    let url = with_query(PASSWORD, "organization", organization);
    if email.is_empty() { url } else { with_query(&url, "email", email) }
}

/// The page that leaves to the provider with the state cookie of a handle.
pub fn oidc_away(handle: &str) -> String {
    with_query(OIDC_AWAY, "handle", handle)
}

/// The confirmation that leads on to `path`.
pub fn confirmation(path: &str) -> String {
    with_query(CONFIRMATION, "next", path)
}

/// The page for a new password that leads on to `path`.
pub fn expired(path: &str) -> String {
    with_query(EXPIRED, "next", path)
}

/// A page with a form that was kept for it.
pub fn with_held(path: &str, held: &HeldFormId) -> String {
    with_query(path, "held", held.as_str())
}

/// The link of an invitation.
pub fn invitation_link(token: &Token) -> String {
    format!("{INVITATION}/{}", token.expose())
}

/// The link of a password reset.
pub fn password_link(token: &Token) -> String {
    format!("{PASSWORD}/{}", token.expose())
}

/// Sign out one session.
pub fn session_logout(session: &SessionId) -> String {
    format!("/account/sessions/{session}/logout")
}

/// Users that were registered at once, and how their invitations fare.
pub fn registration(registration: &RegistrationId) -> String {
    format!("{USERS_BULK}/{registration}")
}

/// The report of a registration.
pub fn registration_report(registration: &RegistrationId) -> String {
    format!("{USERS_BULK}/{registration}/report")
}

/// A user: the Account tab.
pub fn user(user: &UserId) -> String {
    format!("{USERS}/{user}")
}

/// What belongs to a user: a tab, or a change by its noun.
pub fn of_user(user: &UserId, part: &str) -> String {
    format!("{USERS}/{user}/{part}")
}

/// End a session of a user.
pub fn user_session_logout(user: &UserId, session: &SessionId) -> String {
    format!("{USERS}/{user}/sessions/{session}/logout")
}

/// One bill.
pub fn bill(bill: &BillId) -> String {
    format!("{BILLING}/{bill}")
}

/// How to pay a bill.
pub fn bill_payment(bill: &BillId) -> String {
    format!("{BILLING}/{bill}/payment")
}

/// One project.
pub fn project(project: &ProjectId) -> String {
    format!("{PROJECTS}/{project}")
}

/// What a project is called.
pub fn project_edit(project: &ProjectId) -> String {
    format!("{PROJECTS}/{project}/edit")
}

/// The deletion of a project.
pub fn project_deletion(project: &ProjectId) -> String {
    format!("{PROJECTS}/{project}/deletion")
}

/// The resources of a project.
pub fn project_resources(project: &ProjectId) -> String {
    format!("{PROJECTS}/{project}/resources")
}

/// The members of a project.
pub fn project_members(project: &ProjectId) -> String {
    format!("{PROJECTS}/{project}/members")
}

/// A new member of a project.
pub fn project_members_new(project: &ProjectId) -> String {
    format!("{PROJECTS}/{project}/members/new")
}

/// The role of a member.
pub fn project_member(project: &ProjectId, user: &UserId) -> String {
    format!("{PROJECTS}/{project}/members/{user}")
}

/// The removal of a member.
pub fn project_member_removal(project: &ProjectId, user: &UserId) -> String {
    format!("{PROJECTS}/{project}/members/{user}/removal")
}

/// One event of the audit log.
pub fn audit_event(event: &EventId) -> String {
    format!("{AUDIT}/{event}")
}

/// One message of the development mailbox.
pub fn mailbox_message(id: &str) -> String {
    format!("{MAILBOX}/{id}")
}

fn with_query(path: &str, name: &str, value: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{query}")
}
