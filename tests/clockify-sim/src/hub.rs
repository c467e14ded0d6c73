//! Where everything meets: the world behind its lock, the faults that wait, the requests that were
//! counted, and the webhooks on their way.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    faults::{self, Fault, Trouble},
    switches::Switches,
    world::{Parcel, World},
};

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRequest {
    pub method: String,
    /// With its query.
    pub path: String,
    pub body: String,
    /// Status that was answered; 0 where the connection was cut.
    pub status: u16,
}

/// Requests that are kept; older ones are only counted.
const KEPT_REQUESTS: usize = 20_000;

#[derive(Debug, Default)]
struct Seen {
    counts: BTreeMap<String, u64>,
    requests: VecDeque<SeenRequest>,
    /// When the requests of the last hour came, for the limits.
    times: VecDeque<Instant>,
}

#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) api_key: String,
    world: Mutex<World>,
    faults: Mutex<Vec<Fault>>,
    seen: Mutex<Seen>,
    courier: UnboundedSender<Vec<Parcel>>,
    /// Parcels that are under way or will be tried again.
    under_way: AtomicUsize,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub(crate) fn new(
        api_key: String,
        world: World,
        courier: UnboundedSender<Vec<Parcel>>,
    ) -> Self {
        Self {
            api_key,
            world: Mutex::new(world),
            faults: Mutex::default(),
            seen: Mutex::default(),
            courier,
            under_way: AtomicUsize::new(0),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        locked(&self.world)
    }

    /// Does something to the world, and posts what follows from it: how many webhooks that were.
    pub(crate) fn change<T>(&self, act: impl FnOnce(&mut World) -> T) -> (T, usize) {
        let mut world = self.world();
        let result = act(&mut world);
        let events = world.take_events();
        let parcels = world.pack(&events);
        let count = parcels.len();
        // Handed over under the lock, so that two changes cannot swap their webhooks.
        self.post(parcels);
        (result, count)
    }

    pub(crate) fn post(&self, parcels: Vec<Parcel>) {
        if parcels.is_empty() {
            return;
        }
        self.under_way.fetch_add(parcels.len(), Ordering::SeqCst);
        if let Err(refused) = self.courier.send(parcels) {
            self.under_way.fetch_sub(refused.0.len(), Ordering::SeqCst);
        }
    }

    pub(crate) fn delivered(&self) {
        self.under_way.fetch_sub(1, Ordering::SeqCst);
    }

    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    pub(crate) fn troubles(&self, method: &str, path: &str, is_later_page: bool) -> Vec<Trouble> {
        faults::met(&mut locked(&self.faults), method, path, is_later_page)
    }

    pub(crate) fn faults_left(&self) -> usize {
        locked(&self.faults).len()
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        locked(&self.faults).push(fault);
    }

    pub(crate) fn clear_faults(&self) {
        locked(&self.faults).clear();
    }

    /// Counts a request under the name of its route.
    pub(crate) fn count(&self, route: &str, request: SeenRequest) {
        let mut seen = locked(&self.seen);
        *seen.counts.entry(route.to_owned()).or_default() += 1;
        if seen.requests.len() == KEPT_REQUESTS {
            seen.requests.pop_front();
        }
        seen.requests.push_back(request);
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        locked(&self.seen).counts.clone()
    }

    pub(crate) fn requests(&self) -> Vec<SeenRequest> {
        locked(&self.seen).requests.iter().cloned().collect()
    }

    pub(crate) fn forget_requests(&self) {
        let mut seen = locked(&self.seen);
        seen.counts.clear();
        seen.requests.clear();
    }

    /// Whether one more request is within the limits of the workspace's plan.
    pub(crate) fn within_limits(&self, switches: &Switches) -> bool {
        let now = Instant::now();
        let mut seen = locked(&self.seen);
        while let Some(first) = seen.times.front()
            && now.duration_since(*first) > Duration::from_hours(1)
        {
            seen.times.pop_front();
        }
        let last_second = seen
            .times
            .iter()
            .rev()
            .take_while(|time| now.duration_since(**time) <= Duration::from_secs(1))
            .count();
        let under = |limit: Option<u32>, count: usize| {
            limit.is_none_or(|limit| count < usize::try_from(limit).unwrap_or(usize::MAX))
        };
        let within = under(switches.requests_per_second, last_second)
            && under(switches.requests_per_hour, seen.times.len());
        if within {
            seen.times.push_back(now);
        }
        within
    }
}
