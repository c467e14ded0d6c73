//! Waiting for something that must happen, with a deadline instead of a guess.

use std::time::Duration;

/// How often is looked.
const POLL: Duration = Duration::from_millis(20);

/// It did not happen in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it did not happen within {0:?}")]
pub struct TimedOut(pub Duration);

/// Looks until `probe` finds something.
pub async fn until<T>(
    limit: Duration,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> Result<T, TimedOut> {
    let search = async {
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(limit, search)
        .await
        .map_err(|_| TimedOut(limit))
}
