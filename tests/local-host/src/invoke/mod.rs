//! One invocation: the envelope, the call, the judgement of the reply. For queues and timers in every mode,
//! and for HTTP functions that are neither forwarded nor proxied.

use std::{io, time::Duration};

use axum::body::{Body, BodyDataStream, HttpBody as _, to_bytes};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{Request, Response, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    faults::Faults,
    findings::{Findings, Rule},
    handler::{Handler, Life, State},
    host::Running,
};

pub mod envelope;
pub mod metadata;
pub mod reply;
pub mod value;

use reply::{Broken, RawReply, Reply};

/// What the host calls itself.
pub const HOST_VERSION: &str = "4.1052.200";
/// The header that carries the id of the invocation.
pub const INVOCATION_ID: &str = "X-Azure-Functions-InvocationId";
/// The header that carries the host's version.
pub const HOST_VERSION_HEADER: &str = "X-Azure-Functions-HostVersion";

/// Replies over this size are not read.
const REPLY_LIMIT: usize = 100 * 1024 * 1024;
/// After a connection breaks, so long the handler's death is waited for before it counts as alive.
const GRACE: Duration = Duration::from_millis(60);

/// Calls the handler.
#[derive(Debug, Clone)]
pub struct Caller {
    client: Client<HttpConnector, Body>,
    handler: Handler,
    findings: Findings,
    faults: Faults,
    function_timeout: Option<Duration>,
    redirects_are_followed: bool,
}

/// The body of an answer on its way from the handler to the caller.
struct Passing {
    chunks: BodyDataStream,
    caller: Caller,
    function: String,
    life: Life,
    /// None: it may take as long as it likes.
    deadline: Option<Instant>,
    _running: Running,
}

/// An invocation that failed. What was wrong has been reported; this is what the trigger does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The handler could not be reached, or broke the connection.
    Connection,
    /// It ran longer than it may.
    Timeout,
    /// It replied, and the reply is a failure.
    Reply,
}

