//! Random sheets through the store (`domain.md` §6 *Cost* and *Rate sheets*).

use jiff::civil::{Date, date};
use proptest::{prelude::*, test_runner::TestRunner};
use rust_decimal::Decimal;

use super::{Act, LemError, NewSheet, SheetNow};
use crate::{
    domain::{
        lem::{
            EquipmentRate, LemSheet, PricedSheet, SheetRates, WorkerRate,
            tests::{any_rates, any_sheet},
        },
        project::{Client, Project},
        workspace::Workspace,
    },
    settings::DatabaseUrl,
    store::{
        Store, StoreError, Transaction, client,
        lem_name::{LemName, NameList},
        lem_sheet::SheetFilter,
        project, ticket, workspace,
    },
};

const CASES: u32 = 24;
/// The day of every sheet here.
const DAY: Date = date(2026, 11, 3);

/// A database with a client, a project, and the roles and machines of the random sheets.
struct Site {
    store: Store,
    _folder: tempfile::TempDir,
}

fn act() -> Act {
    Act {
        by: "key phone".to_owned(),
        at: "2026-11-04T00:00:00Z".parse().expect("an instant"),
    }
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("clocking.db"));
        let store = Store::open(&url).expect("a database");
        store.migrate().await.expect("a schema");
        let ticket = ticket::draw(&store).await.expect("a ticket");
        store
            .write::<_, LemError, _, _>(async |mut tx| {
                records(&mut tx, ticket).await?;
                for n in 0..3 {
                    for (list, kind) in [
                        (NameList::Roles, "role"),
                        (NameList::Equipment, "equipment"),
                    ] {
                        let name = LemName {
                            id: format!("{kind} {n}"),
                            client_id: "c1".into(),
                            project_id: None,
                            name: format!("{kind} {n}"),
                        };
                        super::add_name(&mut tx, &act(), list, &name).await?;
                    }
                }
                Ok(())
            })
            .await
            .expect("written");
        Self {
            store,
            _folder: folder,
        }
    }

    /// Prices that hold from that day on.
    async fn set_rates(&self, rates: &SheetRates, valid_from: Date) {
        let write = async |mut tx: Transaction| {
            for (role_id, prices) in &rates.roles {
                let rate = WorkerRate {
                    client_id: "c1".into(),
                    project_id: "p1".into(),
                    role_id: role_id.clone(),
                    valid_from,
                    prices: *prices,
                };
                super::put_worker_rate(&mut tx, &act(), &rate, None).await?;
            }
            for (equipment_id, prices) in &rates.equipment {
                let rate = EquipmentRate {
                    client_id: "c1".into(),
                    project_id: "p1".into(),
                    equipment_id: equipment_id.clone(),
                    valid_from,
                    prices: *prices,
                };
                super::put_equipment_rate(&mut tx, &act(), &rate, None).await?;
            }
            Ok::<_, LemError>(())
        };
        self.store.write(write).await.expect("written");
    }

    async fn create(&self, sheet: &LemSheet) -> SheetNow {
        let new = ticket_of(sheet);
        let made = self
            .store
            .write(async |mut tx| super::create(&mut tx, &act(), &new).await);
        made.await.expect("a sheet").now
    }

    async fn submit(&self, sheet: &LemSheet) -> SheetNow {
        let submitted = self
            .store
            .write(async |mut tx| super::submit(&mut tx, &act(), &sheet.id, None).await);
        submitted.await.expect("a submitted sheet")
    }

    /// The sheet as it is read by itself, and as it stands in a list.
    async fn read(&self, sheet: &LemSheet) -> [SheetNow; 2] {
        let filter = SheetFilter {
            number: Some(sheet.number),
            ..SheetFilter::default()
        };
        let read = self.store.read(async |mut tx| {
            let one = super::get(&mut tx, &sheet.id).await?;
            let listed = super::list(&mut tx, &filter, 2).await?;
            Ok::<_, LemError>((one, listed))
        });
        let (one, mut listed) = read.await.expect("the sheet");
        assert_eq!(listed.len(), 1);
        [one, listed.remove(0)]
    }
}

