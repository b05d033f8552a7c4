//! What people type into fields, paste or upload.

use vestibule::base::calendar::{Day, Period};
use vestibule::base::email::Email;
use vestibule::base::i18n::Language;
use vestibule::base::organization_name::OrganizationName;
use vestibule::base::person::{PersonName, Phone};
use vestibule::base::text as texts;
use vestibule::features::billing::Number;
use vestibule::features::factors::RecoveryCode;
use vestibule::features::organizations::{CompanyName, RegistrationNumber, parse_country};
use vestibule::features::policies::access::address as access_address;
use vestibule::features::registration::lines;

use super::{seeds, text};

pub fn names() -> Vec<Vec<u8>> {
    seeds(&["acme", " ACME-Cloud ", "9-to-5", "admin", "-acme", "a--b", "аdmin", "x\u{200b}y", "xn--acme"])
}

/// Three to thirty of a few characters, and the same when read again.
pub fn organization_name(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    if let Ok(name) = OrganizationName::parse(typed) {
        let read = name.as_str();
        assert!((3..=30).contains(&read.len()), "{typed:?} became {read:?}");
        assert!(read.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{typed:?}");
        assert_eq!(OrganizationName::parse(read).as_ref(), Ok(&name), "{typed:?}");
    }
}

pub fn emails() -> Vec<Vec<u8>> {
    seeds(&[
        "Mina.Park@Example.ORG",
        " a+tag@example.org ",
        "a@münchen.example",
        "o'brien@example.co.kr",
        "a@@b.example",
        "\"quoted\"@example.org",
        "a@[127.0.0.1]",
        "a@example.org.",
        "a@xn--mnchen-3ya.example",
        "ı@example.org",
        "a@exa\u{2024}mple.org",
        "\"Park, Mina\" <mina@example.org>;",
        "mailto:mina@example.org?subject=x",
    ])
}

/// One spelling, one @, and the same when read again.
pub fn email(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    if let Ok(email) = Email::parse(typed) {
        let read = email.as_str();
        assert!(read.is_ascii() && read.len() <= 254, "{typed:?} became {read:?}");
        assert!(!read.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_whitespace() || b.is_ascii_control()));
        assert_eq!(read.matches('@').count(), 1, "{typed:?} became {read:?}");
        assert_eq!(Email::parse(read).as_ref(), Ok(&email), "{typed:?}");
    }
}

pub fn phones() -> Vec<Vec<u8>> {
    seeds(&[
        "KR010-2345-6789",
        "KR02-2345-6789",
        "DE+49 30 1234567",
        "US(650) 253-0000",
        "FR01 23 45 67 89",
        "GB+44 20 7946 0958 ext. 5",
        "KR+82 (0)10 2345 6789",
        "JP０３-１２３４-５６７８",
    ])
}

/// A country and a number; the international form is read as the same number anywhere.
pub fn phone(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    let Some((country, number)) = typed.split_at_checked(2) else { return };
    if let Ok(phone) = Phone::parse(number, country) {
        let international = phone.as_str();
        assert!(international.starts_with('+'), "{typed:?} became {international:?}");
        assert!(international[1..].bytes().all(|b| b.is_ascii_digit()), "{typed:?} became {international:?}");
        assert!(phone.international().starts_with('+'), "{typed:?}");
        let _country = phone.country();
    }
}

pub fn addresses() -> Vec<Vec<u8>> {
    seeds(&[
        "203.0.113.5",
        " ::ffff:203.0.113.5 ",
        "2001:DB8::7",
        "203.0.113.0/24",
        "fe80::1%eth0",
        "[2001:db8::7]:443",
        "0xcb007105",
        "203.0.113.005",
        "::1",
        "255.255.255.255",
    ])
}

/// One address in one spelling, never one that nobody has.
pub fn address(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    if let Ok(address) = access_address::parse(typed) {
        assert_eq!(address, address.to_canonical(), "{typed:?}");
        assert!(!address.is_unspecified() && !address.is_multicast(), "{typed:?}");
        assert_eq!(access_address::parse(&address.to_string()), Ok(address), "{typed:?}");
    }
}

