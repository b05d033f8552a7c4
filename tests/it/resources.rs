//! Resources: what the operator's systems register in projects and remove, with the real binary.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::operator::Operator;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a command says of JSON Lines that come from standard input, and whether it was content.
fn piped(operator: &Operator, arguments: &[&str], input: &str) -> (bool, String, String) {
    let mut command = operator.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_resource_is_registered_changed_and_removed_and_twice_is_once() {
    let operator = Operator::of_a_server();
    let owner = operator.app.owner();
    owner.creates_project("web-shop", "Web shop").creates_project("back-office", "Back office");
    let register = |project, name| ["resource", "register", "acme", project, "vm-1", "Virtual machine", name];
    let table = operator.does(&register("web-shop", "web-front-1"));
    assert!(table.lines().nth(1).unwrap().split_whitespace().eq(["1", "vm-1", "registered"]), "{table}");
    owner.open("/iam/projects/web-shop").sees("web-front-1").sees("Virtual machine").sees("vm-1");
    assert!(operator.does(&register("web-shop", "web-front-1")).contains("unchanged"));
    assert!(operator.does(&register("web-shop", "web-front-2")).contains("changed"));
    owner.open("/iam/projects/web-shop").sees("web-front-2").sees_no("web-front-1").sees("1 resource");
    let refused = operator.is_refused(&register("back-office", "web-front-2"));
    assert!(refused.contains("1 of 1 lines were refused"), "{refused}");

    let remove = ["resource", "remove", "acme", "vm-1", "--json"];
    assert_eq!(lines(&operator.does(&remove)), [json!({ "line": 1, "id": "vm-1", "result": "removed" })]);
    assert_eq!(lines(&operator.does(&remove)), [json!({ "line": 1, "id": "vm-1", "result": "was not there" })]);
    owner.open("/iam/projects/web-shop").sees("No resources yet");

    let registered = operator.recorded("resource.registered");
    assert_eq!((registered.len(), registered[0].0.as_str()), (1, "operator"));
    let changed: Value = serde_json::from_str(&operator.recorded("resource.changed")[0].1).unwrap();
    assert_eq!(changed["name"], json!({ "before": "web-front-1", "after": "web-front-2" }));
    assert_eq!(operator.recorded("resource.removed").len(), 1);
}

#[test]
fn a_system_registers_many_by_json_lines_and_may_repeat_itself() {
    let operator = Operator::of_a_server();
    let owner = operator.app.owner();
    owner.creates_project("web-shop", "Web shop");
    let line = |organization: &str, project: &str, id: &str| {
        json!({ "organization": organization, "project": project, "id": id, "kind": "Disk", "name": id }).to_string()
    };
    let input = [
        line("acme", "web-shop", "disk-1"),
        line("acme", "no-project", "disk-2"),
        String::new(),
        line("nobody", "web-shop", "disk-3"),
        line("acme", "web-shop", "disk-4"),
    ]
    .join("\n");
    let (content, told, complaint) = piped(&operator, &["resource", "register", "--file", "-", "--json"], &input);
    assert!(!content && complaint.contains("2 of 4 lines were refused; the others stand"), "{complaint}");
    let told = lines(&told);
    assert_eq!(told[0], json!({ "line": 1, "id": "disk-1", "result": "registered" }));
    assert_eq!(told[1]["because"], "acme has no project no-project");
    assert_eq!((&told[2]["line"], &told[2]["because"]), (&json!(4), &json!("there is no organization named nobody")));
    owner.open("/iam/projects/web-shop").sees("2 resources").sees("disk-1").sees("disk-4");

    let again = line("acme", "web-shop", "disk-1");
    let (content, told, _) = piped(&operator, &["resource", "register", "--file", "-", "--json"], &again);
    assert!(content && lines(&told)[0]["result"] == "unchanged", "{told}");
    let file = std::env::temp_dir().join(format!("vestibule-resources-{}.jsonl", std::process::id()));
    std::fs::write(&file, "{\"organization\":\"acme\",\"id\":\"disk-1\"}\n").unwrap();
    let table = operator.does(&["resource", "remove", "--file", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert!(table.contains("LINE") && table.contains("removed"), "{table}");
    owner.open("/iam/projects/web-shop").sees("1 resource").sees_no("disk-1");
}

#[test]
fn a_file_with_a_mistake_in_it_does_nothing() {
    let operator = Operator::of_a_server();
    let owner = operator.app.owner();
    owner.creates_project("web-shop", "Web shop");
    let good = r#"{"organization":"acme","project":"web-shop","id":"a","kind":"Disk","name":"a"}"#;
    let bad = [
        r#"{"organization":"acme","project":"Web Shop","id":"b","kind":"Disk","name":"b"}"#,
        r#"{"organization":"acme","project":"web-shop","id":"","kind":"Disk","name":"b"}"#,
        "{\"organization\":\"acme\",\"project\":\"web-shop\",\"id\":\"b\",\"kind\":\"Di\\u202esk\",\"name\":\"b\"}",
    ];
    let input = format!("{good}\n{}", bad.join("\n"));
    let (content, told, complaint) = piped(&operator, &["resource", "register", "--file", "-"], &input);
    assert!(!content && told.is_empty(), "{told}");
    for words in
        ["nothing was done", "line 2: project cannot be one", "line 3: id is empty", "line 4: kind holds characters"]
    {
        assert!(complaint.contains(words), "{words}: {complaint}");
    }
    owner.open("/iam/projects/web-shop").sees("No resources yet");
    let neither = operator.command(&["resource", "register"]).output().unwrap();
    assert_eq!(neither.status.code(), Some(2), "either a resource or a file");
    let both = operator.command(&["resource", "remove", "acme", "a", "--file", "-"]).output().unwrap();
    assert_eq!(both.status.code(), Some(2), "not both");
}