async fn records(tx: &mut Transaction, drawn: ticket::Ticket) -> Result<(), StoreError> {
    let spent = ticket::spend(tx, drawn).await?.expect("it is young");
    let company = Workspace {
        id: "ws".into(),
        name: "Hill Plain".to_owned(),
    };
    let client = Client {
        id: "c1".into(),
        workspace_id: "ws".into(),
        short_name: "IND".to_owned(),
        long_name: None,
        email: None,
        address: None,
        archived: false,
        is_stub: false,
    };
    let project = Project {
        id: "p1".into(),
        workspace_id: "ws".into(),
        client_id: Some("c1".into()),
        name: "P-1 - Road".to_owned(),
        code: Some("P-1".to_owned()),
        title: "Road".to_owned(),
        billable: true,
        archived: false,
        is_stub: false,
    };
    workspace::upsert(tx, spent, &company).await?;
    client::upsert_page(tx, spent, &[client]).await?;
    project::upsert_page(tx, spent, &[project]).await?;
    Ok(())
}

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The request that makes such a sheet, with ids of its own.
fn ticket_of(sheet: &LemSheet) -> NewSheet {
    let mut new = NewSheet {
        id: new_id().into(),
        request_hash: "request".to_owned(),
        client_id: Some("c1".into()),
        project_id: "p1".into(),
        date: DAY,
        project_manager_id: None,
        client_representative: None,
        description: None,
        notes: None,
        workers: sheet.workers.clone(),
        equipment: sheet.equipment.clone(),
        materials: sheet.materials.clone(),
    };
    for line in &mut new.workers {
        line.id = new_id().into();
    }
    for line in &mut new.equipment {
        line.id = new_id().into();
    }
    for line in &mut new.materials {
        line.id = new_id().into();
    }
    new
}

/// "Totals are sums of printed rows."
fn totals_are_sums(priced: &PricedSheet) -> Result<(), TestCaseError> {
    let labour: Decimal = priced.summary.iter().filter_map(|row| row.cost).sum();
    let equipment: Decimal = priced.equipment.iter().filter_map(|line| line.cost).sum();
    let materials: Decimal = priced.materials.iter().map(|line| line.cost).sum();
    prop_assert_eq!(priced.totals.labour, labour);
    prop_assert_eq!(priced.totals.equipment, equipment);
    prop_assert_eq!(priced.totals.materials, materials);
    prop_assert_eq!(priced.totals.grand, labour + equipment + materials);
    Ok(())
}

/// §6: "Totals are sums of printed rows"; "a later change does not alter a sheet already submitted: prices freeze at
/// submission", whether a rate is changed, added from a later day on, or was missing at submission.
#[test]
fn stored_sheets_add_up_and_keep_their_prices_whatever_becomes_of_the_rates() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let site = runtime.block_on(Site::new());
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let cases = (any_sheet(), any_rates(), any_rates());
    TestRunner::new(config)
        .run(&cases, |(sheet, at_submission, later)| {
            runtime.block_on(async {
                site.set_rates(&at_submission, date(2026, 1, 1)).await;
                let made = site.create(&sheet).await;
                prop_assert_eq!(made.sheet.workers.len(), sheet.workers.len());
                for read in site.read(&made.sheet).await {
                    prop_assert_eq!(&read.sheet, &made.sheet);
                    prop_assert_eq!(&read.priced, &made.priced);
                    totals_are_sums(&read.priced)?;
                }
                let submitted = site.submit(&made.sheet).await;
                prop_assert_eq!(&submitted.priced, &made.priced);
                site.set_rates(&later, date(2026, 1, 1)).await;
                site.set_rates(&at_submission, date(2026, 6, 1)).await;
                site.set_rates(&later, DAY).await;
                for read in site.read(&made.sheet).await {
                    prop_assert_eq!(&read.sheet, &submitted.sheet);
                    prop_assert_eq!(&read.priced, &submitted.priced);
                }
                Ok(())
            })
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
