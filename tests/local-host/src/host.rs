//! The host as a whole: started with [`Options`], asked over HTTP, stopped.

use std::{
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use shared::{
    azure::{
        StorageError,
        blobs::folder::Folder,
        identity::Identity,
        queues::{Message, Queues, file::Counts},
    },
    clock::Clock,
    settings::{QueueUrl, StorageUrl},
};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    app::{App, Trigger, resolve},
    cargo,
    environment::{self, Environment},
    faults::{Faults, Plan},
    findings::{Finding, Findings},
    handler::{self, Away, Handler, Launch, Life, Output},
    http,
    invoke::Caller,
    listener::Listener,
    options::Options,
    timers::{self, Timer},
    waiting::{TimedOut, until},
};

/// Why the host did not start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A file or folder of the app.
    #[error("{}: {error}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// `host.json` says something that the real host does not start with.
    #[error("host.json: {0}")]
    HostJson(String),
    /// A setting of the stand-in itself.
    #[error("{0}")]
    Setting(String),
    /// The data folder, or what lies there.
    #[error("data folder: {0}")]
    Data(#[source] io::Error),
    /// Queues or files.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Mostly: the port is taken.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The programs that belong to it.
    #[error("{0}")]
    Build(String),
}

impl HostError {
    pub(crate) fn unreadable(path: &Path, error: io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            error,
        }
    }
}

/// Why a function was not run by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// There is none of that name.
    #[error("there is no such function")]
    Unknown,
    /// It has an HTTP trigger.
    #[error("an HTTP function is called by its route")]
    Http,
}

/// What all parts of a running host share.
pub(crate) struct Core {
    pub(crate) app: App,
    pub(crate) caller: Caller,
    pub(crate) faults: Faults,
    pub(crate) queues: Queues,
    pub(crate) folder: Option<Folder>,
    pub(crate) clock: Clock,
    pub(crate) key: String,
    pub(crate) timer_folder: PathBuf,
    pub(crate) message_lease: Duration,
    pub(crate) body_limit_bytes: usize,
    pub(crate) homepage_is_off: bool,
    pub(crate) trusts_principal: bool,
    pub(crate) plays_old_host: bool,
    pub(crate) activity: Activity,
}

/// How often each function was called, and how many calls run. All clones are one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity(Arc<Mutex<Calls>>);

#[derive(Debug, Default)]
struct Calls {
    begun: BTreeMap<String, u64>,
    running: usize,
}

/// One call that runs until this is dropped.
pub(crate) struct Running(Activity);

impl Activity {
    pub(crate) fn begin(&self, function: &str) -> Running {
        let mut calls = self.lock();
        *calls.begun.entry(function.to_owned()).or_default() += 1;
        calls.running += 1;
        Running(self.clone())
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.lock().begun.clone()
    }

    pub(crate) fn running(&self) -> usize {
        self.lock().running
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
    }
}

/// A running host.
pub struct LocalHost {
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// The development key: a caller with every role, and the master key.
    pub key: String,
    /// Where database, queue, files, key and log lie.
    pub data_dir: PathBuf,
    /// The settings that the handler was started with.
    pub environment: Environment,
    core: Arc<Core>,
    tasks: JoinSet<()>,
}

impl std::fmt::Debug for LocalHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalHost")
            .field("base_url", &self.base_url)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

impl LocalHost {
    /// Starts everything. The handler may still be starting when this returns: requests wait for it.
    pub async fn start(mut options: Options) -> Result<Self, HostError> {
        options.app = absolute(&options.app)?;
        fs::create_dir_all(&options.data).map_err(HostError::Data)?;
        let data = absolute(&options.data)?;
        let key = environment::development_key(&data).map_err(HostError::Data)?;
        let address = SocketAddr::from(([127, 0, 0, 1], options.port));
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| HostError::Listen(address, error))?;
        let address = listener.local_addr().map_err(HostError::Data)?;
        let base_url = format!("http://{address}");
        let environment = Environment::gather(&options, &data, &base_url, &key)?;

        let findings = Findings::default();
        let lookup = |name: &str| environment.get_or_default(name);
        let mut app = App::read(&options.app, &lookup, &findings)?;
        if let Some(delay) = environment.retry_delay()? {
            app.host.queues.visibility_timeout = delay;
        }
        let queues = open_queues(&environment, options.identity.as_ref())?;
        let folder = open_folder(&environment)?;
        let timer_folder = data.join("timers");
        fs::create_dir_all(&timer_folder).map_err(HostError::Data)?;

