//! What tests say that they show: in their names, and in lines of their comments. One form, held strictly, so that a slip
//! of the pen fails instead of showing nothing.

use super::rows::RowId;

/// A test and the rows that it shows.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    pub sentence: String,
    pub rows: Vec<RowId>,
}

/// The claims of a source file, and what is wrong with them.
pub fn claims(text: &str) -> (Vec<Claim>, Vec<String>) {
    let (mut claims, mut faults) = (Vec::new(), Vec::new());
    let (mut rows, mut loose, mut is_test) = (Vec::new(), Vec::new(), false);
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if let Some(comment) = line.strip_prefix("///") {
            let comment = comment.trim();
            match claimed(comment) {
                Some(mine) => rows.extend(mine),
                None if mentions_a_row(comment) => loose.push(format!("line {number}: {comment:?}")),
                None => {}
            }
        } else if line.starts_with("#[") {
            is_test |= ["#[test]", "#[tokio::test]", "#[actix_web::test]"].contains(&line);
        } else if let Some(name) = function(line) {
            let (sentence, named) = match name.strip_prefix("asvs_") {
                Some(rest) => in_name(rest),
                None => (name.to_owned(), Some(Vec::new())),
            };
            match named {
                Some(named) if is_test => rows.splice(0..0, named).for_each(drop),
                Some(named) if named.is_empty() => {}
                _ => faults.push(format!("line {number}: {name} names no row, or is no test")),
            }
            // What the comment of a test says of rows, it says in the form of a claim.
            faults.extend(loose.drain(..).filter(|_| is_test));
            if is_test && !rows.is_empty() {
                let mine = std::mem::take(&mut rows);
                let doubled = (1..mine.len()).any(|place| mine[..place].contains(&mine[place]));
                faults.extend(doubled.then(|| format!("line {number}: {name} shows a row twice")));
                claims.push(Claim { sentence: sentence.replace('_', " "), rows: mine });
            }
            forget(&mut rows, &mut faults, number);
            is_test = false;
        } else if !line.starts_with("//") {
            loose.clear();
            forget(&mut rows, &mut faults, number);
            is_test = false;
        }
    }
    (claims, faults)
}

/// A claim with no test under it is a fault.
fn forget(rows: &mut Vec<RowId>, faults: &mut Vec<String>, number: usize) {
    if !rows.is_empty() {
        faults.push(format!("line {number}: what is shown stands at no test"));
        rows.clear();
    }
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

/// The sentence of a name after `asvs_`, and the row that it begins with.
fn in_name(rest: &str) -> (String, Option<Vec<RowId>>) {
    let mut parts = rest.splitn(4, '_');
    let number = parts.by_ref().take(3).collect::<Vec<_>>().join(".");
    let row = RowId::parse("asvs", &number).map(|row| vec![row]);
    (parts.next().unwrap_or(rest).to_owned(), row)
}

/// Whether a comment names rows without being a claim: by the standard's name, by an attack's number, or by a row's.
fn mentions_a_row(comment: &str) -> bool {
    let mut attacks = comment.split("attack").skip(1).map(|rest| rest.trim_start_matches('s').trim_start());
    let is_row = |word: &str| RowId::parse("asvs", word.trim_matches(|c: char| !c.is_ascii_digit())).is_some();
    comment.contains("ASVS")
        || attacks.any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || comment.starts_with("Shows ") && comment.split_whitespace().any(is_row)
}

/// The rows of a claim: `Shows ASVS 3.4.1, 3.4.4; attacks 12, 64.`, either part alone, `attack 12` for one.
fn claimed(comment: &str) -> Option<Vec<RowId>> {
    let list = comment.strip_prefix("Shows ")?.strip_suffix('.')?;
    let mut rows = Vec::new();
    for (place, part) in list.split("; ").enumerate() {
        let (word, numbers) = part.split_once(' ')?;
        let mine: Vec<&str> = numbers.split(", ").collect();
        let source = match (word, place, mine.len()) {
            ("ASVS", 0, _) => "asvs",
            ("attack", _, 1) => "attack",
            ("attacks", _, 2..) => "attack",
            _ => return None,
        };
        for number in mine {
            rows.push(RowId::parse(source, number)?);
        }
    }
    Some(rows)
}

#[test]
fn what_a_test_shows_is_read_from_its_name_and_its_comment() {
    let text = [
        "/// Something else first.",
        "/// Shows ASVS 3.4.1, 3.4.4; attacks 12, 64.",
        "/// Shows attack 7.",
        "#[test]",
        "fn asvs_6_2_1_a_sentence() {}",
        "#[test]",
        "fn it_shows_nothing() {}",
        "/// Of the kernel (ASVS 1.1.1), and no test.",
        "fn it_is_no_test() {}",
        "/// Shows ASVS 1.2.3.",
        "#[tokio::test]",
        "#[expect(x, reason = \"y\")]",
        "async fn it_waits() {}",
    ]
    .join("\n");
    let asvs = |number| RowId::parse("asvs", number).unwrap();
    let attacks = [12, 64, 7].map(RowId::Attack);
    let first = [asvs("6.2.1"), asvs("3.4.1"), asvs("3.4.4")].into_iter().chain(attacks).collect();
    let wanted = vec![
        Claim { sentence: "a sentence".into(), rows: first },
        Claim { sentence: "it waits".into(), rows: vec![asvs("1.2.3")] },
    ];
    assert_eq!(claims(&text), (wanted, Vec::new()));
}

#[test]
fn a_claim_with_a_slip_is_a_fault() {
    for comment in [
        "Shows ASVS 3.4.1",
        "Shows ASVS 3.4.",
        "Shows ASVS 3.4.1,3.4.2.",
        "Shows ASVS 3.4.1 and 3.4.2.",
        "Shows AVSS 3.4.1; attack 3.",
        "Shows attack 3, 4.",
        "Shows attacks 3.",
        "Shows attacks 3, 4; ASVS 1.1.1.",
        "shows ASVS 3.4.1.",
        "Shows ASVS 3.04.1.",
        "As it is said (ASVS 3.4.1).",
        "Resurrection (attack 60 of the list).",
        "Shows ASVS 3.4.1, 3.4.1.",
    ] {
        let (claims, faults) = claims(&format!("/// {comment}\n#[test]\nfn a_test() {{}}"));
        assert!(!faults.is_empty(), "{comment}: {claims:?}");
    }
    for text in [
        "/// Shows attack 3.\nfn no_test() {}",
        "/// Shows attack 3.\nconst NO_TEST: u8 = 0;",
        "#[test]\nfn asvs_3_4_too_short() {}",
        "fn asvs_3_4_1_no_test() {}",
        "/// Shows ASVS 3.4.1.\n#[test]\nfn asvs_3_4_1_twice() {}",
    ] {
        assert_eq!(claims(text).1.len(), 1, "{text}");
    }
}
