//! What commands share: the store opened for one command, who acts in it, and what is printed.

pub mod lines;
pub mod refusal;
pub mod table;
pub mod typed;

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;

use crate::base::clock::SystemClock;
use crate::base::entropy::SystemEntropy;
use crate::platform::config::Config;
use crate::platform::store::{OpenTx, Origin, Recorded, Sizes, Store, StoreError};

/// One transaction that writes, by the operator. Fails with words.
pub(crate) fn write<T, E>(
    config: &Config,
    work: impl FnOnce(&mut OpenTx<'_>) -> Result<Recorded<T>, E> + Send + 'static,
) -> Result<T, String>
where
    T: Send + 'static,
    E: From<StoreError> + Display + Send + 'static,
{
    with_store(config, async |store| store.write(operator(), work).await.map_err(|refusal| refusal.to_string()))
}

/// Statements that read. Fails with words.
pub(crate) fn read<T, E>(
    config: &Config,
    work: impl FnOnce(&mut OpenTx<'_>) -> Result<T, E> + Send + 'static,
) -> Result<T, String>
where
    T: Send + 'static,
    E: From<StoreError> + Display + Send + 'static,
{
    with_store(config, async |store| store.read(operator(), work).await.map_err(|refusal| refusal.to_string()))
}

/// Who acts in a command.
pub(crate) fn operator() -> Origin {
    Origin { operator: true, ..Origin::default() }
}

/// Opens the store for as long as `act` goes on: a command of many transactions opens it once. What it wrote is in the
/// database file when it ends.
pub(crate) fn with_store<T>(config: &Config, act: impl AsyncFnOnce(Store) -> Result<T, String>) -> Result<T, String> {
    if let Some(file) = config.database.file().filter(|file| !file.is_file()) {
        return Err(format!(
            "there is no database at {}: give the command the settings of the server (DATABASE_URL or VESTIBULE_DATA_DIR)",
            file.display()
        ));
    }
    crate::platform::store::refuse_unfit(&config.database).map_err(|cause| config.database_fault(cause))?;
    let keys = crate::platform::store::rooted(&config.database, &config.secret_keys, &SystemClock, &SystemEntropy)?;
    // One connection, whatever the server has: its limit must leave room for a command.
    let sizes = Sizes { threads: 1, ..config.database_sizes };
    let store = Store::start(&config.database, sizes, Arc::new(SystemClock), Arc::new(SystemEntropy), keys)
        .map_err(|cause| cause.to_string())?;
    actix_web::rt::System::new().block_on(async {
        let outcome = act(store.clone()).await;
        store.close().await;
        outcome
    })
}

/// A stored word as people read it; scripts read the word itself.
pub(crate) fn words(stored: &str) -> String {
    stored.replace('_', " ")
}

/// A value as scripts read it.
pub(crate) fn json(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|cause| cause.to_string())
}
