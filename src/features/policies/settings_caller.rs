//! Who changes how an organization logs in: an administrator in the console, or the owner in a repair session. One set of
//! rules and pages serves both.

use crate::access::caller::Caller;
use actix_web::HttpRequest;

use crate::access::app::App;
use crate::access::{Actor, ManageLogin, ManageSecurity, Permission};
use crate::base::ids::{OrganizationId, UserId};
use crate::base::urls;
use crate::platform::store::{PersonTx, Recorded, StoreError, Work};

/// Who changes the settings: it comes from a permission or from a repair session, and cannot be put together elsewhere.
#[derive(Clone, Debug)]
pub struct SettingsCaller {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// Who.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    repairs: bool,
}

impl SettingsCaller {
    /// Whether a recovery code opened the way.
    pub fn repairs(&self) -> bool {
        self.repairs
    }

    /// The owner, in a repair session.
    pub(crate) fn in_repair(organization: (&OrganizationId, &str), user: &UserId, (name, email): (&str, &str)) -> Self {
        Self {
            organization: organization.0.clone(),
            organization_name: organization.1.to_owned(),
            user: user.clone(),
            name: name.to_owned(),
            email: email.to_owned(),
            repairs: true,
        }
    }
}

/// Where the pages are.
#[derive(Clone, Copy, Debug)]
pub struct SettingsUrls {
    /// The form, and where its test begins.
    pub settings: &'static str,
    /// Asks the provider for what its issuer publishes.
    pub discovery: &'static str,
    /// How the test ended.
    pub test: &'static str,
    /// What the trial touches, and its start.
    pub trial: &'static str,
    /// Ends a trial.
    pub cancellation: &'static str,
    /// New recovery codes.
    pub codes: &'static str,
    /// Console access control.
    pub access: &'static str,
    /// Where one comes from and goes back to.
    pub home: &'static str,
}

/// In the console.
pub const CONSOLE: SettingsUrls = SettingsUrls {
    settings: urls::IDP,
    discovery: urls::IDP_DISCOVERY,
    test: urls::IDP_TEST,
    trial: urls::IDP_TRIAL,
    cancellation: urls::IDP_CANCELLATION,
    codes: urls::IDP_CODES,
    access: urls::ACCESS,
    home: urls::ORGANIZATION_ACCOUNT,
};

/// A caller of the settings' pages.
pub trait CallsSettings: Caller {
    /// Where its pages are.
    const URLS: SettingsUrls;

    /// The wired application.
    fn app(&self) -> &App;

    /// Where the request came from.
    fn request(&self) -> &HttpRequest;

    /// Who is at work.
    fn caller(&self) -> SettingsCaller;

    /// Statements that read.
    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Work<'_>, &SettingsCaller) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// A transaction that writes, the organization's row first.
    fn write<T, E>(
        &self,
        work: impl FnOnce(&mut PersonTx<'_, '_>, &SettingsCaller) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + crate::platform::events::Refusal + Send + 'static;
}

/// A permission to change how an organization logs in.
pub trait SettingsPermission: Permission {
    /// Where its pages are.
    const URLS: SettingsUrls;
}

impl SettingsPermission for ManageLogin {
    const URLS: SettingsUrls = CONSOLE;
}

impl SettingsPermission for ManageSecurity {
    const URLS: SettingsUrls = SettingsUrls { home: urls::ORGANIZATION_SECURITY, ..CONSOLE };
}

impl<P: SettingsPermission> CallsSettings for Actor<P> {
    const URLS: SettingsUrls = P::URLS;

    fn request(&self) -> &HttpRequest {
        Actor::request(self)
    }

    fn app(&self) -> &App {
        Actor::app(self)
    }

    fn caller(&self) -> SettingsCaller {
        let identity = self.identity();
        SettingsCaller {
            organization: identity.organization.clone(),
            organization_name: identity.organization_name.clone(),
            user: identity.user.clone(),
            name: identity.name.clone(),
            email: identity.email.clone(),
            repairs: false,
        }
    }

    async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Work<'_>, &SettingsCaller) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let caller = self.caller();
        Actor::read(self, move |tx| work(tx, &caller)).await
    }

    async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut PersonTx<'_, '_>, &SettingsCaller) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + crate::platform::events::Refusal + Send + 'static,
    {
        let caller = self.caller();
        Actor::write(self, move |tx| work(&mut tx.by_person(), &caller)).await
    }
}
