//! One test per sentence of `domain.md` §7 *Billing* that is a rule.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::domain::test_records::{self, hours};

fn november() -> Period {
    Period::new(date(2026, 10, 25), date(2026, 11, 21)).expect("a period")
}

fn work(employee: &str, day: Date, amount: &str) -> WorkEntry {
    WorkEntry {
        entry_id: format!("{employee} {day} {amount}").into(),
        employee_id: employee.into(),
        project_id: Some("p1".into()),
        date: day,
        hours: hours(amount),
        billable: true,
        hourly_rate: Some(hours("95.50")),
        task: Some("Layout".into()),
        description: "Staked the east line".into(),
        state: EntryState::Approved,
        state_known_since: Some("2026-11-22T15:00:00Z".parse().expect("an instant")),
    }
}

fn bill_of(work: &[WorkEntry], employees: &[Employee], billed: &[Billed]) -> Billing {
    let projects = [
        test_records::project("p1", Some("ABC-001"), "River Crossing"),
        test_records::project("p2", None, "Yard"),
    ];
    let clients = [test_records::client("c1", "ACME", Some("Acme Energy Ltd."))];
    let input = BillingInput {
        period: november(),
        only: None,
        work,
        employees,
        projects: &projects,
        clients: &clients,
        billed,
    };
    billing(&input, &BillingRules::default())
}

fn kinds(billing: &Billing) -> Vec<ExceptionKind> {
    billing
        .projects
        .iter()
        .flat_map(|project| &project.exceptions)
        .map(|exception| exception.kind)
        .collect()
}

#[test]
fn approved_billable_work_of_the_period_is_billed() {
    // §7: "APPROVED, billable work only."
    let first = november().first_day();
    let cases = [
        (work("e1", first, "2"), true),
        (work("e1", november().last_day(), "2"), true),
        (work("e1", date(2026, 10, 24), "2"), false),
        (work("e1", date(2026, 11, 22), "2"), false),
        (
            WorkEntry {
                billable: false,
                ..work("e1", first, "2")
            },
            false,
        ),
        (
            WorkEntry {
                state: EntryState::Pending,
                ..work("e1", first, "2")
            },
            false,
        ),
        (
            WorkEntry {
                state: EntryState::Withdrawn,
                ..work("e1", first, "2")
            },
            false,
        ),
    ];
    for (entry, billed) in cases {
        let billing = bill_of(std::slice::from_ref(&entry), &[], &[]);
        let hours: Decimal = billing
            .projects
            .iter()
            .flat_map(|project| &project.labour)
            .map(|row| row.hours)
            .sum();
        assert_eq!(!hours.is_zero(), billed, "{entry:?}");
    }
}

#[test]
fn labour_is_one_row_per_person_and_rate_to_the_cent() {
    // §7: "LABOUR (staff member, position, hours, rate, amount: one row per person and rate, to the
    // cent)"; "sub-totals = sums of printed rows, grand total".
    let at = |rate: &str, entry: WorkEntry| WorkEntry {
        hourly_rate: Some(hours(rate)),
        ..entry
    };
    let day = date(2026, 11, 2);
    let entries = [
        at("33.33", work("e1", day, "0.25")),
        at("33.33", work("e1", day, "1.5")),
        at("40.00", work("e1", day, "1")),
        at("33.33", work("e2", day, "0.5")),
    ];
    let employees = [test_records::employee("e1"), test_records::employee("e2")];
    let billing = bill_of(&entries, &employees, &[]);
    let rows: Vec<(&str, Decimal, Decimal, Decimal)> = billing.projects[0]
        .labour
        .iter()
        .map(|row| (row.employee_id.as_str(), row.hours, row.rate, row.amount))
        .collect();
    assert_eq!(
        rows,
        [
            // 58.3275 and 16.665 are rounded half up.
            ("e1", hours("1.75"), hours("33.33"), hours("58.33")),
            ("e1", hours("1"), hours("40"), hours("40.00")),
            ("e2", hours("0.5"), hours("33.33"), hours("16.67")),
        ]
    );
    assert_eq!(billing.projects[0].labour_total(), hours("115.00"));
    assert_eq!(
        billing.projects[0].labour[0].position.as_deref(),
        Some("Surveyor")
    );
}

