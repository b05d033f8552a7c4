//! Bills as the operator charges and settles them, with the real binary beside a running server.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};
use vestibule::platform::store::schema::{bill_lines, bills};

use super::operator::Operator;
use super::races::at_once;

/// A server with the organization `acme`, its owner gone home.
fn acme() -> Operator {
    let operator = Operator::of_a_server();
    operator.app.organization("acme", "owner@acme.example");
    operator
}

/// A line of an import.
fn line(id: &str) -> Value {
    json!({
        "id": id, "organization": "acme", "period": "2026-11", "currency": "KRW", "due": "2098-12-20", "tax": 36_000,
        "lines": [{ "description": "Virtual machines", "quantity": 3, "unit_amount": 120_000 }],
    })
}

fn file(lines: &[Value]) -> Vec<u8> {
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

/// Exit code, and what was printed for scripts by line.
fn import(operator: &Operator, input: &[u8]) -> (Option<i32>, Vec<Value>, String) {
    let output = operator.run_with(&["billing", "import", "-", "--json"], input);
    let told = String::from_utf8(output.stdout).unwrap();
    let told = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), told, String::from_utf8(output.stderr).unwrap())
}

/// Rows of bills and of their lines.
fn stored(operator: &Operator) -> (i64, i64) {
    let mut connection = operator.app.database.connect();
    let bills: i64 = bills::table.count().get_result(&mut connection).unwrap();
    (bills, bill_lines::table.count().get_result(&mut connection).unwrap())
}

fn status(operator: &Operator, number: &str) -> String {
    let row = bills::table.filter(bills::number.eq(number)).select(bills::status);
    row.first(&mut operator.app.database.connect()).unwrap()
}

const ADD: [&str; 11] = [
    "billing",
    "add",
    "acme",
    "--period",
    "2026-11",
    "--currency",
    "USD",
    "--due",
    "2098-12-20",
    "--line",
    "Support; phone and mail; 2; 10.50",
];

/// Adds a bill and gives its number.
fn added(operator: &Operator) -> String {
    let mut arguments = ADD.to_vec();
    arguments.push("--json");
    let told: Value = serde_json::from_str(&operator.does(&arguments)).unwrap();
    told["bill"].as_str().unwrap().to_owned()
}

#[test]
fn a_bill_is_added_paid_and_settled() {
    let operator = acme();
    let mut arguments = ADD.to_vec();
    arguments.extend(["--line", "Credit;1;-1.00", "--tax", "2.05", "--id", "inv-1"]);
    let told = operator.does(&arguments);
    assert!(told.contains("charges acme USD 22.05, due on 2098-12-20."), "{told}");
    let number = told.split_whitespace().nth(1).unwrap().to_owned();
    assert!(operator.does(&arguments).contains(&format!("Bill {number} is there already")));

    // Without JavaScript: links and buttons alone.
    let owner = operator.app.visitor();
    owner.log_in("acme", "owner@acme.example", super::support::people::PASSWORD);
    owner
        .click("Billing")
        .sees("USD 22.05 open, 1 bill")
        .click("Pay")
        .sees(&format!("Write {number} into the transfer"));
    owner.press("I have made the transfer").sees("Mina Park announced the transfer").sees("Open");

    // As somebody types it from a bank statement.
    let typed = format!("{}-{}", &number[..4], &number[4..]).to_lowercase();
    let paid = operator.does(&["billing", "settle", &typed, "--on", "2026-11-01", "--note", "Seen on page 7"]);
    assert_eq!(paid, format!("Bill {number} of acme is paid: USD 22.05.\n"));
    owner.open("/billing").sees("There is nothing to be paid.").sees("Paid").click("November 2026");
    owner.sees("Paid on 1 Nov 2026.").sees("Note: Seen on page 7").sees("Support; phone and mail").sees("USD -1.00");

    let twice = operator.is_refused(&["billing", "settle", &number]);
    assert!(twice.contains(&format!("bill {number} is paid, not open")), "{twice}");
    let void = operator.is_refused(&["billing", "void", &number, "--reason", "Charged twice"]);
    assert!(void.contains("is paid, not open"), "{void}");
    for (event, amount) in [("bill.added", 2205), ("bill.settled", 2205)] {
        let recorded = operator.recorded(event);
        assert_eq!(recorded.len(), 1, "{event}");
        let (who, details) = &recorded[0];
        assert!(who == "operator" && details.contains(&format!("\"total\":{amount}")), "{details}");
        assert!(details.contains("\"currency\":\"USD\""), "{details}");
    }
}

