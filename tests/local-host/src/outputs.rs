//! Output bindings other than the answer to a caller: written after the handler's 2xx, not in one transaction.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    app::{Function, MessageEncoding, function_json::OutputKind},
    findings::Rule,
    host::Core,
    invoke::{Failed, reply, reply::Reply},
};

/// Writes the messages that a reply holds for queues.
pub(crate) async fn write(core: &Core, function: &Function, reply: &Reply) -> Result<(), Failed> {
    for line in &reply.logs {
        tracing::info!(function = function.name, "{line}");
    }
    for output in &function.outputs {
        let OutputKind::Queue(queue) = &output.kind else {
            continue;
        };
        if let Some(misspelt) = reply.misspelt(&output.name) {
            let findings = core.caller.findings();
            let detail = format!("{misspelt} is not {}", output.name);
            findings.report(Rule::OutputName, &function.name, detail);
        }
        let Some(value) = reply.output(&output.name) else {
            continue;
        };
        let messages = reply::queue_messages(value).map_err(|broken| {
            core.caller.report(&function.name, broken);
            Failed::Reply
        })?;
        for message in messages {
            let text = match core.app.host.queues.encoding {
                MessageEncoding::Base64 => STANDARD.encode(message),
                MessageEncoding::None => message,
            };
            let sent = core.queues.send(queue, &text, Duration::ZERO).await;
            sent.map_err(|error| {
                core.caller.findings().report(
                    Rule::OutputFailed,
                    &function.name,
                    error.to_string(),
                );
                Failed::Reply
            })?;
        }
    }
    Ok(())
}
