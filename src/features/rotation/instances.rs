//! The instances that run: each notes which key it seals with, so that no rotation says that a key may go while one of them
//! still seals with it. What it seals afterwards would be lost.

pub use super::instance::Instance;

use std::time::Duration as Wait;

use chrono::Duration;

use super::store;
use crate::access::app::App;
use crate::base::entropy::FreshId;
use crate::platform::background::Job;
use crate::platform::store::{Origin, Store, StoreError};

/// How often an instance notes that it runs.
const EVERY: Wait = Wait::from_secs(30);

/// An instance that has noted nothing for so long does not run any more.
const SILENT: Duration = Duration::minutes(2);

/// How long what an instance left behind is kept.
const KEPT: Duration = Duration::days(1);

/// Notes that this instance runs for as long as it does.
pub async fn run(app: App) {
    let FreshId(id) = app.entropy().id(app.clock().now());
    let host = format!("{} ({})", host_name(), app.config.listen);
    let turn = async || note(&app.store, &id, &host).await;
    app.background.keep(Job::Presence, app.clock().as_ref(), turn, async |()| tokio::time::sleep(EVERY).await).await;
    if let Err(cause) = leave(&app.store, id.clone()).await {
        tracing::warn!(%cause, "it could not be noted that this instance stops");
    }
}

/// Notes that an instance runs now.
pub async fn note(home: &Store, id: &str, host: &str) -> Result<(), StoreError> {
    let (id, host) = (id.to_owned(), host.to_owned());
    let noted = home.write(Origin::default(), move |tx| {
        let key = tx.keys().ids().first().cloned().unwrap_or_default();
        store::note(tx, &id, &host, &key)?;
        // What an instance has left that was not told to stop.
        let before = tx.now() - KEPT;
        store::forget(tx, "", before)?;
        Ok::<_, StoreError>(tx.unrecorded("that an instance runs is no event", ()))
    });
    noted.await
}

async fn leave(home: &Store, id: String) -> Result<(), StoreError> {
    let left = home.write(Origin::default(), move |tx| {
        let before = tx.now() - KEPT;
        store::forget(tx, &id, before)?;
        Ok::<_, StoreError>(tx.unrecorded("that an instance runs is no event", ()))
    });
    left.await
}

/// The instances that run and seal with another key than the newest of this process.
pub async fn behind(home: &Store) -> Result<Vec<Instance>, StoreError> {
    let asked = home.read(Origin::default(), |tx| {
        let key = tx.keys().ids().first().cloned().unwrap_or_default();
        let since = tx.now() - SILENT;
        store::with_another_key(tx, &key, since)
    });
    asked.await
}

/// As the kernel tells it; a container's is the beginning of its id.
fn host_name() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match told.lines().next().unwrap_or_default() {
        "" => "a host without a name".to_owned(),
        name => name.to_owned(),
    }
}
