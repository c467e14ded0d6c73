//! Computing the balances of some employees: what the records come to, what the ledger gets, what is to be sent, and
//! what a person must look at. All of it in the caller's transaction.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::{
    BalanceKind,
    push::{Candidate, ToSend, rounded},
    release::{PUSH, PUSH_FLAGS},
    work::Run,
};
use crate::{
    domain::{
        attendance::{EmployeeTime, Workplace},
        balances::{
            Correction, LedgerLine, Push, banked_ledger, is_leaver_with_balance, vacation_lines,
            vacation_years,
        },
        employee::{Employee, Group},
        flags::FlagKind,
        ids::EmployeeId,
        time_off::Holiday,
    },
    jobs::Stats,
    store::{
        StoreError, Transaction, attendance,
        balance::{self, Balance, Outcome},
        balance_ledger::{self, Entered},
        balance_push::{self, BalancePush, PushResult},
        balance_records, employee, flag, group, holiday,
    },
};

/// What `flag.record_kind` says of a balance.
const BALANCE: &str = "balance";
const BALANCE_FLAGS: [FlagKind; 2] = [FlagKind::LeaverWithBalance, FlagKind::BankedTimeTooOld];

/// What employees' balances need.
#[derive(Debug)]
pub(super) struct Company {
    pub(super) people: Vec<Employee>,
    holidays: Vec<Holiday>,
    groups: Vec<Group>,
    refer_to_stubs: BTreeSet<EmployeeId>,
}

impl Company {
    /// For everyone, or for one employee.
    pub(super) async fn read(
        tx: &mut Transaction,
        only: Option<&EmployeeId>,
    ) -> Result<Self, StoreError> {
        let people = match only {
            Some(id) => employee::get(tx, id).await?.into_iter().collect(),
            None => employee::list(tx).await?,
        };
        Ok(Self {
            people,
            holidays: holiday::list(tx).await?,
            groups: group::list(tx).await?,
            refer_to_stubs: balance_records::who_refers_to_stubs(tx, only).await?,
        })
    }
}

/// One employee's balance, with the lines that explain it.
struct Computed<'a> {
    employee: &'a Employee,
    hours: Decimal,
    lines: Vec<LedgerLine>,
    pay_out_hours: Decimal,
    is_corrected: bool,
    /// False: he is salaried no more, and what he had is what the ledger kept.
    is_counted: bool,
}

/// Computes the balances of these employees, records what came of it and says what is to be sent. `in_clockify` holds
/// Clockify's balances in the policy's unit.
pub(super) async fn compute(
    tx: &mut Transaction,
    run: &Run<'_>,
    company: &Company,
    people: &[Employee],
    in_clockify: &HashMap<EmployeeId, Decimal>,
) -> Result<(Stats, Vec<ToSend>), StoreError> {
    let mut computed = computed(tx, run, company, people).await?;
    let ids: Vec<&EmployeeId> = computed.iter().map(|one| &one.employee.id).collect();
    let lines: Vec<(&EmployeeId, LedgerLine)> = computed
        .iter()
        .flat_map(|one| {
            one.lines
                .iter()
                .map(|line| (&one.employee.id, line.clone()))
        })
        .collect();
    let by = format!("balances:{}", run.kind.as_str());
    let entered = Entered {
        by: &by,
        at: run.now,
    };
    let appended = balance_ledger::recompute(tx, &run.policy.id, &ids, &lines, entered).await?;

    let all: Vec<&EmployeeId> = people.iter().map(|person| &person.id).collect();
    let listed = balance::ids_of(tx, &run.policy.id, &all).await?;
    let open = open_pushes(tx, run, &all).await?;
    let is_known = |id: &EmployeeId| listed.contains_key(id) || open.contains_key(id);
    let counted: BTreeSet<&EmployeeId> = ids.into_iter().collect();
    let dropped: Vec<&Employee> = people
        .iter()
        .filter(|person| !counted.contains(&person.id) && is_known(&person.id))
        .collect();
    if !dropped.is_empty() {
        let mut kept = balance_ledger::balances(tx, &run.policy.id).await?;
        computed.extend(dropped.into_iter().map(|employee| Computed {
            hours: kept.remove(&employee.id).unwrap_or_default(),
            employee,
            lines: Vec::new(),
            pay_out_hours: Decimal::ZERO,
            is_corrected: false,
            is_counted: false,
        }));
    }

    let mut decisions = Decisions::default();
    for one in &computed {
        let before = in_clockify.get(&one.employee.id).copied();
        if one.is_nothing(before) && !is_known(&one.employee.id) {
            continue;
        }
        let candidate = Candidate {
            employee: one.employee,
            is_counted: one.is_counted,
            refers_to_stub: company.refer_to_stubs.contains(&one.employee.id),
            computed_hours: one.hours,
            in_clockify: before,
            open: open.get(&one.employee.id),
        };
        decisions.add(run, one, &candidate);
    }
    let Decisions {
        balances,
        pushes,
        superseded,
        ..
    } = &decisions;
    balance::put(tx, balances).await?;
    if !run.is_dry {
        let ids: Vec<&str> = superseded.iter().map(String::as_str).collect();
        balance_push::supersede(tx, &ids, run.now).await?;
    }
    balance_push::insert(tx, pushes).await?;
    let flagged = decisions.raise_flags(tx, run, &computed).await?;
    let stats = Stats {
        read: computed.len() as u64,
        inserted: appended,
        skipped: balances
            .iter()
            .filter(|balance| balance.outcome == Outcome::NotSent)
            .count() as u64,
        flagged,
        ..Stats::default()
    };
    Ok((stats, decisions.to_send))
}

