//! A database, a queue and a place for files, in which reports are made as jobs.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use shared::{
    azure::{
        blobs::Blobs,
        queues::{JOBS, Queues},
    },
    clock::Clock,
    jobs::{Delivered, Job, JobKind, JobRequest, JobStatus, Jobs, REPORT},
    reports::{self, Kind, NamedFile, ReportMaker, Request},
    settings::Settings,
    store::{
        Store, StoreError, client, employee, expense, expense_category, holiday, membership,
        policy, project, tag, task, ticket, time_entry, time_off_request, timesheet, workspace,
    },
};

use super::company::Company;

/// Sunday, 22 November 2026, half past six in Edmonton.
pub(crate) const NOW: &str = "2026-11-22T12:30:00Z";

pub(crate) struct Office {
    pub(crate) store: Store,
    queues: Queues,
    blobs: Blobs,
    settings: Arc<Settings>,
    clock: Clock,
    _folder: tempfile::TempDir,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// With other settings besides.
    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut variables = BTreeMap::from([
            ("DATABASE_URL", format!("sqlite:{}", path("clocking.db"))),
            ("QUEUE_URL", format!("sqlite:{}", path("queue.db"))),
            ("STORAGE_URL", format!("file:{}", path("storage"))),
            ("PUBLIC_BASE_URL", "http://127.0.0.1:7071".to_owned()),
        ]);
        variables.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let settings = Settings::from_env(|name| variables.get(name).cloned()).expect("settings");
        let store = Store::open(&settings.database).expect("a database");
        store.migrate().await.expect("the schema");
        Self {
            store,
            queues: Queues::open(&settings.queue).expect("queues"),
            blobs: Blobs::open(&settings.storage, settings.links.base()).expect("storage"),
            settings: Arc::new(settings),
            clock: Clock::standing_at(NOW.parse().expect("an instant")),
            _folder: folder,
        }
    }

    /// Orders a report and works on it until it is done.
    pub(crate) async fn made(&self, kind: Kind, request: &Request) -> (Job, Vec<NamedFile>) {
        let maker = ReportMaker::new(Arc::clone(&self.settings), self.blobs.clone(), self.clock);
        let jobs = Jobs::new(self.store.clone(), self.queues.clone()).with(REPORT, maker);
        let order = reports::order(&self.store, &self.settings, self.clock, kind, request)
            .await
            .expect("an order");
        let wanted = JobRequest {
            kind: JobKind::new(REPORT, kind.as_str()),
            params: serde_json::to_value(&order).expect("parameters"),
            requested_by: "test".to_owned(),
            occasion: None,
        };
        let id = jobs.request(&wanted).await.expect("a job").id;
        let messages = self
            .queues
            .receive(JOBS, 1, Duration::from_mins(1))
            .await
            .expect("a message");
        for message in messages {
            let delivered = Delivered {
                message_id: &message.id,
                text: &message.text,
            };
            jobs.run(delivered).await.expect("worked on");
            self.queues.delete(&message).await.expect("deleted");
        }
        let job = jobs.get(&id).await.expect("read").expect("the job");
        assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
        let mut files = Vec::new();
        for file in &job.files {
            let bytes = self.blobs.get(&file.blob).await.expect("the file");
            assert_eq!(bytes.len() as u64, file.size_bytes);
            files.push(NamedFile {
                name: file.name.clone(),
                content_type: if file.name.ends_with("zip") {
                    NamedFile::ZIP
                } else {
                    NamedFile::WORKBOOK
                },
                bytes: bytes.to_vec(),
            });
        }
        (job, files)
    }

    pub(crate) async fn store(&self, company: &Company) {
        let drawn = ticket::draw(&self.store).await.expect("a ticket");
        self.store
            .write(async |mut tx| {
                let spent = ticket::spend(&mut tx, drawn)
                    .await?
                    .expect("a young ticket");
                let tx = &mut tx;
                workspace::upsert(tx, spent, &company.workspace).await?;
                client::upsert_page(tx, spent, &company.clients).await?;
                project::upsert_page(tx, spent, &company.projects).await?;
                task::upsert_page(tx, spent, &company.tasks).await?;
                employee::upsert_page(tx, spent, &company.employees).await?;
                timesheet::upsert_page(tx, spent, &company.timesheets).await?;
                tag::upsert_page(tx, spent, &company.tags).await?;
                policy::upsert_page(tx, spent, &company.policies).await?;
                holiday::upsert_page(tx, spent, &company.holidays).await?;
                time_entry::upsert_page(tx, spent, &company.entries).await?;
                time_off_request::upsert_page(tx, spent, &company.requests).await?;
                expense_category::upsert_page(tx, spent, &company.categories).await?;
                expense::upsert_page(tx, spent, &company.expenses).await?;
                membership::hold(tx, spent, &company.holdings).await?;
                membership::hold(tx, spent, &company.claims).await?;
                Ok::<_, StoreError>(())
            })
            .await
            .expect("stored");
    }
}
