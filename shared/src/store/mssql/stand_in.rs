//! A small stand-in for SQL Server: enough of TDS to log in over TLS, to answer batches and calls as a test
//! wants it, and to fail as Azure SQL fails.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

const BATCH: u8 = 0x01;
const CALL: u8 = 0x03;
const ANSWER: u8 = 0x04;
const PRELOGIN: u8 = 0x12;
const END_OF_MESSAGE: u8 = 0x01;

const ENCRYPTION_NOT_SUPPORTED: u8 = 2;
const ENCRYPTION_REQUIRED: u8 = 3;

/// How one connection goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behaviour {
    Serve,
    /// The login fails with that error number.
    RefuseLogin(u32),
    /// The connection is cut when a message with that text comes in.
    CutAt(&'static str),
    /// No answer comes to a message with that text, and none to any after it.
    SilentAt(&'static str),
    WithoutTls,
}

/// What a message with that text is answered, once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) to: &'static str,
    pub(super) with: Reply,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Reply {
    Error(u32, &'static str),
    /// One row with one number in the column `answer`.
    Number(i64),
    /// The same, and after it an error.
    NumberThenError(u32, &'static str),
    /// So many rows touched.
    Touched(u64),
}

/// The server; it ends with the value.
pub(super) struct StandIn {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    behaviours: Mutex<VecDeque<Behaviour>>,
    answers: Mutex<Vec<Answer>>,
    /// What came in, in order: `connection 1`, `login …`, `batch …`, `call …`, each with its connection's number.
    log: Mutex<Vec<String>>,
    tls: Arc<ServerConfig>,
    over: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl StandIn {
    /// Starts it. Connections after the named ones are served.
    pub(super) fn start(behaviours: &[Behaviour], answers: &[Answer]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            behaviours: Mutex::new(behaviours.iter().copied().collect()),
            answers: Mutex::new(answers.to_vec()),
            log: Mutex::default(),
            tls: tls_config(),
            over: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let of_thread = Arc::clone(&state);
        thread::spawn(move || {
            for (number, connection) in (1_u32..).zip(listener.incoming()) {
                if of_thread.over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(tcp) = connection else { return };
                let state = Arc::clone(&of_thread);
                state
                    .connections
                    .lock()
                    .expect("connections")
                    .push(tcp.try_clone().expect("a handle"));
                let behaviour = state.behaviours.lock().expect("behaviours").pop_front();
                thread::spawn(move || {
                    let mut connection = Connection {
                        number,
                        behaviour: behaviour.unwrap_or(Behaviour::Serve),
                        state,
                    };
                    connection.log("connected", "");
                    // The client's end of a connection is no fault of the test.
                    let _ = connection.serve(tcp);
                });
            }
        });
        Self { address, state }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn log(&self) -> Vec<String> {
        self.state.log.lock().expect("the log").clone()
    }

    /// How many messages with that text came in.
    pub(super) fn count(&self, text: &str) -> usize {
        self.log().iter().filter(|line| line.contains(text)).count()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        // Wakes the listener, which then ends.
        let _ = TcpStream::connect(self.address);
        for connection in self
            .state
            .connections
            .lock()
            .expect("connections")
            .drain(..)
        {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

struct Connection {
    number: u32,
    behaviour: Behaviour,
    state: Arc<State>,
}

impl Connection {
    fn log(&mut self, what: &str, text: &str) {
        let line = format!("{}: {what} {text}", self.number);
        self.state
            .log
            .lock()
            .expect("the log")
            .push(line.trim_end().to_owned());
    }

    fn serve(&mut self, mut tcp: TcpStream) -> io::Result<()> {
        read_message(&mut tcp)?;
        let encryption = match self.behaviour {
            Behaviour::WithoutTls => ENCRYPTION_NOT_SUPPORTED,
            _ => ENCRYPTION_REQUIRED,
        };
        write_message(&mut tcp, ANSWER, &prelogin(encryption))?;
        let mut stream = self.shake_hands(tcp)?;
        let (_, login) = read_message(&mut stream)?;
        let text = utf16_text(&login);
        let token = text
            .find("token-")
            .map_or("", |at| text[at..].split('\0').next().unwrap_or(""));
        let token: String = token
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        self.log("login", &token);
        if let Behaviour::RefuseLogin(number) = self.behaviour {
            let mut refused = error_token(
                number,
                14,
                "Database 'clocking' is not currently available.",
            );
            refused.extend(done_token(0x0002, 0));
            return write_message(&mut stream, ANSWER, &refused);
        }
        let mut accepted = login_ack();
        accepted.extend(done_token(0, 0));
        write_message(&mut stream, ANSWER, &accepted)?;
        loop {
            let (kind, message) = read_message(&mut stream)?;
            let sql = match kind {
                BATCH => batch_text(&message),
                CALL => call_text(&message),
                _ => continue,
            };
            self.log(if kind == BATCH { "batch" } else { "call" }, &sql);
            match self.behaviour {
                Behaviour::CutAt(text) if sql.contains(text) => {
                    return stream.sock.shutdown(Shutdown::Both);
                }
                Behaviour::SilentAt(text) if sql.contains(text) => {
                    // Until the client has had enough.
                    let _ = stream.sock.read(&mut [0]);
                    self.log("given up", "");
                    return Ok(());
                }
                _ => {}
            }
            let answer = self.answer(&sql);
            write_message(&mut stream, ANSWER, &answer)?;
        }
    }

    fn answer(&self, sql: &str) -> Vec<u8> {
        let mut answers = self.state.answers.lock().expect("answers");
        let known = answers.iter().position(|answer| sql.contains(answer.to));
        match known.map(|at| answers.remove(at).with) {
            None => done_token(0, 0),
            Some(Reply::Touched(rows)) => done_token(0x0010, rows),
            Some(Reply::Error(number, words)) => {
                let mut answer = error_token(number, 14, words);
                answer.extend(done_token(0x0002, 0));
                answer
            }
            Some(Reply::Number(number)) => {
                let mut answer = number_row(number);
                answer.extend(done_token(0x0010, 1));
                answer
            }
            Some(Reply::NumberThenError(number, words)) => {
                let mut answer = number_row(1);
                // More results follow.
                answer.extend(done_token(0x0011, 1));
                answer.extend(error_token(number, 16, words));
                answer.extend(done_token(0x0002, 0));
                answer
            }
        }
    }

    /// TDS wraps the handshake of TLS into its own packets, and what follows not.
    fn shake_hands(
        &self,
        mut tcp: TcpStream,
    ) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
        let mut tls =
            ServerConnection::new(Arc::clone(&self.state.tls)).map_err(io::Error::other)?;
        while tls.is_handshaking() {
            let (_, message) = read_message(&mut tcp)?;
            tls.read_tls(&mut &message[..])?;
            tls.process_new_packets().map_err(io::Error::other)?;
            let mut reply = Vec::new();
            while tls.wants_write() {
                tls.write_tls(&mut reply)?;
            }
            if !reply.is_empty() {
                write_message(&mut tcp, PRELOGIN, &reply)?;
            }
        }
        Ok(StreamOwned::new(tls, tcp))
    }
}

/// TLS 1.2, as SQL Server speaks it inside TDS 7: 1.3 would send tickets after its handshake.
fn tls_config() -> Arc<ServerConfig> {
    let certified =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(
        certified.signing_key.serialize_der(),
    ));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .expect("TLS 1.2")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a server");
    Arc::new(config)
}

/// Kind and content of a message, which may come in several packets.
fn read_message(stream: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut message = Vec::new();
    loop {
        let mut header = [0; 8];
        stream.read_exact(&mut header)?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let mut content = vec![0; length.saturating_sub(header.len())];
        stream.read_exact(&mut content)?;
        message.extend(content);
        if header[1] & END_OF_MESSAGE != 0 {
            return Ok((header[0], message));
        }
    }
}

fn write_message(stream: &mut impl Write, kind: u8, content: &[u8]) -> io::Result<()> {
    let length = u16::try_from(content.len() + 8)
        .expect("one packet holds it")
        .to_be_bytes();
    let mut packet = vec![kind, END_OF_MESSAGE, length[0], length[1], 0, 0, 1, 0];
    packet.extend_from_slice(content);
    stream.write_all(&packet)?;
    stream.flush()
}

/// The options VERSION and ENCRYPTION.
fn prelogin(encryption: u8) -> Vec<u8> {
    vec![
        0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption,
    ]
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Everything that reads as UTF-16, at either alignment.
fn utf16_text(bytes: &[u8]) -> String {
    let read = |bytes: &[u8]| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    format!(
        "{}\0{}",
        read(bytes),
        read(bytes.get(1..).unwrap_or_default())
    )
}

fn exact_utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

fn after_headers(message: &[u8]) -> &[u8] {
    let length = u32::from_le_bytes([message[0], message[1], message[2], message[3]]) as usize;
    &message[length..]
}

fn batch_text(message: &[u8]) -> String {
    exact_utf16(after_headers(message))
}

/// The statement of an `sp_executesql`: its first parameter, NVARCHAR of either length.
fn call_text(message: &[u8]) -> String {
    let call = &after_headers(message)[6..];
    let value = &call[1 + 2 * usize::from(call[0])..][1..];
    let longest = u16::from_le_bytes([value[1], value[2]]);
    let text = &value[8..];
    if longest == 0xffff {
        let length = u32::from_le_bytes([text[8], text[9], text[10], text[11]]) as usize;
        exact_utf16(&text[12..12 + length])
    } else {
        let length = usize::from(u16::from_le_bytes([text[0], text[1]]));
        exact_utf16(&text[2..2 + length])
    }
}

fn token(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut token = vec![kind];
    token.extend(
        u16::try_from(content.len())
            .expect("a short token")
            .to_le_bytes(),
    );
    token.extend_from_slice(content);
    token
}

fn short_text(text: &str) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(text.encode_utf16().count()).expect("a short text")];
    bytes.extend(utf16(text));
    bytes
}

fn login_ack() -> Vec<u8> {
    let mut content = vec![1, 0x74, 0, 0, 4];
    content.extend(short_text("Stand-in"));
    content.extend([16, 0, 0, 0]);
    token(0xad, &content)
}

fn error_token(number: u32, class: u8, words: &str) -> Vec<u8> {
    let mut content = number.to_le_bytes().to_vec();
    content.extend([1, class]);
    content.extend(
        u16::try_from(words.encode_utf16().count())
            .expect("few words")
            .to_le_bytes(),
    );
    content.extend(utf16(words));
    content.extend(short_text("stand-in"));
    content.extend(short_text(""));
    content.extend(1_u32.to_le_bytes());
    token(0xaa, &content)
}

fn done_token(status: u16, rows: u64) -> Vec<u8> {
    let mut token = vec![0xfd];
    token.extend(status.to_le_bytes());
    token.extend(0_u16.to_le_bytes());
    token.extend(rows.to_le_bytes());
    token
}

/// A result of one BIGINT.
fn number_row(number: i64) -> Vec<u8> {
    let mut row = vec![0x81, 1, 0, 0, 0, 0, 0, 9, 0, 0x26, 8];
    row.extend(short_text("answer"));
    row.push(0xd1);
    row.push(8);
    row.extend(number.to_le_bytes());
    row
}
