//! Every number is a setting: password rules, hash parameters, session limits, throttles and locks; and the log.

use super::reader::Reader;
use super::settings::whole;
use super::{Audit, Deletion, Hashing, Limits, Log, Mode, Passwords, Sessions};

pub(super) fn passwords(reader: &mut Reader) -> Passwords {
    Passwords {
        minimum: whole(reader.number("passwords.minimum", 12, [8, 64], "Fewest characters of a password.")),
        strength: u8::try_from(reader.number(
            "passwords.strength",
            3,
            [2, 4],
            "Lowest score of the strength estimator (2 to 4).",
        ))
        .unwrap_or(3),
    }
}

pub(super) fn hashing(reader: &mut Reader) -> Hashing {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let small = |number: i64| u32::try_from(number).unwrap_or_default();
    Hashing {
        memory_kib: small(reader.number(
            "hashing.memory_kib",
            19_456,
            [19_456, 1_048_576],
            "Memory of one password hash in KiB (Argon2id).",
        )),
        passes: small(reader.number("hashing.passes", 2, [2, 16], "Passes of one password hash.")),
        lanes: small(reader.number("hashing.lanes", 1, [1, 4], "Lanes of one password hash.")),
        threads: reader
            .parsed("hashing.threads", "one per core", "Hashing threads, each with one work buffer.", |text| {
                let number = text.parse::<usize>().ok().filter(|number| (1..=64).contains(number));
                number.ok_or("must be a whole number from 1 to 64".to_owned())
            })
            .unwrap_or(cores),
        queue: whole(reader.number("hashing.queue", 64, [1, 1000], "Password hashes that may wait; past that 503.")),
    }
}

pub(super) fn sessions(reader: &mut Reader) -> Sessions {
    Sessions {
        idle_minutes: reader.number(
            "sessions.idle_minutes",
            30,
            [5, 60],
            "Minutes without use after which a session ends.",
        ),
        absolute_hours: reader.number(
            "sessions.absolute_hours",
            12,
            [1, 24],
            "Hours after login after which a session ends.",
        ),
        fresh_minutes: reader.number(
            "sessions.fresh_minutes",
            10,
            [1, 60],
            "Minutes for which a login counts as fresh.",
        ),
    }
}