        let faults = Faults::default();
        let output = Output::to(&data.join("handler.log"), options.shows_handler_output)
            .map_err(HostError::Data)?;
        let launch = launch(&options, &app, &environment)?;
        let handler = Handler::start(launch, output, faults.clone(), findings.clone());
        let redirects_are_followed = !app.host.forwards_http_requests;
        let caller = Caller::new(
            handler,
            findings,
            faults.clone(),
            app.host.function_timeout,
            redirects_are_followed,
        );
        let core = Arc::new(Core {
            caller,
            faults,
            queues,
            folder,
            clock: environment.clock,
            key: key.clone(),
            timer_folder,
            message_lease: options.message_lease,
            body_limit_bytes: environment
                .get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
                .and_then(|text| text.parse().ok())
                .unwrap_or(http::BODY_LIMIT_BYTES),
            homepage_is_off: environment
                .get("AzureWebJobsDisableHomepage")
                .is_some_and(|value| value.eq_ignore_ascii_case("true")),
            trusts_principal: options.trusts_principal,
            plays_old_host: options.plays_old_host,
            activity: Activity::default(),
            app,
        });
        core.release_what_an_earlier_host_held().await?;
        let tasks = spawn_all(&core, listener, options.timers);
        Ok(Self {
            base_url,
            key,
            data_dir: data,
            environment,
            core,
            tasks,
        })
    }

    /// An address under the host: `url("/api/health")`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Waits until the handler listens.
    pub async fn until_ready(&self) -> Result<Life, Away> {
        self.core.caller.handler().life().await
    }

    /// The handler: its life, its console, its end.
    pub fn handler(&self) -> &Handler {
        self.core.caller.handler()
    }

    /// Kills the handler as the platform would; it is started again. Returns once it is dead.
    pub async fn kill_handler(&self) {
        self.handler().kill().await;
    }

    /// Adds faults to come. A crash point or a slow start takes a new life of the handler, which begins at once.
    pub async fn add_faults(&self, plan: Plan) {
        self.core.add_faults(plan).await;
    }

    /// What is still to come of them.
    pub fn faults(&self) -> Plan {
        self.core.faults.plan()
    }

    /// Everything that the real host would punish, so far.
    pub fn findings(&self) -> Vec<Finding> {
        self.core.caller.findings().all()
    }

    /// How often each function was called.
    pub fn invocations(&self) -> BTreeMap<String, u64> {
        self.core.activity.counts()
    }

    /// The business clock.
    pub fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    /// The queues, to send to them as somebody else.
    pub fn queues(&self) -> &Queues {
        &self.core.queues
    }

    /// What a queue holds.
    pub async fn counts(&self, queue: &str) -> Result<Counts, StorageError> {
        self.core.counts(queue).await
    }

    /// Makes the delayed messages of a queue visible now.
    pub async fn hasten(&self, queue: &str) -> Result<usize, StorageError> {
        self.core.hasten(queue).await
    }

    /// Starts a queue or timer function by hand, without waiting for its end.
    pub fn run_by_hand(&self, function: &str, input: &str) -> Result<(), RunError> {
        self.core.run_by_hand(function, input.to_owned())
    }

    /// Waits until no function runs and no queue that a function listens to holds anything that could be
    /// delivered now. Delayed messages do not count: see [`LocalHost::hasten`].
    pub async fn until_queues_are_idle(&self, limit: Duration) -> Result<(), TimedOut> {
        until(limit, async || self.core.is_idle().await.then_some(())).await
    }

    /// Waits until the queues that functions listen to are empty, and never waits for a delay: what is
    /// delayed is delivered now.
    pub async fn until_queues_are_empty(&self, limit: Duration) -> Result<(), TimedOut> {
        until(limit, async || {
            let mut left = 0;
            for queue in self.core.trigger_queues() {
                let hastened = self.core.hasten(&queue).await;
                let counts = self.core.counts(&queue).await;
                left += hastened.ok()? + usize::try_from(counts.ok()?.total()).ok()?;
            }
            (left == 0 && self.core.activity.running() == 0).then_some(())
        })
        .await
    }

    /// Waits until the host gives up on a handler that dies too often.
    pub async fn until_it_gives_up(&self) {
        self.handler().until_stopped().await;
    }

    /// Stops everything; the handler is killed without notice, as the platform does.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.handler().stop().await;
    }
}

impl Core {
    pub(crate) async fn counts(&self, queue: &str) -> Result<Counts, StorageError> {
        match self.queues.file() {
            Some(file) => file.counts(queue).await,
            // A real account tells an approximate number only.
            None => Ok(Counts {
                ready: self.queues.count(queue).await?,
                ..Counts::default()
            }),
        }
    }

    pub(crate) async fn hasten(&self, queue: &str) -> Result<usize, StorageError> {
        match self.queues.file() {
            Some(file) => file.hasten(queue).await,
            None => Ok(0),
        }
    }

    /// The queues that a function listens to.
    pub(crate) fn trigger_queues(&self) -> Vec<String> {
        let functions = self.app.functions.values();
        functions
            .filter_map(|function| match &function.trigger {
                Trigger::Queue(trigger) => Some(trigger.queue.clone()),
                _ => None,
            })
            .collect()
    }