#[test]
fn a_bill_is_voided_with_its_reason() {
    let operator = acme();
    let number = added(&operator);
    let missing = operator.run(&["billing", "void", &number]);
    assert_eq!(missing.status.code(), Some(2), "a reason is asked for");
    for bad in ["", " ", "a\u{202E}b"] {
        assert!(operator.is_refused(&["billing", "void", &number, "--reason", bad]).contains("the reason must"));
    }
    let told = operator.does(&["billing", "void", &number, "--reason", "Charged twice", "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told,
        json!({ "bill": number, "organization": "acme", "result": "void", "currency": "USD", "total": 2100 })
    );
    let twice = operator.is_refused(&["billing", "void", &number, "--reason", "Again"]);
    assert!(twice.contains("is void, not open"), "{twice}");
    assert!(operator.recorded("bill.voided")[0].1.contains("Charged twice"));
}

/// Shows ASVS 1.4.2.
#[test]
fn what_cannot_be_charged_or_settled_is_refused_and_changes_nothing() {
    let operator = acme();
    operator.app.visitor().sign_up("waiting", "owner@waiting.example");
    let with = |at: usize, value: &'static str| {
        let mut arguments = ADD;
        arguments[at] = value;
        operator.is_refused(&arguments)
    };
    for (at, value, told) in [
        (2, "nowhere", "there is no organization named nowhere"),
        (2, "waiting", "waiting still awaits its owner's password"),
        (4, "2026-13", "period must be a month"),
        (6, "dollar", "currency must be the code"),
        (8, "2026-10-31", "due must not be before the month"),
        (10, "Support;2;10.5", "10.5 is not an amount of USD: write it like 1234.56"),
        (10, "Support;2;1050", "1050 is not an amount of USD"),
        (10, "Support;1.5;10.50", "1.5 is not a whole quantity"),
        (10, "Support;0;10.50", "lines[0].quantity must be 1 or more"),
        (10, "Support;9223372036854775807;10.50", "lines[0] comes to more than"),
        (10, "10.50", "is not DESCRIPTION;QUANTITY;AMOUNT"),
        (10, "Credit;1;-10.50", "must come to more than 0"),
    ] {
        let refused = with(at, value);
        assert!(refused.contains(told), "{value}: {refused}");
    }
    assert_eq!(stored(&operator), (0, 0));

    let number = added(&operator);
    for (arguments, told) in [
        (vec!["billing", "settle", "2611AAAAAA"], "there is no bill 2611AAAAAA"),
        (vec!["billing", "settle", "nonsense"], "there is no bill nonsense"),
        (vec!["billing", "settle", &number, "--on", "yesterday"], "yesterday is not a day"),
        (vec!["billing", "settle", &number, "--on", "2097-01-01"], "2097-01-01 has not begun anywhere yet"),
        (vec!["billing", "settle", &number, "--note", "a\nb"], "the note must be characters that can be seen"),
    ] {
        let refused = operator.is_refused(&arguments);
        assert!(refused.contains(told), "{arguments:?}: {refused}");
    }
    assert_eq!(status(&operator, &number), "open");
}

#[test]
fn an_import_can_be_sent_again() {
    let operator = acme();
    operator.does(&["organization", "suspend", "acme"]);
    let (code, told, _) = import(&operator, &file(&[line("inv-1"), line("inv-2")]));
    assert_eq!(code, Some(0), "a suspended organization is charged too");
    let results: Vec<_> = told.iter().map(|line| (line["line"].as_u64(), line["result"].as_str())).collect();
    assert_eq!(results, [(Some(1), Some("added")), (Some(2), Some("added"))]);
    let (code, told, _) = import(&operator, &file(&[line("inv-1"), line("inv-3"), line("inv-3")]));
    let results: Vec<_> = told.iter().map(|line| line["result"].as_str().unwrap()).collect();
    assert_eq!((code, results), (Some(0), vec!["unchanged", "added", "unchanged"]));
    assert_eq!(stored(&operator), (3, 3));
    assert_eq!(operator.recorded("bill.added").len(), 3);

    // What has become of a bill since does not matter; what it says does.
    let number: String = {
        let row = bills::table.filter(bills::external_id.eq("inv-1")).select(bills::number);
        row.first(&mut operator.app.database.connect()).unwrap()
    };
    operator.does(&["billing", "settle", &number]);
    assert_eq!(import(&operator, &file(&[line("inv-1")])).1[0]["result"], "unchanged");
    let changes: [(&str, Value); 5] = [
        ("period", json!("2026-12")),
        ("currency", json!("JPY")),
        ("due", json!("2098-12-21")),
        ("tax", json!(36_001)),
        ("lines", json!([{ "description": "Virtual machine", "quantity": 3, "unit_amount": 120_000 }])),
    ];
    for (field, value) in changes {
        let mut other = line("inv-1");
        other[field] = value;
        let (code, told, error) = import(&operator, &file(&[line("inv-2"), other, line("inv-3")]));
        assert_eq!(code, Some(1), "{field}");
        assert_eq!(told[1]["because"], format!("bill {number} has this id already and differs in {field}"));
        assert_eq!((&told[1]["line"], &told[2]["result"]), (&json!(2), &json!("unchanged")));
        assert!(error.contains("1 of 3 lines were refused"), "{error}");
    }
    assert_eq!((stored(&operator), status(&operator, &number)), ((3, 3), "paid".to_owned()));
}

