//! `vestibule mail …`: a trial mail, what was not delivered, and sending it again.

use super::data_folder;
use clap::Subcommand;

use crate::base::clock::{Clock, SystemClock};
use crate::base::entropy::{Entropy, SystemEntropy};
use crate::platform::command::table::Table;
use crate::platform::command::{json, read, typed, words, write as write_by_operator};
use crate::platform::config::Config;
use crate::platform::mail::{Envelope, Mailbox, Message, State, Transport, store};
use crate::platform::store::StoreError;

/// `vestibule mail …`
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Send a trial mail now and print what the mail server answered.
    Test {
        /// The address to send to.
        #[arg(value_parser = typed::email)]
        address: String,
    },
    /// List mails and SMS that wait or were not delivered, oldest first.
    List {
        /// Only those that are not tried again by themselves.
        #[arg(long)]
        failed: bool,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Send mails and SMS again that were refused or given up; what they say must still hold.
    Retry {
        /// The id of one, as the list shows it.
        #[arg(required_unless_present = "all", conflicts_with = "all", value_parser = typed::id)]
        id: Option<String>,
        /// All that can be sent again.
        #[arg(long)]
        all: bool,
    },
}

/// Runs a command on mail. Fails with words for the operator.
pub fn mail(config: &Config, command: MailCommand) -> Result<(), String> {
    match command {
        MailCommand::Test { address } => test(config, &address),
        MailCommand::List { failed, json } => list(config, failed, json),
        MailCommand::Retry { id, .. } => retry(config, id),
    }
}

fn test(config: &Config, address: &str) -> Result<(), String> {
    let to = crate::base::email::Email::parse(address).map_err(|_| format!("{address} is not an e-mail address"))?;
    let at = SystemClock.now();
    let letter = crate::platform::mail::write(&Message::Test { at }, config.default_language, "UTC", config)
        .map_err(|cause| cause.to_string())?;
    let entropy: &dyn Entropy = &SystemEntropy;
    let id = entropy.id(at).0;
    let transport = Transport::new(&config.mail, Mailbox::in_file(data_folder::mailbox(config)))?;
    let reply_to = config.brand.support.as_deref();
    let envelope = Envelope { id: &id, to: to.as_str(), reply_to, letter: &letter, at };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|cause| cause.to_string())?;
    let outcome = runtime.block_on(async {
        let outcome = transport.send(&envelope).await;
        transport.close_idle(true).await;
        outcome
    });
    // A name that is still being looked up must not keep the command.
    runtime.shutdown_background();
    let place = transport.place();
    let answer = outcome.map_err(|refusal| format!("{place} did not take the mail, at stage {refusal}"))?;
    crate::platform::terminal::say!("Sent to {to}: {answer}");
    Ok(())
}

fn list(config: &Config, only_failed: bool, as_json: bool) -> Result<(), String> {
    let mut table = Table::new([
        "ID",
        "CHANNEL",
        "KIND",
        "TO",
        "ORGANIZATION",
        "STATE",
        "WHY",
        "STAGE",
        "TRIES",
        "WRITTEN",
        "ANSWER",
    ]);
    let mut last = String::new();
    loop {
        let after = last.clone();
        let rows = read(config, move |tx| store::unsent_after(tx, &after, only_failed))?;
        let Some(final_row) = rows.last() else { break };
        last.clone_from(&final_row.id);
        for row in rows {
            if as_json {
                crate::platform::terminal::say!("{}", json(&row)?);
                continue;
            }
            table.add([
                row.id,
                row.channel.word().to_owned(),
                words(&row.kind),
                row.recipient,
                row.organization.unwrap_or_default(),
                if row.state == State::Queued { "waits" } else { "failed" }.to_owned(),
                row.ending.map(|ending| words(ending.word())).unwrap_or_default(),
                row.stage.map(|stage| words(stage.word())).unwrap_or_default(),
                row.attempts.to_string(),
                row.created_at,
                row.answer.unwrap_or_default(),
            ]);
        }
    }
    if !as_json {
        crate::platform::terminal::say_text!(
            "{}",
            table.text(if only_failed { "Nothing failed." } else { "Nothing waits, and nothing failed." })
        );
    }
    Ok(())
}

fn retry(config: &Config, id: Option<String>) -> Result<(), String> {
    let wanted = id.clone();
    let (again, state) = write_by_operator(config, move |tx| {
        let again = store::retry(tx, wanted.as_deref())?;
        let state = wanted.map_or(Ok(None), |id| store::state(tx, &id))?;
        Ok::<_, StoreError>(tx.unrecorded("delivery is told by the message's own row", (again, state)))
    })?;
    match (again, id) {
        (0, Some(id)) => Err(match state {
            None => format!(
                "there is no mail or SMS with the id {id}: `vestibule mail list` shows the ids of those that wait or failed"
            ),
            Some(State::Queued) => format!("{id} waits and is sent by itself"),
            Some(State::Sent) => format!("{id} was sent, and is not sent twice"),
            Some(State::Failed) => {
                format!("{id} cannot be sent again: its code or link is past its time, used, replaced or taken back")
            }
        }),
        (0, None) => {
            crate::platform::terminal::say!("There is nothing that can be sent again.");
            Ok(())
        }
        (again, _) => {
            crate::platform::terminal::say!(
                "Messages that are sent again: {again}. The server does so within seconds."
            );
            Ok(())
        }
    }
}