async fn computed<'a>(
    tx: &mut Transaction,
    run: &Run<'_>,
    company: &Company,
    people: &'a [Employee],
) -> Result<Vec<Computed<'a>>, StoreError> {
    let ids: Vec<&EmployeeId> = people.iter().map(|person| &person.id).collect();
    let mut work = match run.kind {
        BalanceKind::Banked => balance_records::approved_work(tx, &ids).await?,
        BalanceKind::Vacation => HashMap::new(),
    };
    let mut last_entries = match run.kind {
        BalanceKind::Banked => HashMap::new(),
        BalanceKind::Vacation => attendance::last_entries_of_leavers(tx, &ids).await?,
    };
    let mut requests = balance_records::requests(tx, &run.policy.id, &ids).await?;
    let only = match ids[..] {
        [one] => Some(one),
        _ => None,
    };
    let mut corrections = balance_ledger::corrections(tx, &run.policy.id, only).await?;
    let policies = std::slice::from_ref(&run.policy);
    let workplace = Workplace::new(&run.rules.pay, &company.holidays, &company.groups, policies);
    let computed = people.iter().filter_map(|employee| {
        let time = EmployeeTime {
            employee: employee.clone(),
            last_entry: last_entries.remove(&employee.id),
            entries: work.remove(&employee.id).unwrap_or_default(),
            time_off: requests.remove(&employee.id).unwrap_or_default(),
        };
        let corrections = corrections.remove(&employee.id).unwrap_or_default();
        of_employee(run, &workplace, employee, &time, corrections)
    });
    Ok(computed.collect())
}

/// None: the balance is not one that is counted for him.
fn of_employee<'a>(
    run: &Run<'_>,
    workplace: &Workplace<'_>,
    employee: &'a Employee,
    time: &EmployeeTime,
    corrections: Vec<Correction>,
) -> Option<Computed<'a>> {
    let is_corrected = !corrections.is_empty();
    let policy_id = &run.policy.id;
    match run.kind {
        BalanceKind::Banked => {
            let ledger = banked_ledger(time, workplace, policy_id, corrections);
            let too_old = ledger.too_old(run.rules.settings.banked, run.rules.calendar, run.today);
            Some(Computed {
                employee,
                hours: ledger.balance(),
                lines: ledger.lines(),
                pay_out_hours: too_old.iter().map(|(_, hours)| *hours).sum(),
                is_corrected,
                is_counted: true,
            })
        }
        BalanceKind::Vacation => {
            let rules = &run.rules.settings.vacation;
            let years = vacation_years(time, workplace, policy_id, &corrections, rules, run.today)?;
            Some(Computed {
                employee,
                hours: years.last()?.hours(),
                lines: vacation_lines(&years, rules.hours_per_day),
                pay_out_hours: Decimal::ZERO,
                is_corrected,
                is_counted: true,
            })
        }
    }
}

impl Computed<'_> {
    /// Nothing was ever earned, taken or given, and Clockify has nothing either: there is nothing to list.
    fn is_nothing(&self, in_clockify: Option<Decimal>) -> bool {
        self.lines.is_empty()
            && !self.is_corrected
            && in_clockify.is_none_or(|before| before.is_zero())
    }

    /// He is hourly now, and still has what he earned before. Without a rate type it is not known whether he is.
    fn is_left_over(&self) -> bool {
        !self.is_counted && self.employee.rate_type.is_some() && !self.hours.is_zero()
    }
}

/// The open pushes of these employees.
async fn open_pushes(
    tx: &mut Transaction,
    run: &Run<'_>,
    ids: &[&EmployeeId],
) -> Result<HashMap<EmployeeId, BalancePush>, StoreError> {
    let of_these: BTreeSet<&EmployeeId> = ids.iter().copied().collect();
    let open = balance_push::open(tx, Some(&run.policy.id)).await?;
    Ok(open
        .into_iter()
        .filter(|push| of_these.contains(&push.employee_id))
        .map(|push| (push.employee_id.clone(), push))
        .collect())
}

