//! Everything of an organization as one archive, before it is let go.

use std::collections::BTreeMap;
use std::io::Read;

use diesel::prelude::*;
use flate2::read::DeflateDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use vestibule::access::Roles;
use vestibule::platform::store::schema::audit_events;

use super::erasure::fill_log;
use crate::support::client::Response;
use crate::support::{Person, TestApp};

const EXPORT: &str = "/iam/organization/deletion/export";

/// The files of an archive by name, found as any program finds them: by the directory at its end.
fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let number = |at: usize, bytes: usize| {
        archive[at..at + bytes].iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let end = archive.len() - 22;
    assert_eq!(&archive[end..end + 4], b"PK\x05\x06", "the end of the directory");
    let (mut at, mut files) = (number(end + 16, 4), BTreeMap::new());
    for _ in 0..number(end + 10, 2) {
        assert_eq!((&archive[at..at + 4], number(at + 10, 2)), (b"PK\x01\x02".as_slice(), 8));
        let (crc, packed, size) = (number(at + 16, 4), number(at + 20, 4), number(at + 24, 4));
        let (long, extra) = (number(at + 28, 2), number(at + 30, 2));
        let name = String::from_utf8(archive[at + 46..at + 46 + long].to_vec()).unwrap();
        let file = number(at + 42, 4);
        assert_eq!((&archive[file..file + 4], number(file + 26, 2)), (b"PK\x03\x04".as_slice(), long), "{name}");
        let body = file + 30 + long + number(file + 28, 2);
        let mut text = Vec::new();
        DeflateDecoder::new(&archive[body..body + packed]).read_to_end(&mut text).unwrap();
        let mut sum = flate2::Crc::new();
        sum.update(&text);
        assert_eq!((text.len(), sum.sum() as usize), (size, crc), "{name}");
        // The sizes that follow the file say the same.
        assert_eq!(archive[body + packed..body + packed + 16], [b"PK\x07\x08", &archive[at + 16..at + 28]].concat());
        files.insert(name, text);
        at += 46 + long + extra;
    }
    files
}

pub fn archive(owner: &Person<'_>) -> (Response, BTreeMap<String, Vec<u8>>) {
    let answer = owner.request("POST", EXPORT, &[("Accept-Encoding", "gzip")], "");
    assert_eq!(answer.status, 200);
    let files = unpacked(&answer.body);
    (answer, files)
}

pub fn lines(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Vec<Value> {
    let text = std::str::from_utf8(&files[name]).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Shows ASVS 8.4.1, 15.3.1.
#[test]
fn the_owner_downloads_everything_and_the_manifest_says_what_that_is() {
    let app = TestApp::start();
    let owner = app.owner();
    owner.set_up_authenticator();
    app.colleague("acme", "jun@acme.example", Roles { billing_admin: true, ..Roles::default() });
    app.organization("rival", "boss@rival.example");
    owner.creates_project("web-shop", "Shop").adds_member("web-shop", "jun@acme.example", "project_admin");
    app.resource("acme", "web-shop", "vm-1", "web-front-1");
    app.settle(&app.bill("acme", "2611OPENED", "2026-12-20"));
    crate::invariants::providers::set_up(&app, "acme");
    let (answer, files) = archive(owner.open("/iam/organization/deletion"));
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"acme-export-2026-11-22.zip\""));

    let organization = &lines(&files, "organization.jsonl")[0];
    assert_eq!((&organization["name"], &organization["login_method"]), (&"acme".into(), &"cloud_account".into()));
    assert_eq!(organization["identity_providers"][0]["configuration"]["client_id"], "client-of-acme");
    let people = lines(&files, "people.jsonl");
    let jun = people.iter().find(|person| person["email"] == "jun@acme.example").expect("the colleague");
    assert_eq!((people.len(), &jun["billing_admin"], &jun["has_authenticator"]), (2, &true.into(), &false.into()));
    let mina = people.iter().find(|person| person["id"] == organization["owner"]).expect("the owner");
    assert!(mina["has_authenticator"] == true && mina["consents"].as_array().unwrap().len() >= 2, "{mina}");
    let member = &lines(&files, "project_members.jsonl")[0];
    assert_eq!(
        (&member["project"], &member["user"], &member["role"]),
        (&"web-shop".into(), &jun["id"], &"project_admin".into())
    );
    assert_eq!(lines(&files, "projects.jsonl")[0]["name"], "Shop");
    assert_eq!(lines(&files, "resources.jsonl")[0]["id"], "vm-1");
    let bill = &lines(&files, "bills.jsonl")[0];
    assert_eq!(
        (&bill["status"], &bill["total"], &bill["lines"][0]["amount"]),
        (&"paid".into(), &396_000.into(), &240_000.into())
    );
    // The export is on record before its first row leaves, so it stands in its own log.
    assert_eq!(lines(&files, "audit_log.jsonl")[0]["event"], "organization.exported");

    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len(), files.len() - 1);
    for file in listed {
        let text = &files[file["name"].as_str().unwrap()];
        assert_eq!(file["lines"], text.iter().filter(|byte| **byte == b'\n').count(), "{file}");
        assert_eq!(file["sha256"], data_encoding::HEXLOWER.encode(&Sha256::digest(text)), "{file}");
    }
    let all: String = files.values().map(|text| String::from_utf8_lossy(text)).collect();
    for secret in ["argon2", "s3cret", "password_hash", "sealed", "token_hash", "rival"] {
        assert!(!all.contains(secret), "{secret} is in the archive");
    }
}

#[test]
fn a_long_log_comes_whole_page_by_page() {
    let app = TestApp::start();
    let owner = app.owner();
    let id = app.organization_id("acme").unwrap();
    fill_log(&app, &id, 0);
    let (_, files) = archive(&owner);
    let log = lines(&files, "audit_log.jsonl");
    let mine = audit_events::table.filter(audit_events::organization_id.eq(&id)).count();
    assert_eq!(mine.get_result::<i64>(&mut app.database.connect()), Ok(log.len() as i64));
    let ids: Vec<&str> = log.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|one, next| one > next), "newest first, each once");
}
