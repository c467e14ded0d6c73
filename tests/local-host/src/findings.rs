//! What the real host would punish, found here and said aloud: each with the rule that was broken.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Whether the real host fails, hangs or kills there, or only does something that surprises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Works, but not as most people think.
    Note,
    /// Does not work in the real host.
    Fault,
}

/// A rule of the real host. [`Rule::text`] says what it does to who breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each rule says its text")]
pub enum Rule {
    FunctionLoads,
    NoFunctions,
    RoutesExcludeDefinitions,
    ReservedRoute,
    EnvelopeInsteadOfRequest,
    OtherFilesInFolder,
    RunOnStartup,
    TimeZoneSetting,
    ExtensionBundle,
    NewBatchThreshold,
    RetryOnQueue,
    CannotStart,
    NeverListened,
    NeverReady,
    EndedWithZero,
    Died,
    BudgetSpent,
    StandardError,
    FunctionTimeout,
    NoAnswer,
    NoRouteForEnvelope,
    ReplyStatus,
    LogsDiscarded,
    Redirect,
    EmptyReply,
    ReplyContentType,
    ReplyNotJson,
    ReplyNotObject,
    StatusField,
    HttpOutputMissing,
    HttpOutputNotObject,
    HttpOutputStatus,
    HttpOutputHeader,
    Base64Text,
    DateText,
    OutputFailed,
    OutputName,
    NotBase64,
    PropertyHidesMetadata,
    BodyWithoutLength,
    ContentEncodingDropped,
    RepeatedQueryKeys,
    BodyTooLarge,
}

