//! The operator's commands: what is typed, and what is printed. Lists are tables for people, or JSON for scripts.

use clap::Subcommand;

use super::store;
use crate::base::urls;
use crate::features::deletion::commands as deletion;
use crate::features::links::Purpose;
use crate::platform::command::refusal::Refusal;
use crate::platform::command::table::Table;
use crate::platform::command::{json, read, typed, words, write};
use crate::platform::config::Config;

/// `vestibule organization …`
#[derive(Debug, Subcommand)]
pub enum OrganizationCommand {
    /// List all organizations by name.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show one organization: its state, company, owner and people.
    Show {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        name: String,
        /// A JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Close an organization: from the next request on none of its people gets in.
    Suspend {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        name: String,
        /// Why, for the audit log.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Open a suspended organization again.
    Resume {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        name: String,
    },
    /// List who has asked for deletion: when, by whom, the date of erasure, and what is in the way.
    Requests {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Put an erasure off, so that a last bill can be added.
    Hold {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        name: String,
        /// Let the deletion take its course again; the owner has a day at least.
        #[arg(long)]
        release: bool,
    },
    /// Erase an organization whose owner has asked for it, for good.
    Delete {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        name: String,
        /// Without waiting for the date of erasure.
        #[arg(long, required = true)]
        now: bool,
    },
    /// Bring an organization back whose owner cannot get in: to cloud accounts, where it logs in through its IdP.
    Recover {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        name: String,
        /// Make the user of this address the owner, who then also has Org Admin and Billing Admin.
        #[arg(long, value_parser = typed::email)]
        owner: Option<String>,
    },
}

/// `vestibule user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Lift the locks of an account after wrong passwords.
    Unlock {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        organization: String,
        /// E-mail address.
        #[arg(value_parser = typed::email)]
        email: String,
    },
    /// Take mobile number, authenticator app and recovery codes away, for somebody who lost the phone.
    ResetSecondFactor {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        organization: String,
        /// E-mail address.
        #[arg(value_parser = typed::email)]
        email: String,
    },
    /// Mail a link to set a new password; who has no password yet gets a new invitation.
    ResetPassword {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        organization: String,
        /// E-mail address.
        #[arg(value_parser = typed::email)]
        email: String,
        /// Print the link instead of mailing it, for when mail is not delivered. Whoever has it sets the password.
        #[arg(long)]
        print: bool,
    },
}

/// `vestibule two-factor …`
#[derive(Debug, Subcommand)]
pub enum TwoFactorCommand {
    /// Turn two-factor authentication off for everybody in an organization, for when nobody gets a code any more.
    Off {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        organization: String,
    },
}

/// `vestibule access-control …`
#[derive(Debug, Subcommand)]
pub enum AccessControlCommand {
    /// Open the console of an organization to every address, for when nobody comes from an allowed one any more.
    Off {
        /// Organization name.
        #[arg(value_parser = typed::organization)]
        organization: String,
    },
}

/// Runs a command on console access control. Fails with words for the operator.
pub fn access_control(config: &Config, command: AccessControlCommand) -> Result<(), String> {
    let AccessControlCommand::Off { organization } = command;
    let of = organization.clone();
    write(config, move |tx| super::turn_access_control_off(tx, &of))?;
    crate::platform::terminal::say!(
        "The console of {organization} is open from every address; its list is kept. Owner and administrators are told by mail."
    );
    Ok(())
}

/// Runs a command on two-factor authentication. Fails with words for the operator.
pub fn two_factor(config: &Config, command: TwoFactorCommand) -> Result<(), String> {
    let TwoFactorCommand::Off { organization } = command;
    let of = organization.clone();
    write(config, move |tx| super::turn_two_factor_off(tx, &of))?;
    crate::platform::terminal::say!(
        "Two-factor authentication of {organization} is off. Its owner and administrators are told by mail."
    );
    Ok(())
}

/// Runs a command on organizations. Fails with words for the operator.
pub fn organization(config: &Config, command: OrganizationCommand) -> Result<(), String> {
    match command {
        OrganizationCommand::List { json } => list(config, json),
        OrganizationCommand::Show { name, json } => show(config, name, json),
        OrganizationCommand::Suspend { name, reason } => {
            let of = name.clone();
            write(config, move |tx| super::suspend(tx, &of, &reason))?;
            crate::platform::terminal::say!("{name} is suspended: from now on none of its people gets in.");
            Ok(())
        }
        OrganizationCommand::Resume { name } => {
            let of = name.clone();
            write(config, move |tx| super::resume(tx, &of))?;
            crate::platform::terminal::say!("{name} is in use again.");
            Ok(())
        }
        OrganizationCommand::Requests { json } => deletion::requests(config, json),
        OrganizationCommand::Hold { name, release } => deletion::hold(config, &name, release),
        OrganizationCommand::Delete { name, .. } => deletion::delete(config, &name),
        OrganizationCommand::Recover { name, owner } => {
            let (of, heir) = (name.clone(), owner.clone());
            if write(config, move |tx| super::recover(tx, &of, heir.as_deref()))? {
                crate::platform::terminal::say!(
                    "{name} logs in with cloud accounts again. Its owner and administrators are told by mail."
                );
                crate::platform::terminal::say!(
                    "Who never had a password sets one by \"Forgot your password?\" or `vestibule user reset-password`."
                );
            }
            if let Some(owner) = owner {
                crate::platform::terminal::say!("{owner} is the owner of {name}.");
            }
            Ok(())
        }
    }
}

/// Runs a command on users. Fails with words for the operator.
pub fn user(config: &Config, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Unlock { organization, email } => {
            let of = email.clone();
            match write(config, move |tx| super::unlock(tx, &organization, &of))? {
                true => crate::platform::terminal::say!("{email} can try again at once."),
                false => crate::platform::terminal::say!("{email} was not locked."),
            }
        }
        UserCommand::ResetSecondFactor { organization, email } => {
            let of = email.clone();
            write(config, move |tx| super::reset_second_factor(tx, &organization, &of))?;
            crate::platform::terminal::say!("{email} has no second factor any more, and is told by mail.");
        }
        UserCommand::ResetPassword { organization, email, print } => {
            let (of, limits) = (email.clone(), config.limits);
            let made = write(config, move |tx| super::reset_password(tx, &organization, &of, &limits, !print))?;
            let path = match made.purpose {
                Purpose::PasswordReset => urls::password_link(&made.token),
                Purpose::Invitation => urls::invitation_link(&made.token),
            };
            match print {
                true => crate::platform::terminal::say!("{}", config.public_url.link(&path)),
                false => crate::platform::terminal::say!("A link was mailed to {email}."),
            }
            crate::platform::terminal::complain(format_args!("It works once, until {}.", made.until));
        }
    }
    Ok(())
}

/// When a request was last refused because of a proxy that is not configured.
pub(crate) fn unknown_proxy(config: &Config) -> Result<Option<String>, String> {
    let found = read(config, |tx| Ok::<_, Refusal>(crate::features::policies::access::unknown_proxy(tx)?))?;
    Ok(found.map(|at| at.to_string()))
}

fn list(config: &Config, as_json: bool) -> Result<(), String> {
    let mut table = Table::new(["NAME", "STATE", "LOGIN METHOD", "OWNER", "SIGNED UP"]);
    let mut last = String::new();
    loop {
        let after = last.clone();
        let rows = read(config, move |tx| Ok::<_, Refusal>(store::organizations_after(tx, &after)?))?;
        let Some(final_row) = rows.last() else { break };
        last.clone_from(&final_row.name);
        for row in rows {
            match as_json {
                true => crate::platform::terminal::say!("{}", json(&row)?),
                false => table.add([row.name, words(row.state), words(row.login_method), row.owner, row.created_at]),
            }
        }
    }
    if !as_json {
        crate::platform::terminal::say_text!("{}", table.text("There are no organizations."));
    }
    Ok(())
}

fn show(config: &Config, name: String, as_json: bool) -> Result<(), String> {
    let shown = read(config, move |tx| store::organization(tx, &name)?.ok_or(Refusal::NoOrganization(name)))?;
    if as_json {
        crate::platform::terminal::say!("{}", json(&shown)?);
        return Ok(());
    }
    let people = shown.people;
    let facts = [
        ("name", shown.listed.name),
        ("id", shown.id),
        ("state", words(shown.listed.state)),
        ("login method", words(shown.listed.login_method)),
        ("two-factor", if shown.two_factor { "active" } else { "inactive" }.to_owned()),
        ("owner", shown.listed.owner),
        ("people", format!("{} active, {} invited, {} deactivated", people.active, people.invited, people.deactivated)),
        ("last login", shown.last_login_at.unwrap_or_else(|| "never".to_owned())),
        ("signed up", shown.listed.created_at),
        ("company", shown.company_name),
        ("country", shown.country),
        ("billing e-mail", shown.billing_email),
    ];
    for (label, value) in facts {
        crate::platform::terminal::say!("{label:<15} {value}");
    }
    Ok(())
}
