//! A history in which every event happens.

use clockify_sim::{
    ClientChange, Command, DayPart, EntryChange, EntryPlan, ExpensePlan, GroupChange, PersonChange,
    PersonPlan, ProjectChange, SheetState, TagChange, TaskChange, TimeOffPlan,
};
use serde_json::json;

use super::{Api, fixture, id};

/// Plays it.
pub(crate) async fn play_everything(api: &Api) {
    let control = api.control();
    let people = control.people().await.unwrap();
    let (person, other) = (people[40].id, people[41].id);
    let text = |path: &'static str| async move { id(&api.json(path).await[0]).parse().unwrap() };
    let project = text("/projects").await;
    let tag = text("/tags").await;
    let client = text("/clients?archived=false").await;
    let policies = api.json("/time-off/policies").await;
    let category = api.json("/expenses/categories").await["categories"][0].clone();
    let at = |text: &str| text.parse().unwrap();
    let day = |text: &str| text.parse().unwrap();
    let run = |command: Command| {
        let control = control.clone();
        async move {
            control
                .run(&command)
                .await
                .unwrap_or_else(|error| panic!("{command:?}: {error}"))
        }
    };
    let plan = EntryPlan {
        person,
        start: at("2026-11-02T13:00:00Z"),
        end: Some(at("2026-11-02T14:30:00Z")),
        project: Some(project),
        task: None,
        tags: vec![tag],
        billable: None,
        description: "Pad 3".to_owned(),
        is_break: false,
    };
    let entry = run(Command::RecordEntry(plan.clone())).await.id().unwrap();
    let change = EntryChange {
        description: Some("Pad 4".to_owned()),
        ..EntryChange::default()
    };
    run(Command::EditEntry { entry, change }).await;
    run(Command::SplitEntry {
        entry,
        at: at("2026-11-02T14:00:00Z"),
    })
    .await;
    run(Command::DeleteEntry { entry }).await;
    run(Command::RestoreEntry { entry }).await;
    let timer = EntryPlan {
        end: None,
        project: None,
        tags: Vec::new(),
        ..plan
    };
    let timer = run(Command::RecordEntry(timer)).await.id().unwrap();
    let change = EntryChange {
        end: Some(Some(at("2026-11-02T15:00:00Z"))),
        ..EntryChange::default()
    };
    run(Command::EditEntry {
        entry: timer,
        change,
    })
    .await;
    let sheet = run(Command::Submit {
        person,
        week: day("2026-11-02"),
    })
    .await
    .id()
    .unwrap();
    for state in [SheetState::Approved, SheetState::WithdrawnApproval] {
        run(Command::Decide {
            sheet,
            state,
            note: "OK".to_owned(),
        })
        .await;
    }

    let name = |name: &str| name.to_owned();
    let new = run(Command::AddClient {
        name: name("NEW"),
        note: Some(name("New Ltd.")),
    })
    .await
    .id()
    .unwrap();
    let change = ClientChange {
        archived: Some(true),
        ..Default::default()
    };
    run(Command::EditClient {
        client: new,
        change,
    })
    .await;
    let tasks = vec![name("Survey")];
    let made = run(Command::AddProject {
        name: name("NEW-1 - Job"),
        client: Some(client),
        tasks,
    })
    .await
    .id()
    .unwrap();
    let lone = run(Command::AddProject {
        name: name("Alone"),
        client: None,
        tasks: Vec::new(),
    })
    .await
    .id()
    .unwrap();
    let change = ProjectChange {
        archived: Some(true),
        ..ProjectChange::default()
    };
    run(Command::EditProject {
        project: lone,
        change,
    })
    .await;
    run(Command::DeleteProject { project: lone }).await;
    run(Command::DeleteClient { client: new }).await;
    let task = run(Command::AddTask {
        project: made,
        name: name("More"),
    })
    .await
    .id()
    .unwrap();
    let change = TaskChange {
        done: Some(true),
        ..TaskChange::default()
    };
    run(Command::EditTask { task, change }).await;
    run(Command::DeleteTask { task }).await;
    let tag = run(Command::AddTag { name: name("Wet") })
        .await
        .id()
        .unwrap();
    let change = TagChange {
        name: Some(name("Very wet")),
        ..TagChange::default()
    };
    run(Command::EditTag { tag, change }).await;
    run(Command::DeleteTag { tag }).await;
    let group = run(Command::AddGroup {
        name: name("Crew 9"),
        members: vec![person],
    })
    .await
    .id()
    .unwrap();
    let change = GroupChange {
        members: Some(vec![person, other]),
        ..GroupChange::default()
    };
    run(Command::EditGroup { group, change }).await;
    run(Command::DeleteGroup { group }).await;

    run(Command::InvitePerson {
        email: name("new@example.org"),
    })
    .await;
    let joined = run(Command::AddPerson(PersonPlan {
        name: name("Zoë New"),
        email: name("zoe.new@example.org"),
        first_day: day("2026-11-02"),
        fields: [(name("Role"), json!("Surveyor"))].into(),
    }))
    .await
    .id()
    .unwrap();
    for change in [
        PersonChange {
            email: Some(name("zoe@example.org")),
            ..PersonChange::default()
        },
        PersonChange {
            fields: [(name("Rate Type"), json!("1"))].into(),
            ..PersonChange::default()
        },
        PersonChange {
            active: Some(false),
            ..PersonChange::default()
        },
        PersonChange {
            active: Some(true),
            ..PersonChange::default()
        },
    ] {
        run(Command::EditPerson {
            person: joined,
            change,
        })
        .await;
    }
    run(Command::RemovePerson { person: joined }).await;

    let policy = id(&policies[0]).parse().unwrap();
    let ask = |first: &str, part: DayPart| {
        Command::AskForTimeOff(TimeOffPlan {
            person,
            policy,
            first: first.parse().unwrap(),
            last: first.parse().unwrap(),
            part,
            note: None,
        })
    };
    let half = run(ask("2026-11-09", DayPart::FirstHalf))
        .await
        .id()
        .unwrap();
    run(Command::MoveTimeOff {
        request: half,
        first: day("2026-11-10"),
        last: day("2026-11-10"),
    })
    .await;
    run(Command::ApproveTimeOff { request: half }).await;
    run(Command::StartTimeOff { request: half }).await;
    let whole = run(ask("2026-11-12", DayPart::Whole)).await.id().unwrap();
    run(Command::RejectTimeOff {
        request: whole,
        note: Some(name("Coverage")),
    })
    .await;
    let gone = run(ask("2026-11-13", DayPart::Whole)).await.id().unwrap();
    run(Command::WithdrawTimeOff { request: gone }).await;
    let patch = fixture("api/request-bodies/balance.update.json");
    let body = json!({"userIds": [person], "value": patch["value"], "note": patch["note"]});
    let path = format!("/time-off/balance/policy/{policy}");
    assert_eq!(api.send("PATCH", &path, Some(&body)).await.status, 204);

    let expense = run(Command::Claim(ExpensePlan {
        person,
        date: day("2026-11-02"),
        project: Some(project),
        category: Some(id(&category).parse().unwrap()),
        quantity_hundredths: 18_240,
        cents: None,
        notes: None,
    }))
    .await
    .id()
    .unwrap();
    run(Command::EditClaim {
        expense,
        cents: Some(1),
        notes: None,
    })
    .await;
    run(Command::DeleteClaim { expense }).await;
    run(Command::RestoreClaim { expense }).await;
}

