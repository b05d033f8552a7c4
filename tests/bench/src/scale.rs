//! Pages of an organization of 100,000 among a million users, compared with the same pages of one of 100, as long.

use std::time::Instant;

use crate::crowd::{self, BIG, DENSE, SMALL};
use crate::http::{self, Connection};
use crate::login::Attempt;
use crate::process::Server;
use crate::report::Report;
use crate::{Outcome, export, load, runtime};

/// Requests of each page, in turn between the two organizations.
const TIMES: usize = 60;
/// How often Next is pressed in the big organization.
const NEXTS: usize = 500;

/// A page, by what it is, by its address in either organization, and by which the smaller one is.
struct Compared {
    what: String,
    big: String,
    small: String,
    is_dense: bool,
}

/// Measures the pages on a server whose database holds the crowd.
pub fn measure(report: &mut Report, server: &Server, name: &str) -> Outcome<()> {
    runtime().block_on(async {
        let mut connection = Connection::open(server.address).await?;
        let big = owner(&mut connection, server, BIG).await?;
        let small = owner(&mut connection, server, SMALL).await?;
        let dense = owner(&mut connection, server, DENSE).await?;
        let compared = |what: &str, path: &str, is_dense: bool| Compared {
            what: what.to_owned(),
            big: path.to_owned(),
            small: path.to_owned(),
            is_dense,
        };
        let same = |what: &str, path: &str| compared(what, path, false);
        // Of what these show, the small one has less than a page.
        let rare = |what: &str, path: &str| compared(what, path, true);
        let far = walk(&mut connection, server, &big, NEXTS).await?;
        let near = walk(&mut connection, server, &small, 1).await?;
        let pages = [
            same("users, first page", "/iam/users"),
            Compared {
                what: format!("users, Next pressed {NEXTS} times (in the small one once)"),
                big: far,
                small: near,
                is_dense: false,
            },
            same("users, by last login from the newest", "/iam/users?sort=-last_login"),
            same("users, by last login from those who never came", "/iam/users?sort=last_login"),
            rare("users, deactivated ones by last login", "/iam/users?sort=-last_login&status=deactivated"),
            rare("users, Org Admins by last login", "/iam/users?sort=-last_login&role=org_admin"),
            same("users, search by the beginning of a name", "/iam/users?q=person+0000"),
            same("users, search by the beginning of all addresses", "/iam/users?q=active-"),
            Compared {
                what: "users, search by the beginning of eleven addresses".to_owned(),
                big: "/iam/users?q=active-9999".to_owned(),
                small: "/iam/users?q=active-9".to_owned(),
                is_dense: false,
            },
            same("audit log, first page", "/audit"),
            same("audit log, filtered by event and result", "/audit?event=login&result=failed"),
            rare("audit log, filtered by actor", "/audit?actor=active-7%40example.org"),
        ];
        for page in pages {
            let (mut of_big, mut of_small) = (Vec::new(), Vec::new());
            let small = if page.is_dense { &dense } else { &small };
            for _ in 0..TIMES {
                of_big.push(open(&mut connection, server, &big, &page.big).await?);
                let in_big = rows(&connection);
                of_small.push(open(&mut connection, server, small, &page.small).await?);
                let in_small = rows(&connection);
                if in_big != in_small || in_big == 0 {
                    return Err(format!("{}: {in_big} rows are compared with {in_small}", page.what).into());
                }
            }
            let (big, small) = (load::median(of_big), load::median(of_small));
            let figure = format!("{big:.2} ms of 100,000, {small:.2} ms of 100 = {:.2}", big / small);
            report.demand(&format!("{}, {name}", page.what), figure, "≤ 1.5 ×", big <= 1.5 * small);
        }
        let (mut walks, mut charts) = (Vec::new(), Vec::new());
        for _ in 0..TIMES / 4 {
            walks.push(open(&mut connection, server, &big, "/iam/users?q=no+such+name&anywhere=1").await?);
            charts.push(open(&mut connection, server, &big, "/audit/logins").await?);
        }
        let what = format!("chart of logins, two weeks of a million events in {} days, {name}", crowd::KEPT_DAYS);
        report.tell(&what, format!("{:.1} ms", load::median(charts)));
        let middle = load::median(walks);
        let what = format!("users, search by the middle of a name among {}, {name}", crowd::BIG_USERS);
        report.demand(&what, format!("{middle:.1} ms"), "< 100 ms", middle < 100.0);
        export::measure(report, server, &owner(&mut connection, server, BIG).await?, name)
    })
}

async fn owner(connection: &mut Connection, server: &Server, organization: &str) -> Outcome<String> {
    let attempt = Attempt { organization: organization.to_owned(), ..Attempt::right(0, 0, [192, 0, 2, 9].into()) };
    let request = attempt.begin(connection, &server.host, "").await?;
    let status = connection.exchange(&request).await?;
    let session = connection.cookie("vestibule-session").filter(|_| status == 303);
    Ok(format!("Cookie: vestibule-session={}\r\n", session.ok_or("the owner could not log in")?))
}

/// Milliseconds of a page.
async fn open(connection: &mut Connection, server: &Server, session: &str, path: &str) -> Outcome<f64> {
    let request = http::get(&server.host, path, session);
    let began = Instant::now();
    let status = connection.exchange(&request).await?;
    let millis = began.elapsed().as_secs_f64() * 1000.0;
    if status != 200 {
        return Err(format!("{path} was answered with {status}").into());
    }
    Ok(millis)
}

/// How many rows the list of the last page has.
fn rows(connection: &Connection) -> usize {
    connection.body().matches("<th scope=\"row\"").count()
}

/// The address of the page that is reached by pressing Next so often.
async fn walk(connection: &mut Connection, server: &Server, session: &str, times: usize) -> Outcome<String> {
    let mut path = "/iam/users".to_owned();
    for _ in 0..times {
        open(connection, server, session, &path).await?;
        let body = connection.body();
        let next = body.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
        path = next.ok_or("there is no next page")?.replace("&#38;", "&").replace("&amp;", "&");
    }
    Ok(path)
}