pub fn lists() -> Vec<Vec<u8>> {
    let mut all = seeds(&[
        "mina@example.org,Mina Park,mina,010-2345-6789,Org Admin\r\njae@example.org,Jae Lee,,,\r\n",
        "E-mail;Name;Mobile\nmina@example.org;\"Park; Mina\";010-2345-6789\n",
        "\u{feff}이름\t이메일\n박미나\tmina@example.org\n",
        "mina@example.org,\"unclosed\nnext@example.org,x",
        "E-mail;Na\0me\nmina@example.org;Mina",
        "=cmd|' /C calc'!A0,x\n",
        "a@example.org,A\na@example.org,B\n",
        ",,,\n\n , \n",
        "\"Kim, Mina\" <mina@example.org>; Jae Lee <jae@example.org>;\nBo <bo@example.org>, Cho <cho@example.org>",
        "sep=;\nE-mail;Name;;\nmina@example.org;Mina;;",
        "Staff 2026\nE-mail,Name\nmina@example.org,Mina",
    ]);
    let wide: Vec<u8> = "mina@example.org,Mina\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    all.push([&[0xff, 0xfe], wide.as_slice()].concat());
    all
}

/// All lines or none; no more than a hundred, no address twice, complaints at lines of the file.
pub fn csv(data: &[u8]) {
    let Some(list) = lines::decode(data) else { return };
    match lines::read(&list, "KR") {
        Ok(people) => {
            assert!((1..=100).contains(&people.len()));
            assert!(people.is_sorted_by(|(line, _), (next, _)| line < next), "a number twice");
            let mut emails: Vec<&str> = people.iter().map(|(_, person)| person.email.as_str()).collect();
            emails.sort_unstable();
            emails.dedup();
            assert_eq!(emails.len(), people.len(), "an address twice");
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a word");
            for fault in faults {
                let said = fault.problem.say(Language::ALL[0]);
                assert!(!said.is_empty() && !said.chars().any(char::is_control), "{said:?}");
            }
        }
    }
}

pub fn small() -> Vec<Vec<u8>> {
    seeds(&[
        "Mina Park",
        "120-81-47521",
        "ABCD-EFGH-IJKL-MNOP-QRST-UVWX",
        "202611-0001",
        "2026-11-23",
        "202611",
        "ko-KR,ko;q=0.9,en;q=0.8",
        "=1+1",
        "\u{202e}evil",
        "KR",
        "http://evil.example",
    ])
}

/// The rest of what is typed: each is taken or refused, and what is shown again is harmless.
pub fn small_fields(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    if let Ok(line) = texts::line(typed, 100) {
        assert!(line.chars().count() <= 100 && !line.chars().any(char::is_control), "{typed:?}");
        assert_eq!(texts::line(&line, 100).as_ref(), Ok(&line), "{typed:?}");
    }
    if let Some(handle) = texts::handle(typed) {
        assert_eq!(texts::handle(&handle).as_ref(), Some(&handle), "{typed:?}");
    }
    let cell = texts::harmless_cell(typed);
    assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{typed:?} became {cell:?}");
    if let Some(code) = RecoveryCode::parse(typed) {
        assert!(RecoveryCode::parse(&code.shown()).is_some(), "{typed:?}");
    }
    if let Ok(name) = PersonName::parse(typed) {
        assert_eq!(PersonName::parse(name.as_str()).as_ref().map(PersonName::as_str), Ok(name.as_str()));
    }
    let country = parse_country(typed).ok();
    let _read = (RegistrationNumber::parse(typed, country).is_ok(), CompanyName::parse(typed).is_ok());
    let _read = (Number::parse(typed).is_some(), Day::parse(typed).is_some(), Language::accepted(typed).is_some());
    if let Some(period) = Period::parse(typed) {
        let _day = period.first_day();
    }
}