/// What is to be written for a number of employees.
#[derive(Default)]
struct Decisions {
    balances: Vec<Balance>,
    pushes: Vec<BalancePush>,
    /// Open pushes whose difference is another now.
    superseded: Vec<String>,
    to_send: Vec<ToSend>,
}

impl Decisions {
    fn add(&mut self, run: &Run<'_>, one: &Computed<'_>, candidate: &Candidate<'_>) {
        let decided = run.decide(candidate);
        let waits = candidate
            .open
            .filter(|push| matches!(push.result, PushResult::Held | PushResult::Released));
        let stopped = candidate.open.filter(|_| waits.is_none());
        let (outcome, reason) = match decided {
            Push::Nothing => (Outcome::Equal, None),
            Push::NotSent(why) => (Outcome::NotSent, Some(why.as_str().to_owned())),
            Push::Send { .. } | Push::Held { .. } if run.is_dry => (Outcome::DryRun, None),
            Push::Send { .. } | Push::Held { .. } if let Some(push) = stopped => (
                Outcome::Stopped,
                Some(format!("push {} was not as meant", push.id)),
            ),
            Push::Send { .. } => (Outcome::ToSend, None),
            Push::Held { .. } => (Outcome::Held, None),
        };
        match outcome {
            Outcome::DryRun => {
                let push = run.push(candidate, decided, PushResult::DryRun);
                self.pushes.extend(push);
            }
            Outcome::Held => self.hold(run, candidate, decided, waits),
            Outcome::ToSend => {
                self.to_send.extend(ToSend::of(run, candidate, decided));
                // A released push becomes the intent.
                let waits = waits.filter(|push| push.result == PushResult::Held);
                self.superseded.extend(waits.map(|push| push.id.clone()));
            }
            _ => self.superseded.extend(waits.map(|push| push.id.clone())),
        }
        self.balances.push(Balance {
            id: uuid::Uuid::now_v7().to_string(),
            employee_id: one.employee.id.clone(),
            policy_id: run.policy.id.clone(),
            job_id: run.job_id.clone(),
            unit: run.policy.unit,
            computed_hours: one.hours,
            computed: run.in_unit(one.hours),
            in_clockify: candidate.in_clockify.map(rounded),
            outcome,
            reason,
            pay_out_hours: one.pay_out_hours,
            computed_at: run.now,
        });
    }

    /// The same difference goes on waiting, another takes its place.
    fn hold(
        &mut self,
        run: &Run<'_>,
        candidate: &Candidate<'_>,
        decided: Push,
        waits: Option<&BalancePush>,
    ) {
        let Some(push) = run.push(candidate, decided, PushResult::Held) else {
            return;
        };
        let same = |waits: &BalancePush| {
            waits.result == PushResult::Held
                && (waits.difference, waits.computed) == (push.difference, push.computed)
        };
        if !waits.is_some_and(same) {
            self.superseded.extend(waits.map(|push| push.id.clone()));
            self.pushes.push(push);
        }
    }

    async fn raise_flags(
        &self,
        tx: &mut Transaction,
        run: &Run<'_>,
        computed: &[Computed<'_>],
    ) -> Result<u64, StoreError> {
        let mut raised = 0;
        if !run.is_dry {
            let held = self
                .pushes
                .iter()
                .map(|push| (push.id.as_str(), FlagKind::BalancePushHeld));
            let held: Vec<_> = held.collect();
            let all: Vec<&str> = self
                .superseded
                .iter()
                .map(String::as_str)
                .chain(held.iter().map(|(id, _)| *id))
                .collect();
            raised += flag::replace(tx, PUSH, &PUSH_FLAGS, &all, &held)
                .await?
                .raised;
        }
        // A balance that was there before has kept the id that it had then.
        let employees: Vec<&EmployeeId> = computed.iter().map(|one| &one.employee.id).collect();
        let ids = balance::ids_of(tx, &run.policy.id, &employees).await?;
        let mut of_these = Vec::new();
        let mut flags = Vec::new();
        for one in computed {
            let Some(id) = ids.get(&one.employee.id) else {
                continue;
            };
            of_these.push(id.as_str());
            if is_leaver_with_balance(one.employee, one.hours, run.today) || one.is_left_over() {
                flags.push((id.as_str(), FlagKind::LeaverWithBalance));
            }
            if !one.pay_out_hours.is_zero() {
                flags.push((id.as_str(), FlagKind::BankedTimeTooOld));
            }
        }
        raised += flag::replace(tx, BALANCE, &BALANCE_FLAGS, &of_these, &flags)
            .await?
            .raised;
        Ok(raised)
    }
}