#[test]
fn what_one_customer_lacks_holds_up_no_other() {
    let operator = acme();
    let mut gone = line("inv-2");
    gone["organization"] = json!("gone");
    let input = file(&[line("inv-1"), gone, line("inv-3")]);
    let output = operator.run_with(&["billing", "import", "-"], &input);
    let table = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(rows[0], ["LINE", "ID", "RESULT", "BECAUSE"]);
    assert_eq!((rows[1][2], rows[2][..3].to_vec(), rows[3][2]), ("added", vec!["2", "inv-2", "refused"], "added"));
    assert!(table.contains("there is no organization named gone"), "{table}");
    assert_eq!(stored(&operator), (2, 2));
}

/// Shows ASVS 1.4.2, 1.5.2.
#[test]
fn a_file_is_read_whole_before_anything_is_done() {
    let operator = acme();
    let good = line("inv-1").to_string();
    let with = |field: &str, value: Value| {
        let mut bill = line("inv-2");
        bill[field] = value;
        bill.to_string().into_bytes()
    };
    let charge = |quantity: Value, unit: Value| {
        with("lines", json!([{ "description": "x", "quantity": quantity, "unit_amount": unit }]))
    };
    let long = with("organization", json!("x".repeat(70_000)));
    let doubled = good.replace("\"tax\":36000", "\"tax\":36000,\"tax\":1");
    let corpus: Vec<(Vec<u8>, &str)> = vec![
        (format!("\u{FEFF}{good}").into_bytes(), "byte order mark"),
        (b"{\"id\":\"\xFF\"}".to_vec(), "not UTF-8"),
        (long, "longer than 65536 bytes"),
        (doubled.into_bytes(), "duplicate field `tax`"),
        (with("paid", json!(true)), "unknown field `paid`"),
        (with("id", Value::Null), "invalid type: null"),
        (with("id", json!("")), "id must have 1 to 100 characters"),
        (with("id", json!("a\u{0}b")), "id must have"),
        (with("tax", json!(1.5)), "invalid type: floating point"),
        (with("tax", json!("36000")), "invalid type: string"),
        (with("tax", json!(-1)), "tax must be 0 or more"),
        (with("tax", json!(i64::MAX)), "tax comes to more than"),
        (with("tax", json!(u64::MAX)), "invalid value"),
        (good.replace("36000", "1e999").into_bytes(), "number out of range"),
        (good.replace("36000", "NaN").into_bytes(), "expected value"),
        (with("currency", json!("XXX")), "currency must be"),
        (with("currency", json!("DEM")), "currency must be"),
        (with("period", json!("November")), "period must be"),
        (with("due", json!("2026-02-30")), "due must be"),
        (with("total", json!(395_999)), "total is 395999, but lines and tax come to 396000"),
        (with("lines", json!([])), "lines must be 1 to 200"),
        (charge(json!(0), json!(1)), "lines[0].quantity must be"),
        (charge(json!(-3), json!(1)), "lines[0].quantity must be"),
        (charge(json!(i64::MAX), json!(2)), "lines[0] comes to more than"),
        (charge(json!(1), json!(i64::MIN)), "lines[0].unit_amount comes to more than"),
        (charge(json!(1), json!(-36_000)), "must come to more than 0"),
        (b"{\"id\":".to_vec(), "EOF"),
        (vec![b'['; 60_000], "line 2: "),
    ];
    for (bad, problem) in corpus {
        let mut input = format!("{good}\r\n").into_bytes();
        input.extend_from_slice(&bad);
        input.push(b'\n');
        let (code, told, error) = import(&operator, &input);
        assert!(code == Some(1) && told.is_empty(), "{problem}: {code:?} {told:?}");
        assert!(error.contains("nothing was done") && error.contains("line 2: "), "{problem}: {error}");
        assert!(error.contains(problem) && !error.contains("line 1"), "{problem}: {error}");
        assert_eq!(stored(&operator), (0, 0), "{problem}");
    }
    // Ends of lines of another system, empty lines, and a file instead of a pipe.
    let path = std::env::temp_dir().join(format!("vestibule-bills-{}.jsonl", std::process::id()));
    std::fs::write(&path, format!("\r\n{good}\r\n\r\n")).unwrap();
    assert!(operator.does(&["billing", "import", path.to_str().unwrap()]).contains("added"));
    std::fs::remove_file(&path).unwrap();
    assert!(operator.is_refused(&["billing", "import", path.to_str().unwrap()]).contains("No such file"));
    assert!(operator.does(&["billing", "import", "-"]).contains("There were no lines."));
    assert_eq!(stored(&operator), (1, 1));
}

