//! `vestibule keys …`

use clap::Subcommand;

use super::{COLUMNS, Rotated};
use crate::config::Config;
use crate::entropy::SystemEntropy;
use crate::operator::commands::with_store;
use crate::secrets::Keyring;

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
    println!("{}", Keyring::generate(&SystemEntropy));
}

fn rotate(config: &Config) -> Result<(), String> {
    // The second round finds what an instance that does not know better sealed behind the first one's back.
    let (all, behind) = with_store(config, async |store| {
        let mut rounds = [Rotated::default(); 2];
        for (number, round) in rounds.iter_mut().enumerate() {
            for column in COLUMNS {
                let done = super::rotate(&store, column).await.map_err(|cause| format!("{column:?}: {cause}"))?;
                if number == 0 {
                    println!("{:<27} {} sealed again, {} were", format!("{column:?}"), done.renewed, done.current);
                }
                *round += done;
            }
        }
        Ok((rounds[0], rounds[1]))
    })?;
    if behind.renewed > 0 {
        return Err("an instance still seals under an older key: put the newest first everywhere, and run this again"
            .to_owned());
    }
    let ids = config.secret_keys.ids();
    for (place, key) in ids.iter().enumerate() {
        match place {
            0 => println!("key {key}: {} values; it stays", behind.current),
            _ => println!("key {key}: 0 values; it may go"),
        }
    }
    match all.closed {
        0 => Ok(()),
        lost => Err(format!("{lost} values are opened by none of these keys, and were left as they are")),
    }
}