impl Rule {
    /// What the real host does there, and what to do instead.
    pub fn text(self) -> &'static str {
        match self {
            Self::FunctionLoads => "does not load in the real host; the others do",
            Self::NoFunctions => {
                "no function was found: the real host does not even start the handler"
            }
            Self::RoutesExcludeDefinitions => {
                "customHandler.http.routes and function.json exclude each other: the real host refuses to start"
            }
            Self::ReservedRoute => {
                "routes under admin and runtime are the host's own: it is never called"
            }
            Self::EnvelopeInsteadOfRequest => {
                "forwarding and proxying hold only for exactly one httpTrigger and one http output: this function gets the JSON envelope at /<name> instead of the request"
            }
            Self::OtherFilesInFolder => {
                "other files in the function's folder may be taken for a script of another language: keep only function.json there"
            }
            Self::RunOnStartup => {
                "runOnStartup also runs at every restart and scale-out of the host"
            }
            Self::TimeZoneSetting => {
                "this setting is not supported on Flex Consumption: timers are UTC, compute local time in the handler"
            }
            Self::ExtensionBundle => "queue bindings need extensionBundle in host.json",
            Self::NewBatchThreshold => {
                "newBatchThreshold is not set: its default grows with the number of cores"
            }
            Self::RetryOnQueue => {
                "retry on a queue function repeats in memory without advancing the dequeue count: leave retries to the queue"
            }
            Self::CannotStart => {
                "the handler could not be started: is defaultExecutablePath right, and does the file have its execute bit?"
            }
            Self::NeverListened => {
                "the handler did not answer GET / on FUNCTIONS_CUSTOMHANDLER_PORT within initializationTimeout, and was killed: listen at once on 127.0.0.1, also for queue and timer functions alone"
            }
            Self::NeverReady => {
                "an invocation waited for the handler four times as long as initializationTimeout: the real host logs \"Initialization timed out\" and stops; is GET / answered?"
            }
            Self::EndedWithZero => {
                "the handler ended with exit code 0: the host does not restart it, and the app stays dead until it is recycled: end with another code"
            }
            Self::Died => "the handler died, and with it all that was in flight",
            Self::BudgetSpent => {
                "the handler died too often within 30 minutes: the real host shuts down"
            }
            Self::StandardError => {
                "a line on stderr is logged as an error: write logs to stdout, one line per event"
            }
            Self::FunctionTimeout => {
                "the function ran longer than functionTimeout: the host killed the handler, and with it all that was in flight"
            }
            Self::NoAnswer => {
                "the handler closed the connection without an answer, or in the middle of one: the invocation failed"
            }
            Self::NoRouteForEnvelope => {
                "the handler answered 404 to POST /<function name>, where every envelope goes, without any route prefix"
            }
            Self::ReplyStatus => {
                "a status other than 2xx means that the invocation failed; the body is not read"
            }
            Self::LogsDiscarded => {
                "Logs of a reply that is not 2xx are discarded: write them to stdout"
            }
            Self::Redirect => {
                "a redirect is followed (or fails, where forwarding is on): answer an envelope with 200"
            }
            Self::EmptyReply => {
                "a 2xx reply whose body is empty or null is never finished: the real host waits until functionTimeout and then kills the handler with all that is in flight: answer at least {}"
            }
            Self::ReplyContentType => {
                "the reply's Content-Type must be application/json or text/json"
            }
            Self::ReplyNotJson => "the reply is not JSON: the invocation failed",
            Self::ReplyNotObject => {
                "the reply must be a JSON object like {\"Outputs\": {}, \"Logs\": [\"text\"]}: the invocation failed"
            }
            Self::StatusField => {
                "`status` in an http output is never read, the caller gets 200: write `statusCode`"
            }
            Self::HttpOutputMissing => {
                "the reply names no value for the http output: the caller gets 204 without Outputs, or 200 {} with it"
            }
            Self::HttpOutputNotObject => {
                "the http output must be an object like {\"statusCode\": 200, \"body\": …}: the caller gets 500"
            }
            Self::HttpOutputStatus => {
                "`statusCode` must be a number or numeric text: the caller gets 500"
            }
            Self::HttpOutputHeader => {
                "`headers` of the http output must be an object of texts: the caller gets 500"
            }
            Self::Base64Text => {
                "an output text that is valid base64 is silently decoded: send an array of texts"
            }
            Self::DateText => {
                "an output text that looks like a date is silently written anew in another form: send it inside of an object's text"
            }
            Self::OutputFailed => {
                "an output could not be written after the handler had answered: the invocation failed although its work is done"
            }
            Self::OutputName => {
                "a name in Outputs must be the binding's, in the same case: what it holds is silently lost"
            }
            Self::NotBase64 => {
                "the message is not base64 while host.json's messageEncoding is base64 (the default): it is never delivered and ends in the poison queue; set messageEncoding to none"
            }
            Self::PropertyHidesMetadata => {
                "a property of the message replaces the queue's own value in Metadata: rename it, or do not read Metadata"
            }
            Self::BodyWithoutLength => {
                "a body sent in chunks, without Content-Length, is lost unless the host proxies"
            }
            Self::ContentEncodingDropped => {
                "Content-Encoding is dropped when the host forwards: the handler cannot know that the body is compressed"
            }
            Self::RepeatedQueryKeys => {
                "repeated keys of the query are joined by commas unless the host proxies"
            }
            Self::BodyTooLarge => "the body is over the host's limit",
        }
    }

    /// How bad it is.
    pub fn weight(self) -> Weight {
        match self {
            Self::OtherFilesInFolder
            | Self::RunOnStartup
            | Self::TimeZoneSetting
            | Self::NewBatchThreshold
            | Self::PropertyHidesMetadata
            | Self::BodyWithoutLength
            | Self::ContentEncodingDropped
            | Self::RepeatedQueryKeys
            | Self::BodyTooLarge => Weight::Note,
            _ => Weight::Fault,
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Who broke it; empty: the app as a whole.
    pub function: String,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.function.is_empty() {
            write!(f, "{}: ", self.function)?;
        }
        f.write_str(self.rule.text())?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// All that was found since the start. Cheap to clone; all clones are one list.
#[derive(Debug, Clone, Default)]
pub struct Findings(Arc<Mutex<Vec<Finding>>>);

impl Findings {
    /// Says aloud what was found, and keeps it.
    pub fn report(&self, rule: Rule, function: &str, detail: String) {
        let finding = Finding {
            rule,
            function: function.to_owned(),
            detail,
        };
        match rule.weight() {
            Weight::Fault => tracing::error!("{finding}"),
            Weight::Note => tracing::warn!("{finding}"),
        }
        self.lock().push(finding);
    }

    /// As [`Findings::report`], but each rule only once.
    pub fn report_once(&self, rule: Rule, function: &str, detail: String) {
        let known = |f: &Finding| f.rule == rule && f.function == function;
        if !self.lock().iter().any(known) {
            self.report(rule, function, detail);
        }
    }

    /// Everything that was found, in order.
    pub fn all(&self) -> Vec<Finding> {
        self.lock().clone()
    }

    /// What does not work in the real host.
    pub fn faults(&self) -> Vec<Finding> {
        let is_fault = |f: &Finding| f.rule.weight() == Weight::Fault;
        self.lock()
            .iter()
            .filter(|f| is_fault(f))
            .cloned()
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Finding>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
