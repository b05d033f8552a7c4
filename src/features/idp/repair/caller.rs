//! The owner in a repair session, as a caller of pages.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::{Repair, about, store};
use crate::access::app::App;
use crate::access::caller::Caller;
use crate::access::failure::Failure;
use crate::access::{Access, cookies, origin};
use crate::base::entropy::Token;
use crate::base::urls;
use crate::features::policies::settings_caller::{CallsSettings, SettingsCaller, SettingsUrls};
use crate::platform::store::{Denied, Origin, PersonTx, Recorded, StoreError, Work};

/// The owner, let in by a recovery code and what confirmed it. There is no constructor but the request's.
#[derive(Debug)]
pub struct Repairer {
    request: HttpRequest,
    token: Token,
    repair: Repair,
    origin: Origin,
}

impl FromRequest for Repairer {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let origin = origin::origin(&request)?;
            let token = cookies::value(&request, cookies::REPAIR).and_then(|value| Token::parse(&value));
            let token = token.ok_or(Failure::RepairNeeded)?;
            let asked = token.clone();
            let found = App::of(&request).store.read(origin.clone(), move |tx| confirmed(tx, &asked)).await?;
            let repair = found.ok_or(Failure::RepairNeeded)?;
            if request.method() == Method::POST {
                about::named(&request, &repair)?;
            }
            about::note(&request, &repair);
            Ok(Self { token, repair, origin, request })
        })
    }
}

/// The repair of a token, once it is confirmed and while it lasts.
fn confirmed(work: &mut Work<'_>, token: &Token) -> Result<Option<Repair>, StoreError> {
    Ok(store::find(work, token)?.filter(|repair| repair.is_confirmed))
}

impl Caller for Repairer {
    const ACCESS: Access = Access::Repair;
}

/// In a repair session.
const URLS: SettingsUrls = SettingsUrls {
    settings: urls::REPAIR_IDP,
    discovery: urls::REPAIR_DISCOVERY,
    test: urls::REPAIR_TEST,
    trial: urls::REPAIR_TRIAL,
    cancellation: urls::REPAIR_CANCELLATION,
    codes: urls::REPAIR_CODES,
    access: urls::REPAIR_ACCESS,
    home: urls::REPAIR,
};

impl Repairer {
    /// What the recovery code opened.
    pub fn repair(&self) -> &Repair {
        &self.repair
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl CallsSettings for Repairer {
    const URLS: SettingsUrls = URLS;

    fn app(&self) -> &App {
        App::of(&self.request)
    }

    fn request(&self) -> &HttpRequest {
        &self.request
    }

    fn caller(&self) -> SettingsCaller {
        let repair = &self.repair;
        let organization = (&repair.organization, repair.organization_name.as_str());
        SettingsCaller::in_repair(organization, &repair.user, (&repair.name, &repair.email))
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
        self.app().store.read(self.origin.clone(), move |tx| work(tx, &caller)).await
    }

    async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut PersonTx<'_, '_>, &SettingsCaller) -> Result<Recorded<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (caller, name, token) = (self.caller(), self.repair.name.clone(), self.token.clone());
        let written = self.app().store.write(self.origin.clone(), move |tx| {
            tx.touch(&caller.organization)?;
            // The body can come long after the head: the repair session may have ended, or the owner changed.
            confirmed(tx, &token)?.ok_or(StoreError::Denied(Denied::RepairEnded))?;
            work(&mut tx.by_person(&caller.organization, &caller.user, &name), &caller)
        });
        written.await
    }
}