pub(super) fn limits(reader: &mut Reader) -> Limits {
    Limits {
        wrong_passwords: reader.number(
            "limits.wrong_passwords",
            5,
            [3, 100],
            "Wrong passwords in a row that lock an account.",
        ),
        lock_minutes: reader.number(
            "limits.lock_minutes",
            15,
            [1, 1440],
            "Minutes of the first lock; each further one doubles.",
        ),
        lock_hours_longest: reader.number("limits.lock_hours_longest", 24, [1, 168], "Hours that no lock exceeds."),
        network_wrong_passwords: reader.number(
            "limits.network_wrong_passwords",
            60,
            [10, 100_000],
            "Wrong passwords from one network that pause its unknown browsers.",
        ),
        wide_network_wrong_passwords: reader.number(
            "limits.wide_network_wrong_passwords",
            240,
            [1, 1_000_000],
            "Wrong passwords from one IPv6 /48 that pause its unknown browsers.",
        ),
        network_minutes: reader.number(
            "limits.network_minutes",
            15,
            [1, 1440],
            "Minutes in which they are counted, and of the pause.",
        ),
        new_passwords: reader.number(
            "limits.new_passwords",
            20,
            [3, 1000],
            "New passwords that one user may try an hour.",
        ),
        sign_ups: reader.number("limits.sign_ups", 30, [1, 100_000], "Completed sign-ups an hour and network."),
        reset_mails: reader.number(
            "limits.reset_mails",
            3,
            [1, 1000],
            "Password reset mails an hour, account and network; four times as many over all.",
        ),
        organizations_mails: reader.number(
            "limits.organizations_mails",
            3,
            [1, 1000],
            "\"My organizations\" mails a day, address and network; four times as many over all.",
        ),
        invitation_mails: reader.number(
            "limits.invitation_mails",
            3,
            [1, 1000],
            "Invitation mails a day, organization and address.",
        ),
        invitation_mails_of_address: reader.number(
            "limits.invitation_mails_of_address",
            10,
            [1, 10_000],
            "Invitation mails a day and address over all organizations.",
        ),
        organization_invitations: reader.number(
            "limits.organization_invitations",
            1000,
            [1, 1_000_000],
            "Invitation mails a day and organization.",
        ),
        invitation_days: reader.number("limits.invitation_days", 7, [1, 7], "Days for which an invitation works."),
        reset_minutes: reader.number(
            "limits.reset_minutes",
            30,
            [5, 1440],
            "Minutes for which a password reset works.",
        ),
        code_minutes: reader.number("limits.code_minutes", 5, [1, 10], "Minutes for which a code that was sent works."),
        code_tries: reader.number("limits.code_tries", 5, [1, 10], "Wrong tries that one code takes."),
        code_sends: reader.number("limits.code_sends", 5, [1, 100], "Codes sent to one account within the window."),
        code_send_minutes: reader.number("limits.code_send_minutes", 15, [1, 1440], "Minutes of that window."),
        wrong_codes: reader.number("limits.wrong_codes", 20, [5, 1000], "Wrong codes a day and account."),
        sms_number: reader.number("limits.sms_number", 10, [1, 1000], "SMS a day and number."),
        sms_network: reader.number(
            "limits.sms_network",
            100,
            [1, 100_000],
            "SMS a day and network that asks for them.",
        ),
        sms_organization: reader.number("limits.sms_organization", 1000, [1, 1_000_000], "SMS a day and organization."),
        sms_installation: reader.number("limits.sms_installation", 5000, [1, 10_000_000], "SMS a day over all."),
        sign_up_mails: i32::try_from(reader.number(
            "limits.sign_up_mails",
            3,
            [0, 100],
            "New mails a sign-up may ask for.",
        ))
        .unwrap_or(3),
        projects: reader.number("limits.projects", 30, [1, 10_000], "Projects of an organization."),
    }
}

pub(super) fn audit(reader: &mut Reader) -> Audit {
    Audit { days: reader.number("audit.days", 400, [30, 3650], "Days for which events of the audit log are kept.") }
}

pub(super) fn deletion(reader: &mut Reader) -> Deletion {
    Deletion {
        days: reader.number("deletion.days", 7, [1, 90], "Days from the request to the erasure of an organization."),
        name_days: reader.number(
            "deletion.name_days",
            90,
            [0, 3650],
            "Days for which nobody can have the name of an erased organization.",
        ),
    }
}

pub(super) fn log(reader: &mut Reader, mode: Mode) -> Log {
    let preset = if mode == Mode::Production { "json" } else { "text" };
    let format =
        reader.parsed("log.format", "json in production, text in development", "json or text.", |text| match text {
            "json" | "text" => Ok(text.to_owned()),
            _ => Err("must be json or text".to_owned()),
        });
    Log {
        json: format.as_deref().unwrap_or(preset) == "json",
        filter: reader
            .parsed(
                "log.filter",
                "info",
                "What is logged, in the form info,vestibule=debug. Libraries tell no more than at info.",
                filter,
            )
            .unwrap_or_else(|| "info".to_owned()),
    }
}

/// A filter as `tracing` reads it, in which a single word is a level: `tracing` takes every other word for the name of a
/// module, and then nothing at all is logged.
fn filter(text: &str) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    for part in parts {
        if !part.contains(['=', '[']) && !LEVELS.contains(&part.to_ascii_lowercase().as_str()) {
            return Err(format!("must be {}, or module=level: {part} is neither", LEVELS.join(", ")));
        }
    }
    let read = tracing_subscriber::EnvFilter::try_new(text);
    read.map(|_| text.to_owned()).map_err(|cause| format!("must be such as info,vestibule=debug: {cause}"))
}
