//! Why a command did not do what it should: refused, or nothing can go on.

use super::event::Unmet;
use crate::capture::CaptureError;
use crate::case::CaseError;
use crate::procedure::Why;
use countersign_browser::devtools::client::CallError;

/// Why a command did not do what it should.
pub(super) enum Failure {
    /// It was refused, and the recording goes on.
    Unmet(Unmet),
    /// The recording cannot go on.
    Broken(CaptureError),
}

impl From<Unmet> for Failure {
    fn from(why: Unmet) -> Failure {
        Failure::Unmet(why)
    }
}

impl From<CaptureError> for Failure {
    fn from(error: CaptureError) -> Failure {
        match error {
            CaptureError::Case(error) => error.into(),
            error => Failure::Broken(error),
        }
    }
}

impl From<CaseError> for Failure {
    fn from(error: CaseError) -> Failure {
        match error {
            CaseError::Refused(refusal) => Failure::Unmet(Unmet::Case(refusal.why.to_string())),
            CaseError::Entry { .. } => Failure::Unmet(Unmet::Case(error.to_string())),
            other => Failure::Broken(other.into()),
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Failure {
        Failure::Unmet(Unmet::Page(error.to_string()))
    }
}

/// Whether an error only says that the case was stopped.
pub(super) fn is_stop(error: &CaptureError) -> bool {
    match error {
        CaptureError::Halted | CaptureError::Case(CaseError::HaltedMeanwhile(_)) => true,
        CaptureError::Case(CaseError::Refused(refusal)) => {
            matches!(refusal.why, Why::Halted { .. } | Why::HaltRaised)
        }
        _ => false,
    }
}
