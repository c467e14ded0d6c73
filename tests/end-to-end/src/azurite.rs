//! Azurite (npm, pinned) over https under a CA of the test's own, and tokens that it takes.
//!
//! Azurite looks at a token's claims and not at its signature, so an unsigned one will do.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use azure_core::{
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    time::OffsetDateTime,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use shared::azure::identity::Identity;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use url::Url;

/// Older ones refuse the SDK's version of the API.
const VERSION: &str = "3.37.0";
/// The account that Azurite always has.
const ACCOUNT: &str = "devstoreaccount1";
const STARTS_WITHIN: Duration = Duration::from_mins(4);
/// A registry can be away for a moment.
const INSTALL_TRIES: u32 = 3;

/// A running Azurite with an empty account. Ends when it is dropped.
#[derive(Debug)]
pub struct Azurite {
    process: Child,
    folder: tempfile::TempDir,
    blob_port: u16,
    queue_port: u16,
    ca_pem: String,
}

impl Azurite {
    /// Installs Azurite under `target/tools` if it is not there, and starts it on free ports.
    pub async fn start() -> Self {
        let program = installed().await;
        let folder = tempfile::tempdir().expect("a folder");
        let ca_pem = certificates(folder.path());
        let mut process = Command::new("node")
            .arg(program)
            .args(["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"])
            .args([
                "--oauth",
                "basic",
                "--inMemoryPersistence",
                "--disableTelemetry",
            ])
            .arg("--cert")
            .arg(folder.path().join("leaf.pem"))
            .arg("--key")
            .arg(folder.path().join("leaf.key"))
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts Azurite");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut port_of = async |service: &str| {
            while let Some(line) = lines.next_line().await.expect("a line of Azurite") {
                if line.contains(service) && line.contains("successfully listening") {
                    return line
                        .rsplit(':')
                        .next()
                        .and_then(|port| port.trim().parse().ok())
                        .expect("Azurite names its port");
                }
            }
            panic!("Azurite ended before its {service} service was up");
        };
        let (blob_port, queue_port) = tokio::time::timeout(STARTS_WITHIN, async {
            (port_of("Blob").await, port_of("Queue").await)
        })
        .await
        .expect("Azurite starts within a minute");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            process,
            folder,
            blob_port,
            queue_port,
            ca_pem,
        }
    }

    /// What `STORAGE_URL` says.
    pub fn blob_url(&self) -> Url {
        Self::url(self.blob_port)
    }

    /// What `QUEUE_URL` says.
    pub fn queue_url(&self) -> Url {
        Self::url(self.queue_port)
    }

    fn url(port: u16) -> Url {
        Url::parse(&format!("https://127.0.0.1:{port}/{ACCOUNT}")).expect("an address")
    }

    /// A file with the CA's certificate, for `SSL_CERT_FILE` of another process.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The certificate and the key that it serves with, for whoever stands in front of it.
    pub fn certificate(&self) -> (PathBuf, PathBuf) {
        let file = |name| self.folder.path().join(name);
        (file("leaf.pem"), file("leaf.key"))
    }

    /// A client that trusts the CA.
    pub fn client(&self) -> reqwest::ClientBuilder {
        let ca = reqwest::Certificate::from_pem(self.ca_pem.as_bytes()).expect("a certificate");
        reqwest::Client::builder().tls_certs_merge([ca])
    }

    /// An identity whose tokens Azurite takes.
    pub fn identity(&self) -> Identity {
        Identity::with(Arc::new(Tokens), self.client()).expect("an identity")
    }

    /// Makes a container, as the template does in Azure.
    pub async fn create_container(&self, name: &str) {
        let answer = self
            .client()
            .build()
            .expect("a client")
            .put(format!("{}/{name}?restype=container", self.blob_url()))
            .bearer_auth(token())
            .header("x-ms-version", "2024-11-04")
            .header("content-length", "0")
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Makes a queue, as the template does in Azure.
    pub async fn create_queue(&self, name: &str) {
        let answer = self
            .client()
            .build()
            .expect("a client")
            .put(format!("{}/{name}", self.queue_url()))
            .bearer_auth(token())
            .header("x-ms-version", "2024-11-04")
            .header("content-length", "0")
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Takes the account away, as a storage that does not answer.
    pub async fn stop(&mut self) {
        self.process.kill().await.expect("Azurite ends");
    }
}

/// Where Azurite's program lies; installs it once.
async fn installed() -> PathBuf {
    static ONCE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/azurite");
    let program = folder.join("node_modules/azurite/dist/src/azurite.js");
    // Written last: an installation that was cut off has none.
    let stamp = folder.join(VERSION);
    let _one_at_a_time = ONCE.lock().await;
    for left in (0..INSTALL_TRIES).rev() {
        if stamp.exists() {
            break;
        }
        std::fs::create_dir_all(&folder).expect("a folder for tools");
        let status = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .arg("--prefix")
            .arg(&folder)
            .arg(format!("azurite@{VERSION}"))
            .status()
            .await
            .expect("npm runs");
        if status.success() {
            std::fs::write(&stamp, "").expect("the stamp is written");
        } else {
            assert!(left > 0, "npm installs azurite {VERSION}");
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
    }
    program
}

/// A CA and a leaf for 127.0.0.1; returns the CA's certificate.
fn certificates(folder: &Path) -> String {
    let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().expect("a key")).expect("a CA");
    let leaf_key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
        .expect("parameters")
        .signed_by(&leaf_key, &ca)
        .expect("a certificate");
    std::fs::write(folder.join("ca.pem"), ca.pem()).expect("written");
    std::fs::write(folder.join("leaf.pem"), leaf.pem()).expect("written");
    std::fs::write(folder.join("leaf.key"), leaf_key.serialize_pem()).expect("written");
    ca.pem()
}

/// An unsigned token for storage, good for an hour.
pub fn token() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let tenant = "11111111-1111-1111-1111-111111111111";
    let claims = format!(
        r#"{{"aud":"https://storage.azure.com","iss":"https://sts.windows.net/{tenant}/","tid":"{tenant}","oid":"22222222-2222-2222-2222-222222222222","iat":{now},"nbf":{},"exp":{}}}"#,
        now - 60,
        now + 3600
    );
    format!(
        "{}.{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
        URL_SAFE_NO_PAD.encode(claims),
        URL_SAFE_NO_PAD.encode("unsigned"),
    )
}

#[derive(Debug)]
struct Tokens;

impl TokenCredential for Tokens {
    fn get_token<'a, 'b, 'c, 'd, 'async_trait>(
        &'a self,
        _scopes: &'b [&'c str],
        _options: Option<TokenRequestOptions<'d>>,
    ) -> std::pin::Pin<
        Box<dyn Future<Output = azure_core::Result<AccessToken>> + Send + 'async_trait>,
    >
    where
        'a: 'async_trait,
        'b: 'async_trait,
        'c: 'async_trait,
        'd: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async {
            Ok(AccessToken::new(
                token(),
                OffsetDateTime::now_utc() + Duration::from_mins(50),
            ))
        })
    }
}