    pub(crate) async fn add_faults(&self, plan: Plan) {
        let needs_new_life = plan.crash_at.is_some() || plan.slow_start_ms.is_some();
        self.faults.add(plan);
        if needs_new_life {
            self.caller.handler().restart().await;
        }
    }

    pub(crate) fn run_by_hand(self: &Arc<Self>, name: &str, input: String) -> Result<(), RunError> {
        let function = self.app.functions.get(name).ok_or(RunError::Unknown)?;
        let (core, function) = (Arc::clone(self), function.clone());
        match &function.trigger {
            Trigger::Http(_) => return Err(RunError::Http),
            Trigger::Timer(_) => {
                tokio::spawn(async move { timers::run_by_hand(&core, &function).await });
            }
            Trigger::Queue(trigger) => {
                let listener = Listener::new(core, &function, trigger);
                let message = message_by_hand(&trigger.queue, input);
                tokio::spawn(async move { listener.invoke(&message).await });
            }
        }
        Ok(())
    }

    async fn is_idle(&self) -> bool {
        for queue in self.trigger_queues() {
            match self.counts(&queue).await {
                Ok(counts) if counts.ready == 0 && counts.leased == 0 => {}
                _ => return false,
            }
        }
        self.activity.running() == 0
    }

    /// One host has one data folder: what is leased there, a host held that is gone.
    async fn release_what_an_earlier_host_held(&self) -> Result<(), StorageError> {
        if let Some(file) = self.queues.file() {
            for queue in self.trigger_queues() {
                file.release_all(&queue).await?;
            }
        }
        Ok(())
    }
}

fn spawn_all(core: &Arc<Core>, listener: TcpListener, timers: bool) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let router = http::router(Arc::clone(core));
    tasks.spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(listener, service).await {
            tracing::error!(%error, "the host no longer answers");
        }
    });
    for function in core.app.functions.values() {
        match &function.trigger {
            Trigger::Queue(trigger) => {
                tasks.spawn(Listener::new(Arc::clone(core), function, trigger).listen());
            }
            Trigger::Timer(trigger) if timers => {
                tasks.spawn(Timer::new(Arc::clone(core), function, trigger).run());
            }
            Trigger::Timer(_) | Trigger::Http(_) => {}
        }
    }
    tasks
}

fn launch(options: &Options, app: &App, environment: &Environment) -> Result<Launch, HostError> {
    let executable = &app.host.executable;
    let lookup = |name: &str| environment.get(name);
    let or_empty = |name: &str| environment.get(name).or_else(|| Some(String::new()));
    let path = resolve(&executable.path, &lookup).map_err(HostError::HostJson)?;
    let arguments = executable
        .arguments
        .iter()
        .map(|argument| resolve(argument, &or_empty))
        .collect::<Result<_, _>>()
        .map_err(HostError::HostJson)?;
    let as_host_json_says = handler::program(executable, &app.root, &path);
    let program = match &options.handler {
        Some(program) => absolute(program)?,
        None if as_host_json_says.is_file() => as_host_json_says,
        None => {
            cargo::build_programs()?;
            cargo::sister("handlers").unwrap_or(as_host_json_says)
        }
    };
    Ok(Launch {
        program,
        arguments,
        directory: app.root.join(&executable.working_directory),
        app_root: app.root.clone(),
        environment: environment.of_the_handler(),
        port: app.host.port,
        initialization_timeout: app.host.initialization_timeout,
        restart_budget: environment.restart_budget()?,
    })
}

fn open_queues(
    environment: &Environment,
    identity: Option<&Identity>,
) -> Result<Queues, HostError> {
    let url = environment.get("QUEUE_URL").unwrap_or_default();
    let url = QueueUrl::parse(&url)
        .map_err(|expected| HostError::Setting(format!("QUEUE_URL must be {expected}")))?;
    Ok(match (&url, identity) {
        (QueueUrl::Account(account), Some(identity)) => Queues::in_account(account, identity)?,
        _ => Queues::open(&url)?,
    })
}

fn open_folder(environment: &Environment) -> Result<Option<Folder>, HostError> {
    let url = environment.get("STORAGE_URL").unwrap_or_default();
    let url = StorageUrl::parse(&url)
        .map_err(|expected| HostError::Setting(format!("STORAGE_URL must be {expected}")))?;
    match url {
        StorageUrl::Folder(path) => {
            let base = environment.get("PUBLIC_BASE_URL").unwrap_or_default();
            Ok(Some(Folder::open(&path, &base)?))
        }
        StorageUrl::Account(_) => Ok(None),
    }
}

fn message_by_hand(queue: &str, text: String) -> Message {
    let now = Timestamp::now();
    Message {
        queue: queue.to_owned(),
        id: uuid::Uuid::new_v4().to_string(),
        text,
        dequeue_count: 1,
        inserted_at: now,
        expires_at: now,
        next_visible_at: now,
        pop_receipt: String::new(),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, HostError> {
    fs::canonicalize(path).map_err(|error| HostError::unreadable(path, error))
}
