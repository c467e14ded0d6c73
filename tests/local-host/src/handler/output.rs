//! What the handler writes on its console: kept for tests, written to a file, and shown if wanted.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// So many lines are kept in memory.
const KEPT_LINES: usize = 20_000;

/// The console of the handler. Cheap to clone; all clones are one console.
#[derive(Debug, Clone)]
pub struct Output(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    lines: VecDeque<Line>,
    file: File,
    shown: bool,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// It came on stderr.
    pub is_error: bool,
    /// Without its end.
    pub text: String,
}

impl Output {
    /// Lines are added to `file`, and shown on stdout if `shown`.
    pub fn to(file: &Path, shown: bool) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(file)?;
        Ok(Self(Arc::new(Mutex::new(Kept {
            lines: VecDeque::new(),
            file,
            shown,
        }))))
    }

    /// The newest lines, in order.
    pub fn lines(&self) -> Vec<Line> {
        self.lock().lines.iter().cloned().collect()
    }

    /// Reads a stream of the handler to its end, and calls `seen` with each line.
    pub(super) async fn read(
        self,
        stream: impl AsyncRead + Unpin,
        is_error: bool,
        seen: impl Fn(&str),
    ) {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while reader
            .read_until(b'\n', &mut bytes)
            .await
            .is_ok_and(|n| n > 0)
        {
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            seen(&text);
            self.push(Line { is_error, text });
        }
    }

    fn push(&self, line: Line) {
        let mut kept = self.lock();
        // A console that cannot be written is no reason to stop the handler.
        let _ = writeln!(kept.file, "{}", line.text);
        if kept.shown {
            println!("{}", line.text);
        }
        if kept.lines.len() == KEPT_LINES {
            kept.lines.pop_front();
        }
        kept.lines.push_back(line);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