impl Caller {
    /// `redirects_are_followed`: forwarding is off.
    pub fn new(
        handler: Handler,
        findings: Findings,
        faults: Faults,
        function_timeout: Option<Duration>,
        redirects_are_followed: bool,
    ) -> Self {
        let mut connector = HttpConnector::new();
        // As the real host: a body that follows its head does not wait for the handler's delayed acknowledgement.
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            handler,
            findings,
            faults,
            function_timeout,
            redirects_are_followed,
        }
    }

    /// The handler behind it.
    pub fn handler(&self) -> &Handler {
        &self.handler
    }

    /// Posts an envelope to `/<function>`, in chunks and without a length as the host does, and judges the reply.
    pub async fn post(&self, function: &str, envelope: &Value) -> Result<Reply, Failed> {
        let body = envelope.to_string();
        let chunks: Vec<Result<Bytes, std::io::Error>> = body
            .into_bytes()
            .chunks(4096)
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
            .collect();
        let request = Request::post(format!("/{function}"))
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(INVOCATION_ID, uuid::Uuid::new_v4().to_string())
            .header(HOST_VERSION_HEADER, HOST_VERSION)
            .header(
                header::USER_AGENT,
                format!("Azure-Functions-Host/{HOST_VERSION}"),
            )
            .body(Body::from_stream(stream::iter(chunks)))
            .map_err(|_| Failed::Connection)?;
        let raw = self
            .buffered(function, request)
            .await
            .map(|response| RawReply::from_response(&response))?;
        reply::read(&raw, self.redirects_are_followed).map_err(|broken| {
            self.report(function, broken);
            Failed::Reply
        })
    }

    /// Sends a request to the handler and reads the whole answer, within the function's time-out.
    pub async fn buffered(
        &self,
        function: &str,
        request: Request<Body>,
    ) -> Result<Response<Bytes>, Failed> {
        self.within_timeout(function, async {
            let (life, response) = self.send(function, request).await?;
            let (parts, body) = response.into_parts();
            match to_bytes(body, REPLY_LIMIT).await {
                Ok(bytes) => Ok(Response::from_parts(parts, bytes)),
                Err(error) => Err(self.broken_connection(function, life, &error).await),
            }
        })
        .await
        .and_then(|response| self.unless_lost(response))
        .inspect(|_| self.count_answer())
    }

    /// Sends a request to the handler; the answer's body streams, and the invocation lasts until its end.
    pub(crate) async fn streamed(
        &self,
        function: &str,
        request: Request<Body>,
        running: Running,
    ) -> Result<Response<Body>, Failed> {
        let deadline = self.function_timeout.map(|limit| Instant::now() + limit);
        let (life, response) = self
            .within_timeout(function, self.send(function, request))
            .await
            .and_then(|answer| self.unless_lost(answer))?;
        if response.body().is_end_stream() {
            self.count_answer();
            return Ok(response);
        }
        Ok(response.map(|body| {
            let passing = Passing {
                chunks: body.into_data_stream(),
                caller: self.clone(),
                function: function.to_owned(),
                life,
                deadline,
                _running: running,
            };
            Body::from_stream(stream::unfold(Some(passing), Passing::next))
        }))
    }

    async fn send(
        &self,
        function: &str,
        mut request: Request<Body>,
    ) -> Result<(Life, Response<Body>), Failed> {
        let life = self.handler.life().await.map_err(|_| Failed::Connection)?;
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        *request.uri_mut() = format!("http://127.0.0.1:{}{path}", life.port)
            .parse()
            .map_err(|_| Failed::Connection)?;
        match self.client.request(request).await {
            Ok(response) => Ok((life, response.map(Body::new))),
            Err(error) if error.is_connect() => Err(Failed::Connection),
            Err(error) => Err(self.broken_connection(function, life, &error).await),
        }
    }

    /// A handler that was killed is reported as such, and not again for each request that it took along.
    async fn broken_connection(
        &self,
        function: &str,
        life: Life,
        error: &(dyn std::error::Error + Send + Sync),
    ) -> Failed {
        tokio::time::sleep(GRACE).await;
        if self.handler.state() == State::Ready(life) {
            let detail = error.to_string();
            self.findings.report(Rule::NoAnswer, function, detail);
        }
        Failed::Connection
    }

    async fn within_timeout<T>(
        &self,
        function: &str,
        work: impl Future<Output = Result<T, Failed>>,
    ) -> Result<T, Failed> {
        let Some(limit) = self.function_timeout else {
            return work.await;
        };
        if let Ok(outcome) = tokio::time::timeout(limit, work).await {
            return outcome;
        }
        self.overran(function).await;
        Err(Failed::Timeout)
    }

    async fn overran(&self, function: &str) {
        let limit = self.function_timeout.unwrap_or_default();
        let detail = format!("{} s", limit.as_secs_f32());
        self.findings
            .report(Rule::FunctionTimeout, function, detail);
        self.handler.restart_after_timeout().await;
    }

    /// An answer arrived, which a fault may lose.
    fn unless_lost<T>(&self, answer: T) -> Result<T, Failed> {
        if self.faults.loses_reply() {
            self.count_answer();
            Err(Failed::Connection)
        } else {
            Ok(answer)
        }
    }

    /// An answer arrived whole: the handler may have to die now.
    fn count_answer(&self) {
        if self.faults.kills_now() {
            let handler = self.handler.clone();
            tokio::spawn(async move { handler.kill().await });
        }
    }

    /// Reports what was wrong with a reply.
    pub fn report(&self, function: &str, broken: Broken) {
        let Broken { rule, detail, also } = broken;
        self.findings.report(rule, function, detail);
        if let Some(rule) = also {
            self.findings.report(rule, function, String::new());
        }
    }

    /// Where findings go.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }
}

impl Passing {
    /// The next piece; an error breaks off the answer to the caller.
    async fn next(passing: Option<Self>) -> Option<(io::Result<Bytes>, Option<Self>)> {
        let mut passing = passing?;
        let chunk = match passing.deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, passing.chunks.next()).await,
            None => Ok(passing.chunks.next().await),
        };
        let caller = &passing.caller;
        match chunk {
            // Nobody asks for more once the announced length is there.
            Ok(Some(Ok(bytes))) if passing.chunks.is_end_stream() => {
                caller.count_answer();
                Some((Ok(bytes), None))
            }
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(passing))),
            Ok(Some(Err(error))) => {
                let (function, life) = (&passing.function, passing.life);
                caller.broken_connection(function, life, &error).await;
                Some((Err(io::Error::other(error)), None))
            }
            Ok(None) => {
                caller.count_answer();
                None
            }
            Err(_) => {
                caller.overran(&passing.function).await;
                Some((Err(io::ErrorKind::TimedOut.into()), None))
            }
        }
    }
}

impl RawReply {
    fn from_response(response: &Response<Bytes>) -> Self {
        let content_type = response.headers().get(header::CONTENT_TYPE);
        Self {
            status: response.status(),
            content_type: content_type
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            body: response.body().clone(),
        }
    }
}