#[test]
fn two_people_of_one_name_are_two_rows() {
    // §11: "two people of one name shared pay rows".
    let same = |id: &str| Employee {
        name: "Sam Same".into(),
        has_truck: true,
        ..test_records::employee(id)
    };
    let day = date(2026, 11, 2);
    let entries = [work("e1", day, "1"), work("e2", day, "2")];
    let billing = bill_of(&entries, &[same("e1"), same("e2")], &[]);
    assert_eq!(billing.projects[0].labour.len(), 2);
    assert_eq!(billing.projects[0].equipment.len(), 2);
    assert_eq!(billing.projects[0].staff.len(), 2);
}

#[test]
fn a_person_with_a_truck_is_one_row_of_equipment() {
    // §7: "one row per person with a truck (hours × 18.75/h [config])".
    let driver = Employee {
        has_truck: true,
        truck_details: Some("F-150, unit 12".into()),
        ..test_records::employee("e1")
    };
    let nameless = Employee {
        has_truck: true,
        ..test_records::employee("e2")
    };
    let on_foot = test_records::employee("e3");
    let day = date(2026, 11, 2);
    let entries = [
        work("e1", day, "7.25"),
        WorkEntry {
            hourly_rate: Some(hours("40")),
            ..work("e1", day, "2")
        },
        work("e2", day, "1"),
        work("e3", day, "9"),
    ];
    let billing = bill_of(&entries, &[driver, nameless, on_foot], &[]);
    let rows: Vec<(&str, &str, Decimal, Decimal)> = billing.projects[0]
        .equipment
        .iter()
        .map(|row| {
            (
                row.employee_id.as_str(),
                row.equipment.as_str(),
                row.hours,
                row.amount,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("e1", "F-150, unit 12", hours("9.25"), hours("173.44")), // 173.4375
            ("e2", "Truck", hours("1"), hours("18.75")),
        ]
    );
    let project = &billing.projects[0];
    assert_eq!(
        project.grand_total(),
        project.labour_total() + hours("192.19")
    );
}

#[test]
fn exceptions_are_late_approvals_pending_time_and_missing_rates() {
    // §7: "Exceptions: billable time of an earlier period approved after that period was billed (billed
    // = its first finished billing job), time still pending, missing rates."
    use ExceptionKind::{ApprovedLate, MissingRate, Pending};
    let at = |instant: &str| -> Timestamp { instant.parse().expect("an instant") };
    let october = Period::new(date(2026, 9, 20), date(2026, 10, 24)).expect("a period");
    let finished = |project: Option<&str>, instant| Billed {
        period: october,
        project_id: project.map(ProjectId::from),
        began_at: at(instant),
    };
    let earlier = WorkEntry {
        state_known_since: Some(at("2026-10-27T10:00:00Z")),
        ..work("e1", date(2026, 10, 20), "3")
    };
    let of_all = [finished(None, "2026-10-26T12:30:00Z")];
    let cases = [
        (earlier.clone(), of_all.to_vec(), vec![ApprovedLate]),
        // Billed again later: the first job is what counts.
        (
            earlier.clone(),
            vec![finished(None, "2026-10-29T09:00:00Z"), of_all[0].clone()],
            vec![ApprovedLate],
        ),
        (
            earlier.clone(),
            vec![finished(None, "2026-10-28T09:00:00Z")],
            vec![],
        ),
        (earlier.clone(), vec![], vec![]), // never billed: it will be
        (
            earlier.clone(),
            vec![finished(Some("p1"), "2026-10-26T12:30:00Z")],
            vec![ApprovedLate],
        ),
        (
            earlier.clone(),
            vec![finished(Some("p2"), "2026-10-26T12:30:00Z")],
            vec![],
        ),
        (
            WorkEntry {
                state: EntryState::Pending,
                ..earlier.clone()
            },
            of_all.to_vec(),
            vec![],
        ),
        (
            WorkEntry {
                state: EntryState::Pending,
                ..work("e1", date(2026, 11, 2), "3")
            },
            vec![],
            vec![Pending],
        ),
        (
            WorkEntry {
                state: EntryState::NotSubmitted,
                ..work("e1", date(2026, 11, 2), "3")
            },
            vec![],
            vec![Pending],
        ),
        (
            WorkEntry {
                hourly_rate: None,
                ..work("e1", date(2026, 11, 2), "3")
            },
            vec![],
            vec![MissingRate],
        ),
        (
            WorkEntry {
                hourly_rate: Some(Decimal::ZERO),
                ..work("e1", date(2026, 11, 2), "3")
            },
            vec![],
            vec![],
        ),
        (work("e1", date(2026, 11, 2), "3"), vec![], vec![]),
    ];
    // Two periods ago, approved when one period had passed: the billing between has listed it, if it came after.
    let september = Billed {
        period: Period::new(date(2026, 8, 23), date(2026, 9, 19)).expect("a period"),
        project_id: None,
        began_at: at("2026-09-21T12:30:00Z"),
    };
    let older = WorkEntry {
        state_known_since: Some(at("2026-10-01T10:00:00Z")),
        ..work("e1", date(2026, 9, 10), "3")
    };
    let listed_between = [september.clone(), of_all[0].clone()];
    let approved_after_both = WorkEntry {
        state_known_since: Some(at("2026-10-27T10:00:00Z")),
        ..older.clone()
    };
    let of_two_periods_ago = [
        (older.clone(), vec![september], vec![ApprovedLate]),
        (older, listed_between.to_vec(), vec![]),
        (
            approved_after_both,
            listed_between.to_vec(),
            vec![ApprovedLate],
        ),
    ];
    for (entry, billed, expected) in cases.into_iter().chain(of_two_periods_ago) {
        let billing = bill_of(std::slice::from_ref(&entry), &[], &billed);
        assert_eq!(kinds(&billing), expected, "{entry:?}, {billed:?}");
    }
}

#[test]
fn a_month_is_billed_by_a_job_of_that_month_after_its_end() {
    // §7: "billed = its first finished billing job". A preview shows work, and bills none of it.
    let zone = CompanyZone::named("America/Edmonton").expect("a zone");
    let period = |first, last| Period::new(first, last).expect("a period");
    let cases = [
        (november(), "2026-11-22T12:30:00Z", true),
        // The evening of its last day in Edmonton.
        (november(), "2026-11-22T05:30:00Z", false),
        (november(), "2026-11-10T12:00:00Z", false),
        (
            period(date(2026, 11, 1), date(2026, 11, 7)),
            "2026-11-22T12:30:00Z",
            false,
        ),
        (
            period(date(2026, 1, 1), date(2026, 11, 21)),
            "2026-11-22T12:30:00Z",
            false,
        ),
    ];
    for (period, began_at, expected) in cases {
        let began_at = began_at.parse().expect("an instant");
        let billed = Billed::of(period, None, began_at, &zone);
        assert_eq!(billed.is_some(), expected, "{period:?}, {began_at}");
    }
}

#[test]
fn a_missing_rate_bills_at_zero() {
    // §3: "A billable entry without a rate has rate 0 and is flagged".
    let entry = WorkEntry {
        hourly_rate: None,
        ..work("e1", date(2026, 11, 2), "3")
    };
    let billing = bill_of(&[entry], &[], &[]);
    let row = &billing.projects[0].labour[0];
    assert_eq!((row.rate, row.amount), (Decimal::ZERO, Decimal::ZERO));
}

#[test]
fn work_without_a_project_is_never_filed_under_another() {
    // §3: "Never drop the entry, never file it under another project."
    let entry = WorkEntry {
        project_id: None,
        ..work("e1", date(2026, 11, 2), "3")
    };
    let billing = bill_of(&[entry], &[], &[]);
    assert_eq!(billing.projects, []);
    assert_eq!(billing.without_project.len(), 1);
    let exception = &billing.without_project[0];
    assert_eq!(exception.kind, ExceptionKind::WithoutProject);
    // Of an earlier period, approved after that was billed: nobody has seen it.
    let late = WorkEntry {
        project_id: None,
        ..work("e1", date(2026, 10, 20), "3")
    };
    let billed = |project: Option<&str>| Billed {
        period: Period::new(date(2026, 9, 20), date(2026, 10, 24)).expect("a period"),
        project_id: project.map(ProjectId::from),
        began_at: "2026-10-26T12:30:00Z".parse().expect("an instant"),
    };
    for (jobs, listed) in [
        (vec![billed(None)], 1),
        (vec![billed(Some("p1"))], 0),
        (vec![], 0),
    ] {
        let billing = bill_of(std::slice::from_ref(&late), &[], &jobs);
        assert_eq!(billing.without_project.len(), listed, "{jobs:?}");
    }
    // A project that the database has never seen keeps its own sheet.
    let unknown = WorkEntry {
        project_id: Some("p9".into()),
        ..work("e1", date(2026, 11, 2), "3")
    };
    let billing = bill_of(&[unknown], &[], &[]);
    assert_eq!(billing.projects[0].title, "p9");
    assert_eq!(billing.projects[0].client, "Internal");
}

#[test]
fn projects_stand_by_code_with_the_clients_long_name() {
    // §3: "client documents print the long name, and the short one where it is empty"; "A project
    // without a client goes to the internal client [config]".
    let day = date(2026, 11, 2);
    let in_yard = WorkEntry {
        project_id: Some("p2".into()),
        ..work("e1", day, "1")
    };
    let billing = bill_of(&[work("e1", day, "1"), in_yard], &[], &[]);
    let names: Vec<(Option<&str>, &str, &str)> = billing
        .projects
        .iter()
        .map(|one| (one.code.as_deref(), one.title.as_str(), one.client.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (None, "Yard", "Acme Energy Ltd."),
            (Some("ABC-001"), "River Crossing", "Acme Energy Ltd."),
        ]
    );
    for (long_name, printed) in [
        (Some("Acme Energy Ltd."), "Acme Energy Ltd."),
        (Some("  "), "ACME"),
        (None, "ACME"),
    ] {
        let client = test_records::client("c1", "ACME", long_name);
        assert_eq!(client.document_name(), printed, "{long_name:?}");
    }
}

#[test]
fn one_project_asked_for_stands_there_without_anything_to_bill() {
    // §7: "Also for one project, and for any period."; "An empty period still makes a file".
    let project = test_records::project("p1", Some("ABC-001"), "River Crossing");
    let elsewhere = WorkEntry {
        project_id: Some("p2".into()),
        ..work("e1", date(2026, 11, 2), "3")
    };
    let only = ProjectId::from("p1");
    let input = BillingInput {
        period: november(),
        only: Some(&only),
        work: &[elsewhere],
        employees: &[],
        projects: std::slice::from_ref(&project),
        clients: &[],
        billed: &[],
    };
    let billing = billing(&input, &BillingRules::default());
    assert_eq!(billing.projects.len(), 1);
    assert_eq!(billing.projects[0].project_id, only);
    assert_eq!(billing.projects[0].grand_total(), Decimal::ZERO);
}

proptest! {
    #[test]
    fn rows_hold_all_approved_hours_and_sums_are_of_printed_rows(
        entries in prop::collection::vec((0_i64..28, 1_i64..50, 0_i64..3, 0_i64..20_000, any::<bool>()), 0..40),
    ) {
        let entries: Vec<WorkEntry> = entries
            .into_iter()
            .enumerate()
            .map(|(index, (offset, quarters, person, cents, approved))| WorkEntry {
                entry_id: index.to_string().into(),
                hours: Decimal::new(quarters * 25, 2),
                hourly_rate: Some(Decimal::new(cents, 2)),
                state: if approved { EntryState::Approved } else { EntryState::Pending },
                ..work(
                    &format!("e{person}"),
                    november().first_day().saturating_add(jiff::Span::new().days(offset)),
                    "0",
                )
            })
            .collect();
        let billing = bill_of(&entries, &[test_records::employee("e1")], &[]);
        let approved: Decimal = entries
            .iter()
            .filter(|entry| entry.state == EntryState::Approved)
            .map(|entry| entry.hours)
            .sum();
        let mut billed = Decimal::ZERO;
        let mut listed = Decimal::ZERO;
        for project in &billing.projects {
            for row in &project.labour {
                prop_assert_eq!(row.amount, half_up(row.hours * row.rate, 2));
                billed += row.hours;
            }
            let printed: Decimal = project.labour.iter().map(|row| row.amount).sum();
            prop_assert_eq!(project.labour_total(), printed);
            prop_assert_eq!(project.grand_total(), printed + project.equipment_total());
            listed += project.staff.iter().flat_map(|one| &one.lines).map(|line| line.hours).sum::<Decimal>();
        }
        prop_assert_eq!(billed, approved);
        prop_assert_eq!(listed, approved);
    }
}
