//! Stands in front of Azurite's blob service and refuses one block of a large upload, as storage does when a token ends in
//! the middle.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    serve::Listener,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use url::Url;

use crate::azurite::Azurite;

/// More than any block.
const LARGEST_BODY: usize = 64 * 1024 * 1024;
/// Headers that belong to one connection.
const OF_THE_CONNECTION: [HeaderName; 4] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
];

/// A running proxy; ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// What `STORAGE_URL` says.
    pub url: Url,
    blocks: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone)]
struct Behind {
    http: reqwest::Client,
    address: Url,
    refuses: usize,
    blocks: Arc<AtomicUsize>,
}

impl Proxy {
    /// Refuses the block of that number (from 1) with 401, and passes everything else on.
    pub async fn before(azurite: &Azurite, refuses: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut url = azurite.blob_url();
        url.set_port(Some(port)).expect("it has a host");
        let blocks = Arc::new(AtomicUsize::new(0));
        let behind = Behind {
            http: azurite.client().build().expect("a client"),
            address: azurite.blob_url(),
            refuses,
            blocks: Arc::clone(&blocks),
        };
        let listener = TlsListener {
            listener,
            acceptor: acceptor(azurite),
        };
        let app = Router::new().fallback(pass_on).with_state(behind);
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves");
        });
        Self { url, blocks, task }
    }

    /// How many blocks came by.
    pub fn blocks(&self) -> usize {
        self.blocks.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(State(behind): State<Behind>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Whoever breaks off in the middle of a body hears nothing anyway.
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let query = parts.uri.query().unwrap_or_default();
    let is_block = query.split('&').any(|pair| pair == "comp=block");
    if is_block && behind.blocks.fetch_add(1, Ordering::SeqCst) + 1 == behind.refuses {
        let challenge = "Bearer authorization_uri=https://login.example.com";
        return (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, challenge)],
        )
            .into_response();
    }
    let mut address = behind.address.clone();
    address.set_path(parts.uri.path());
    address.set_query(parts.uri.query());
    let mut headers = parts.headers;
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
    let request = behind.http.request(parts.method, address);
    let answer = request.headers(headers).body(body).send().await;
    let answer = answer.expect("Azurite answers");
    let mut passed = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if !OF_THE_CONNECTION.contains(name) {
            passed = passed.header(name, value);
        }
    }
    let body = answer.bytes().await.expect("a whole answer");
    passed.body(Body::from(body)).expect("an answer")
}

/// Azurite's own certificate holds for every port.
fn acceptor(azurite: &Azurite) -> TlsAcceptor {
    let (certificate, key) = azurite.certificate();
    let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate with its key");
    TlsAcceptor::from(Arc::new(config))
}

struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // Whoever breaks off while shaking hands is not waited for.
            let Ok((stream, address)) = self.listener.accept().await else {
                continue;
            };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
