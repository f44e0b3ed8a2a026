//! A browser for tests that answers each call as it is told to.

use std::io::{BufRead, BufReader, Write, pipe};
use std::thread;

use serde_json::{Value, json};

use super::client::Client;

/// A client whose browser gives the result that `answer` has for a method.
pub(crate) fn answering(answer: impl Fn(&str) -> Value + Send + 'static) -> Client {
    let (their_in, our_out) = pipe().expect("a pipe");
    let (our_in, mut their_out) = pipe().expect("a pipe");
    thread::spawn(move || {
        for call in BufReader::new(their_in).split(0).map_while(Result::ok) {
            let call: Value = serde_json::from_slice(&call).expect("a call");
            let result = answer(call["method"].as_str().expect("a method"));
            if write!(their_out, "{}\0", json!({ "id": call["id"], "result": result })).is_err() {
                return;
            }
        }
    });
    Client::new(our_out, our_in).expect("threads")
}
