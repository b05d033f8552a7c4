//! A bill from the list to its payment, with script, in both languages and every width.

use crate::support::TestApp;
use crate::window::{Look, Window};

const EMAIL: &str = "mina@acme.example";

#[test]
fn a_bill_is_paid_and_settled() {
    walk("en");
}

#[test]
fn a_bill_is_paid_and_settled_in_korean() {
    walk("ko");
}

fn walk(language: &'static str) {
    let app = TestApp::start();
    app.organization("acme", EMAIL);
    let mina = Window::with(&app, language, "Asia/Seoul", Look::Once);
    mina.log_in("acme", EMAIL);
    if language == "ko" {
        mina.press("한국어").sees("안녕하세요");
    }
    let mina = Window { look: Look::Closely, ..mina };
    mina.click(("Billing", "청구 및 결제")).is_at("/billing").sees(("No bills yet", "아직 청구서가 없습니다"));

    let bill = app.bill("acme", "2611K7QM2X", "2026-12-20");
    let page = format!("/billing/{bill}");
    app.bill("acme", "2610OVERDU", "2026-11-20");
    app.void(&app.bill("acme", "2609VOIDED", "2026-10-20"));
    mina.go("/billing").sees(("KRW 792,000", "792,000원")).sees(("Overdue", "연체"));
    mina.click(("Paid", "납부 완료")).sees(("No such bills", "해당하는 청구서가 없습니다"));
    mina.click(("All", "전체")).click(("November 2026 2611K7QM2X", "2026년 11월 2611K7QM2X")).is_at(&page);
    mina.sees("Virtual machines").click(("Pay", "납부하기")).is_at(&format!("{page}/payment"));
    mina.sees("110-123-456789").sees("2611K7QM2X");
    mina.press(("I have made the transfer", "송금했습니다")).is_at(&page);
    mina.sees(("The transfer is announced", "송금 사실을 알렸습니다")).sees(("Open", "미납"));
    mina.go(&format!("{page}/payment")).sees(("announced the transfer", "송금했다고 알렸습니다"));

    app.settle(&bill);
    mina.go(&page).sees(("Paid on 20 Nov 2026", "2026년 11월 20일에 납부되었습니다")).sees("Late, but whole");
    mina.go("/billing").sees(("KRW 396,000", "396,000원")).sees(("Paid", "납부 완료"));
}
