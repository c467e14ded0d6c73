//! Field and office staff: "record time in Clockify, and nothing else: everything after that happens by itself".

use clockify_sim::{Command, EntryChange, EntryPlan};
use end_to_end::{company::company, people::Person, story::Story};
use serde_json::Value;

const MONDAY: &str = "2026-11-02";

/// What the app says of a person's Monday, and what Clockify's entries come to: hours that count and hours that wait.
async fn the_monday_of(story: &Story, person: &str) -> Value {
    let path = format!("/attendance?from={MONDAY}&to={MONDAY}&employeeId={person}");
    let days = story.api(Person::PayrollAdministrator).list(&path).await;
    let monday = MONDAY.parse().expect("a date");
    let work = story.clockify().work(monday, monday).await;
    let work: Vec<_> = work.iter().filter(|one| one.person == person).collect();
    let hours = |counts: bool| -> rust_decimal::Decimal {
        let some = work.iter().filter(|one| one.counts() == counts);
        some.map(|one| one.hours).sum()
    };
    let day = days.into_iter().next().unwrap_or(Value::Null);
    let shown = |name: &str| day[name].to_string().parse().unwrap_or_default();
    assert_eq!(hours(true), shown("workedHours"), "{day} {work:?}");
    assert_eq!(hours(false), shown("waitingHours"), "{day} {work:?}");
    day
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn field_staff_record_time_in_clockify_and_nothing_else() {
    let story = company(12).with_strict_clockify().synced().play().await;
    let person = story.control.people().await.expect("people")[6].id;
    let projects = story.clockify().list("/projects?archived=false").await;
    let project = projects[0]["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id");
    let at = |text: &str| text.parse().expect("an instant");
    let of = person.to_string();
    let before = the_monday_of(&story, &of).await;
    let hours = |day: &Value, name: &str| -> f64 { day[name].as_f64().unwrap_or(0.0) };

    // 1 h 52 min 30 s are two hours: half a quarter counts up (§3).
    let entry = story
        .clockify_makes(Command::RecordEntry(EntryPlan {
            person,
            start: at("2026-11-02T12:00:00Z"),
            end: Some(at("2026-11-02T13:52:30Z")),
            project: Some(project),
            task: None,
            tags: Vec::new(),
            billable: Some(true),
            description: "Staked the ramp".to_owned(),
            is_break: false,
        }))
        .await;
    story.settled().await;
    let stored =
        format!("SELECT hours FROM time_entry WHERE id = '{entry}' AND start_date = '{MONDAY}'");
    assert_eq!(story.database().number(&stored), 200);
    let day = the_monday_of(&story, &of).await;
    assert_eq!(day["status"], "NO SUBMISSION", "{day}");
    let waits = hours(&day, "waitingHours") - hours(&before, "waitingHours");
    assert!((waits - 2.0).abs() < 0.001, "{day}");

    // He corrects it, tears it in two, and hands the week in.
    let change = EntryChange {
        end: Some(Some(at("2026-11-02T14:00:00Z"))),
        ..EntryChange::default()
    };
    story
        .clockify_does(Command::EditEntry { entry, change })
        .await;
    story.settled().await;
    the_monday_of(&story, &of).await;
    let noon = at("2026-11-02T13:00:00Z");
    story
        .clockify_does(Command::SplitEntry { entry, at: noon })
        .await;
    story.settled().await;
    let parts = format!(
        "SELECT COUNT(*) FROM time_entry WHERE employee_id = '{of}' AND description = 'Staked the ramp' AND hours = 100"
    );
    assert_eq!(story.database().number(&parts), 2);
    let week = MONDAY.parse().expect("a date");
    story.control.submit(person, week).await.expect("handed in");
    story.settled().await;
    let day = the_monday_of(&story, &of).await;
    assert_eq!(day["status"], "PENDING", "{day}");
    assert!(hours(&day, "workedHours") >= 2.0, "{day}");

    // An entry that he deletes in Clockify is gone here too.
    let extra = story
        .clockify_makes(Command::RecordEntry(EntryPlan {
            person,
            start: at("2026-11-02T14:00:00Z"),
            end: Some(at("2026-11-02T14:30:00Z")),
            project: None,
            task: None,
            tags: Vec::new(),
            billable: Some(false),
            description: "By mistake".to_owned(),
            is_break: false,
        }))
        .await;
    story.settled().await;
    let extra_rows = format!("SELECT COUNT(*) FROM time_entry WHERE id = '{extra}'");
    assert_eq!(story.database().number(&extra_rows), 1);
    story.control.delete_entry(extra).await.expect("deleted");
    story.settled().await;
    assert_eq!(story.database().number(&extra_rows), 0);
    the_monday_of(&story, &of).await;
}