/// What has a rare form happens so often that it comes in that form too; and what a record may lack is lacking.
pub(crate) async fn play_what_is_rare(api: &Api) {
    let control = api.control();
    let newcomer = Command::AddPerson(PersonPlan {
        name: "Ada New".to_owned(),
        email: "ada.new@example.org".to_owned(),
        first_day: "2026-11-02".parse().unwrap(),
        fields: [("Role".to_owned(), json!("Surveyor"))].into(),
    });
    let person = control.run(&newcomer).await.unwrap().id().unwrap();
    let cleared = Command::EditPerson {
        person,
        change: PersonChange {
            fields: [("Role".to_owned(), json!(null))].into(),
            rate: Some(None),
            ..PersonChange::default()
        },
    };
    let client = Command::AddClient {
        name: "BARE".to_owned(),
        note: None,
    };
    let client = control.run(&client).await.unwrap().id().unwrap();
    let week: jiff::civil::Date = "2026-11-02".parse().unwrap();
    let claim = Command::Claim(ExpensePlan {
        person,
        date: week,
        project: None,
        category: None,
        quantity_hundredths: 100,
        cents: Some(1_000),
        notes: None,
    });
    let expense = control.run(&claim).await.unwrap().id().unwrap();
    for command in [
        cleared,
        Command::AddProject {
            name: "BARE-1 - Job".to_owned(),
            client: Some(client),
            tasks: Vec::new(),
        },
        Command::EditClaim {
            expense,
            cents: Some(2_000),
            notes: None,
        },
        Command::DeleteClaim { expense },
        Command::RestoreClaim { expense },
    ] {
        control.run(&command).await.unwrap();
    }
    let lone = Command::AddProject {
        name: "Lone".to_owned(),
        client: None,
        tasks: Vec::new(),
    };
    let project = control.run(&lone).await.unwrap().id().unwrap();
    let policy = id(&api.json("/time-off/policies").await[0]).to_owned();
    let balance = json!({"userIds": [person], "value": 1, "note": "Overtime"});
    let morning: jiff::Timestamp = "2026-11-02T16:00:00Z".parse().unwrap();
    for n in 0..60 {
        let start = morning + jiff::SignedDuration::from_mins(n);
        let commands = [
            Command::RecordEntry(EntryPlan {
                person,
                start,
                end: Some(start + jiff::SignedDuration::from_mins(1)),
                project: None,
                task: None,
                tags: Vec::new(),
                billable: None,
                description: String::new(),
                is_break: false,
            }),
            Command::EditProject {
                project,
                change: ProjectChange {
                    name: Some(format!("Lone {n}")),
                    ..ProjectChange::default()
                },
            },
            Command::EditPerson {
                person,
                change: PersonChange {
                    name: Some(format!("Name {n}")),
                    ..PersonChange::default()
                },
            },
        ];
        for command in commands {
            control.run(&command).await.unwrap();
        }
        let path = format!("/time-off/balance/policy/{policy}");
        api.send("PATCH", &path, Some(&balance)).await;
    }
    let sheet = control.submit(person, week).await.unwrap().id().unwrap();
    let taken_back = control.decide(sheet, SheetState::WithdrawnSubmission, "");
    taken_back.await.unwrap();
}
