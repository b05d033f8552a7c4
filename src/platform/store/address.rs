//! The address of a database. That of a PostgreSQL server is read before the driver sees it: the driver's own words about an address repeat
//! parts of it, and with a slip in the percent-encoding those are parts of the password.

/// What the driver knows (PostgreSQL 18 manual, section 34.1.2).
const PARAMETERS: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "require_auth",
    "channel_binding",
    "connect_timeout",
    "client_encoding",
    "options",
    "application_name",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "gssencmode",
    "sslmode",
    "sslnegotiation",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcertmode",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "requirepeer",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "target_session_attrs",
    "load_balance_hosts",
];
const SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const ENCODE: &str = "write %, @, /, :, ?, # and blanks in user name, password and database as %25, %40, %2F, %3A, %3F, \
     %23 and %20";

/// What is wrong with `rest`, the address after `postgres://`. Never repeats any of it but names of parameters that are
/// known.
pub(super) fn check(rest: &str) -> Result<(), String> {
    if rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("holds a blank or a line break; {ENCODE}"));
    }
    if !is_percent_encoded(rest) {
        return Err(format!("has a % that two hexadecimal digits do not follow; {ENCODE}"));
    }
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    let hosts = match authority.rsplit_once('@') {
        Some((user, _)) if user.contains('@') => return Err(format!("has more than one @; {ENCODE}")),
        Some((_, hosts)) => hosts,
        None => authority,
    };
    if database.contains(['@', '/', ':']) || query.contains(['@', '?', '#']) {
        return Err(format!("cannot be taken apart; {ENCODE}"));
    }
    if !hosts.split(',').all(is_host_with_port) {
        return Err(format!("names a host or port that cannot be read; {ENCODE}"));
    }
    let parameters = read_parameters(query)?;
    let value = |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    match value("sslmode") {
        Some(mode) if !SSL_MODES.contains(&mode) => Err(format!("sslmode must be one of {}", SSL_MODES.join(", "))),
        None if is_elsewhere(hosts, value("host"), value("hostaddr")) => {
            Err("must say sslmode, as the database is on another host: sslmode=verify-full&sslrootcert=FILE, or \
             sslmode=disable if unencrypted connections are meant"
                .to_owned())
        }
        _ => Ok(()),
    }
}

/// What is wrong with `path`, the address after `sqlite://`. It is the name of a file as it stands: what others read as a
/// parameter or an escape would become part of that name, and a new empty database would be made beside the one that is
/// meant.
pub(super) fn check_path(path: &str) -> Result<(), String> {
    const PLAIN: &str = "write the path of the file alone, as sqlite:///var/lib/vestibule/vestibule.db";
    if path.chars().any(char::is_control) {
        return Err(format!("holds a line break or another character that cannot be seen; {PLAIN}"));
    }
    if path.starts_with("file:") {
        return Err(format!("has a second scheme before the path; {PLAIN}"));
    }
    if path.contains(['?', '#']) {
        return Err(format!("has parameters after the path, and an SQLite database takes none; {PLAIN}"));
    }
    let escape = |part: &str| part.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if path.split('%').skip(1).any(escape) {
        return Err(format!("has an escape such as %20, which is not read; {PLAIN}, with blanks as they are"));
    }
    if path.ends_with('/') {
        return Err(format!("names a folder; {PLAIN}"));
    }
    Ok(())
}

fn read_parameters(query: &str) -> Result<Vec<(String, String)>, String> {
    let mut parameters = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or("has a parameter after the ? without a value")?;
        if !PARAMETERS.contains(&name) {
            return Err(format!("has a parameter after the ? that PostgreSQL does not know; {ENCODE}"));
        }
        if parameters.iter().any(|(known, _)| known == name) {
            return Err(format!("names {name} twice"));
        }
        parameters.push((name.to_owned(), decoded(value)));
    }
    Ok(parameters)
}

fn decoded(text: &str) -> String {
    let pair = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn is_percent_encoded(text: &str) -> bool {
    let mut rest = text.split('%');
    rest.next();
    rest.all(|part| {
        let two = part.as_bytes().get(..2);
        two.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit) && two != b"00")
    })
}

fn is_host_with_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some((host, after)) = rest.split_once(']') else { return false };
            let is_address = host.parse::<std::net::Ipv6Addr>().is_ok();
            match (is_address, after.strip_prefix(':'), after) {
                (true, Some(port), _) => (host, port),
                (true, None, "") => return true,
                _ => return false,
            }
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let plain = |c: char| c.is_alphanumeric() || "-._%:".contains(c);
    host.chars().all(plain) && (port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Whether any of the hosts is reached over a network: neither a socket of this machine nor a loopback address.
fn is_elsewhere(hosts: &str, host: Option<&str>, address: Option<&str>) -> bool {
    let named = address.or(host).unwrap_or(hosts);
    named.split(',').any(|host| {
        let bare = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, _)) => host.to_owned(),
            None if host.matches(':').count() == 1 => decoded(host.split(':').next().unwrap_or_default()),
            None => decoded(host),
        };
        !bare.is_empty() && !bare.starts_with(['/', '@']) && !crate::base::network::is_loopback(&bare)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_of_a_database_password_is_printed_for_any_slip() {
        // What stands where a password, or a part of one, can end up; each must be refused without being repeated.
        for slip in [
            "v:s3cr@et%zz@127.0.0.1/v",
            "v:s3cr%zz@127.0.0.1/v",
            "v:s3cr%@127.0.0.1/v",
            "v:s3cr%00@127.0.0.1/v",
            "v:s3cr@et@127.0.0.1/v",
            "v:s3cr/et@127.0.0.1/v",
            "v:53/s3cr@127.0.0.1/v",
            "v:s3cr?et@127.0.0.1/v",
            "v:53?s3cr=et@127.0.0.1/v",
            "v:53?s3cr=et",
            "v:s3 cr@127.0.0.1/v",
            "v:s3cr\n@127.0.0.1/v",
            "v:s3cr",
            "v:pass@127.0.0.1:s3cr/v",
            "v:pass@[s3cr]/v",
            "v:pass@127.0.0.1/v?s3cr=1",
            "v:pass@127.0.0.1/v?sslmode=s3cr",
            "v:pass@127.0.0.1/v?password=s3cr@et",
        ] {
            let said = check(slip).expect_err(slip);
            assert!(!said.contains("s3") && !said.contains("et@") && !said.contains("zz"), "{slip}: {said}");
        }
        for right in [
            "v@127.0.0.1/v",
            "v:p%40ss%2Fw%3Ard%23%25%3F%26+%C3%A4@127.0.0.1:5433/v",
            "v:se:cret@localhost/v",
            "/v",
            "%2Frun%2Fpostgresql/v",
            "v@/v?host=/run/postgresql&port=5433",
            "v@[::1]:5433/v",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
    }

    #[test]
    fn sslmode_is_explicit_for_other_hosts() {
        for other in
            ["v@db.example.org/v", "v@10.0.0.7/v", "v@127.0.0.1,db.example.org/v", "v@/v?host=db", "v@[2001:db8::1]/v"]
        {
            assert!(check(other).is_err_and(|said| said.contains("must say sslmode")), "{other}");
            let sign = if other.contains('?') { '&' } else { '?' };
            assert_eq!(check(&format!("{other}{sign}sslmode=verify-full")), Ok(()), "{other}");
            assert_eq!(check(&format!("{other}{sign}sslmode=disable")), Ok(()), "{other}");
        }
    }
}