/// Shows ASVS 2.3.4, 15.4.2.
#[test]
fn race_one_of_settle_settle_and_void_wins() {
    let operator = acme();
    for round in 0..super::rounds(100) {
        let number = operator.app.bill("acme", &race_number(round), "2098-12-20");
        let number = number_of(&operator, &number);
        let commands: [&[&str]; 3] = [
            &["billing", "settle", &number],
            &["billing", "void", &number, "--reason", "Raced"],
            &["billing", "settle", &number, "--note", "Second"],
        ];
        let ends = at_once(3, |place| operator.run(commands[place]));
        let won: Vec<usize> = (0..3).filter(|place| ends[*place].status.success()).collect();
        assert_eq!(won.len(), 1, "{ends:?}");
        let becomes = if won[0] == 1 { "void" } else { "paid" };
        assert_eq!(status(&operator, &number), becomes);
        for lost in (0..3).filter(|place| *place != won[0]) {
            let told = String::from_utf8_lossy(&ends[lost].stderr).into_owned();
            assert!(told.contains(&format!("is {becomes}, not open")), "{told}");
        }
    }
    let rounds = super::rounds(100);
    assert_eq!(operator.recorded("bill.settled").len() + operator.recorded("bill.voided").len(), rounds);
}

/// Shows attack 88.
#[test]
fn race_two_imports_of_one_file_charge_once() {
    let operator = acme();
    let rounds = super::rounds(20);
    for round in 0..rounds {
        let input = file(&[line(&format!("inv-{round}-a")), line(&format!("inv-{round}-b"))]);
        let ends = at_once(2, |_| import(&operator, &input));
        let mut results: Vec<_> =
            ends.iter().flat_map(|(_, told, _)| told).map(|told| told["result"].to_string()).collect();
        results.sort();
        assert_eq!(results, ["\"added\"", "\"added\"", "\"unchanged\"", "\"unchanged\""], "{ends:?}");
    }
    assert_eq!(stored(&operator), (rounds as i64 * 2, rounds as i64 * 2));
}

#[test]
fn race_a_transfer_announced_while_the_bill_is_settled() {
    let operator = acme();
    let owner = operator.app.visitor();
    owner.log_in("acme", "owner@acme.example", super::support::people::PASSWORD);
    let cookies = owner.cookies.borrow().clone();
    for round in 0..super::rounds(20) {
        let id = operator.app.bill("acme", &race_number(round), "2098-12-20");
        let number = number_of(&operator, &id);
        let path = format!("/billing/{id}/payment");
        let statuses = at_once(2, |place| match place {
            0 => operator.run(&["billing", "settle", &number]).status.code().unwrap_or(-1),
            _ => {
                let person = operator.app.visitor();
                *person.cookies.borrow_mut() = cookies.clone();
                i32::from(person.request("POST", &path, &[], "").status)
            }
        });
        assert_eq!(statuses, [0, 303]);
        assert_eq!(status(&operator, &number), "paid");
    }
    operator.app.clock.advance(Duration::minutes(1));
}

fn race_number(round: usize) -> String {
    let letters: String = [round / 26 % 26, round % 26].map(|n| char::from(b'A' + n as u8)).iter().collect();
    format!("2611RACE{letters}")
}

fn number_of(operator: &Operator, id: &str) -> String {
    bills::table.find(id).select(bills::number).first(&mut operator.app.database.connect()).unwrap()
}
