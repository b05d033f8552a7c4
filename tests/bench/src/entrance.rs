//! What coming in costs: logins one by one and many at once, invitations, and refusals that must not be told apart.

use crate::load::median;
use crate::report::Report;
use crate::{Installation, Lengths, Outcome, database, hashing, invitations, load, login, machine, say};

/// Real logins against the plain hash, in rounds: each is compared with the hashing right before and after it.
pub fn logins(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    const CLIENTS: usize = 16;
    let regulars: Vec<_> = all.iter().map(|_| login::Regulars::new()).collect();
    let mut plain = vec![hashing::rate(lengths.hashes)?];
    let mut rates = vec![Vec::new(); all.len()];
    let mut shares = rates.clone();
    for one in all {
        machine::forget_peak(one.server.process())?;
    }
    for round in 1..=lengths.rounds {
        say(&format!("logins against plain hashing, round {round} of {}", lengths.rounds));
        for (number, one) in all.iter().enumerate() {
            let rate = login::rate(&one.server, &regulars[number], CLIENTS, lengths.logins)?;
            let (before, after) = (plain[plain.len() - 1], hashing::rate(lengths.hashes)?);
            plain.push(after);
            rates[number].push(rate);
            shares[number].push(rate / f64::midpoint(before, after));
        }
    }
    let (low, high) = load::lowest_and_highest(plain.iter().copied());
    report.tell(
        "(f) plain Argon2id, 19 MiB, t=2, p=1, all cores",
        format!("{:.0}/s ({low:.0} to {high:.0} around the logins)", median(plain.iter().copied())),
    );
    for (number, one) in all.iter().enumerate() {
        let (rate, share) = (median(rates[number].iter().copied()), median(shares[number].iter().copied()));
        let what = format!("(e) logins, both steps, {CLIENTS} clients, {}", one.name);
        let figure = format!("{rate:.0}/s = {share:.2} of (f)");
        report.demand(&what, figure, "≥ 0.85 of (f); a peer 100 to 119/s", share >= 0.85);
    }
    for one in all {
        let what = format!("resident memory, most during the logins, {}", one.name);
        report.tell(&what, format!("{:.1} MiB", machine::resident_peak(one.server.process())));
    }
    Ok(())
}

/// Many logins at once.
pub fn bursts(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    let many = database::ORGANIZATIONS;
    say(&format!("{many} logins at once"));
    for one in all {
        machine::forget_peak(one.server.process())?;
        let bursts = (0..lengths.bursts).map(|round| login::burst(&one.server, round)).collect::<Outcome<Vec<_>>>()?;
        let peak = machine::resident_peak(one.server.process());
        let bound = one.idle + 2.0 * machine::cores() as f64 * hashing::MEMORY_MIB + 32.0;
        let what = format!("{many} logins at once, {} times, {}", lengths.bursts, one.name);
        let demanded = format!("< idle + 2 × cores × 19 + 32 = {bound:.1} MiB");
        report.demand(&format!("{what}: resident memory, most"), format!("{peak:.1} MiB"), &demanded, peak < bound);
        let mut page: Vec<f64> = bursts.iter().flat_map(|burst| burst.page.iter().copied()).collect();
        let (count, p99) = (page.len(), load::percentile(&mut page, 0.99));
        let figure = format!("{p99:.1} ms ({:.1} ms p50, {count} pages)", load::percentile(&mut page, 0.5));
        report.demand(&format!("{what}: login page meanwhile, p99"), figure, "< 50 ms", p99 < 50.0);
        let sum = |count: fn(&login::Burst) -> usize| bursts.iter().map(count).sum::<usize>();
        let (let_in, away, rude) = (sum(|b| b.let_in), sum(|b| b.turned_away), sum(|b| b.rude));
        let figure = format!("{let_in} in, {away} with 503, {rude} of these without Retry-After or what was typed");
        report.demand(
            &format!("{what}: surplus"),
            figure,
            "503, Retry-After, form as typed",
            rude == 0 && let_in + away == many * bursts.len(),
        );
    }
    Ok(())
}

/// A hundred invitations: committed, then delivered to a mail server beside.
pub fn registrations(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    say("a hundred users registered at once");
    for one in all {
        let mut rounds = Vec::new();
        for round in 0..lengths.rounds {
            rounds.push(invitations::register(&one.server, &one.session, round)?);
        }
        let committed = median(rounds.iter().map(|round| round.committed));
        let what = format!("{} users registered at once, answered, {}", invitations::MANY, one.name);
        report.demand(&what, format!("{committed:.0} ms"), "< 1000 ms", committed < 1000.0);
        let rate = invitations::MANY as f64 / median(rounds.iter().map(|round| round.delivered));
        let what = format!("their invitations delivered to a mail server beside, {}", one.name);
        report.demand(&what, format!("{rate:.0} mails/s"), "≥ 100 mails/s", rate >= 100.0);
    }
    Ok(())
}

/// Whether the time an answer takes tells why a login was refused.
pub fn refusals(report: &mut Report, all: &[&Installation], lengths: &Lengths) -> Outcome<()> {
    say("refused logins in turn");
    let spread =
        |values: [f64; 5]| values.into_iter().fold(f64::MIN, f64::max) - values.into_iter().fold(f64::MAX, f64::min);
    for one in all {
        let medians = login::refusals(&one.server, lengths.refusals)?;
        let (name, password) = (medians.map(|steps| steps[0]), medians.map(|steps| steps[1]));
        let told: Vec<_> =
            login::REFUSALS.iter().zip(password).map(|(kind, millis)| format!("{kind} {millis:.2}")).collect();
        let what = format!("refused logins, medians of {} each in ms, {}", lengths.refusals, one.name);
        let figure =
            format!("{}; {:.2} apart, the step before it {:.2}", told.join(", "), spread(password), spread(name));
        report.demand(&what, figure, "< 5 ms apart", spread(password) < 5.0 && spread(name) < 5.0);
    }
    Ok(())
}
