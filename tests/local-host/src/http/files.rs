//! Plays blob storage for links into the local folder: read-only, one file, until it expires.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, StatusCode, header};
use shared::azure::blobs::{content_disposition, folder::LinkRefused};

use crate::host::Core;

pub(super) async fn download(State(core): State<Arc<Core>>, request: Request) -> Response {
    let Some(folder) = &core.folder else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = request.uri().path().trim_start_matches("/files/");
    let query = request.uri().query().unwrap_or_default();
    match folder.follow(path, query).await {
        Ok(linked) => {
            let headers: [(HeaderName, String); 4] = [
                (header::CONTENT_TYPE, linked.content_type),
                (
                    header::CONTENT_DISPOSITION,
                    content_disposition(&linked.file_name),
                ),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, linked.bytes).into_response()
        }
        Err(refused @ (LinkRefused::Altered | LinkRefused::Expired)) => {
            (StatusCode::FORBIDDEN, refused.to_string()).into_response()
        }
        Err(refused @ LinkRefused::Gone) => {
            (StatusCode::NOT_FOUND, refused.to_string()).into_response()
        }
    }
}
