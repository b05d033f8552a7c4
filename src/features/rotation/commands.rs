//! `vestibule keys …`

use clap::Subcommand;

use super::{COLUMNS, Rotated, instances, seals};
use crate::base::entropy::SystemEntropy;
use crate::platform::command::with_store;
use crate::platform::config::Config;
use crate::platform::secrets::Keyring;
use crate::platform::store::Store;

/// `vestibule keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print a new key.
    Generate,
    /// Seal everything again that is sealed under an older key, and say whether the older keys may go.
    Rotate,
}

/// Runs a command on keys. Fails with words for the operator.
pub fn keys(config: &Config, command: KeysCommand) -> Result<(), String> {
    match command {
        KeysCommand::Generate => {
            generate();
            Ok(())
        }
        KeysCommand::Rotate => rotate(config),
    }
}

/// Prints a new key.
pub fn generate() {
    crate::platform::terminal::say!("{}", Keyring::generate(&SystemEntropy));
}

/// What an instance seals with an older key after a rotation is lost with that key.
async fn refuse_while_behind(store: &Store) -> Result<(), String> {
    let behind = instances::behind(store).await.map_err(|cause| format!("instances: {cause}"))?;
    if behind.is_empty() {
        return Ok(());
    }
    let mut words = "an instance still seals with another key than the newest one here:\n".to_owned();
    for instance in behind {
        words += &format!("  {}, with key {}, last seen {}\n", instance.host, instance.key_id, instance.seen_at);
    }
    Err(words
        + "Put the newest key first everywhere, restart, and run this again. One that stopped counts for two minutes.")
}

fn rotate(config: &Config) -> Result<(), String> {
    // The second round finds what an instance that does not know better sealed behind the first one's back.
    let (all, behind, seals) = with_store(config, async |store| {
        refuse_while_behind(&store).await?;
        let mut rounds = [Rotated::default(); 2];
        for (number, round) in rounds.iter_mut().enumerate() {
            for column in COLUMNS {
                let done = super::rotate(&store, column).await.map_err(|cause| format!("{column:?}: {cause}"))?;
                if number == 0 {
                    crate::platform::terminal::say!(
                        "{:<27} {} sealed again, {} were",
                        format!("{column:?}"),
                        done.renewed,
                        done.current
                    );
                }
                *round += done;
            }
        }
        let seals = seals::reseal(&store).await.map_err(|cause| format!("audit_seals: {cause}"))?;
        crate::platform::terminal::say!("{:<27} {} signed again", "audit_seals", seals.renewed);
        // One may have started with the old key first since.
        refuse_while_behind(&store).await?;
        Ok((rounds[0], rounds[1], seals))
    })?;
    if behind.renewed > 0 {
        return Err("an instance still seals under an older key: put the newest first everywhere, and run this again"
            .to_owned());
    }
    let ids = config.secret_keys.ids();
    for (place, key) in ids.iter().enumerate() {
        match place {
            0 => crate::platform::terminal::say!("key {key}: {} values; it stays", behind.current),
            _ => crate::platform::terminal::say!("key {key}: 0 values; it may go"),
        }
    }
    if seals.left > 0 {
        let left = match seals.left {
            1 => "1 seal of the audit log is not rightly signed by any known key, and was left as it is".to_owned(),
            left => format!(
                "{left} seals of the audit log are not rightly signed by any known key, and were left as they are"
            ),
        };
        return Err(format!("{left}: `vestibule audit verify` says which"));
    }
    match all.closed {
        0 => Ok(()),
        lost => Err(format!("{lost} values are opened by none of these keys, and were left as they are")),
    }
}
