//! A reviewer's public Ed25519 key, in its one spelling.
//!
//! It checks nothing by itself ([`crate::signature`] does), and it knows no
//! secret key.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

/// A public key that is known to be fit for use: in the one encoding of its
/// point, and of prime order, as every key is that was made from a secret one.
///
/// Written as in an OpenSSH `.pub` file without a comment
/// (`ssh-ed25519 AAAAC3Nza…`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key of RFC 8709 in its SSH encoding.
    pub fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::with_capacity(51);
        for part in [ALGORITHM.as_bytes(), self.0.as_bytes()] {
            blob.extend_from_slice(&(part.len() as u32).to_be_bytes());
            blob.extend_from_slice(part);
        }
        blob
    }

    /// The fingerprint as `ssh-keygen -l` prints it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(Sha256::digest(self.blob())))
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        &self.0
    }
}

/// The public half of a secret key: in its one encoding and of prime order by
/// the way that it is made (RFC 8032, 5.1.5).
impl From<&SigningKey> for PublicKey {
    fn from(secret: &SigningKey) -> PublicKey {
        PublicKey(secret.verifying_key())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM} {}", BASE64_STANDARD.encode(self.blob()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<PublicKey, PublicKeyError> {
        let base64 = text.strip_prefix("ssh-ed25519 ").ok_or(PublicKeyError::Form)?;
        let blob = BASE64_STANDARD.decode(base64).map_err(|_| PublicKeyError::Form)?;
        let point: [u8; 32] = blob
            .get(blob.len().saturating_sub(32)..)
            .and_then(|b| b.try_into().ok())
            .ok_or(PublicKeyError::Form)?;
        let key = VerifyingKey::from_bytes(&point).map_err(|_| PublicKeyError::Form)?;
        // The form first: one spelling, of whatever point.
        if PublicKey(key).to_string() != text {
            return Err(PublicKeyError::Form);
        }
        let on_curve = key.to_edwards();
        // RFC 8032, 5.1.3: y below p, and no sign where x is zero. A reader
        // that decodes more gives one key a second fingerprint.
        if on_curve.compress().as_bytes() != &point {
            return Err(PublicKeyError::NotCanonical);
        }
        if key.is_weak() {
            return Err(PublicKeyError::Weak);
        }
        // Stricter than the RFC: with a part of small order in the key, one
        // program can call a signature good that another calls bad.
        if !on_curve.is_torsion_free() {
            return Err(PublicKeyError::MixedOrder);
        }
        Ok(PublicKey(key))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PublicKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Why a text is not a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not `ssh-ed25519`, a space, and the one base64 spelling of a key.
    #[error("not an ssh-ed25519 public key in its one spelling")]
    Form,
    /// Another encoding of the point than its one of RFC 8032, 5.1.3.
    #[error("a public key that is not encoded canonically")]
    NotCanonical,
    /// A point with a part of small order: no secret key gives it.
    #[error("a public key that no secret key gives: it has a part of small order")]
    MixedOrder,
    /// A point of small order: anyone can make signatures for it.
    #[error("a weak key, for which anyone can make signatures")]
    Weak,
}

/// Bytes of a key's file, public or locked: ours have less than 600.
pub const MAX_KEY: u64 = 16 * 1024;

const ALGORITHM: &str = "ssh-ed25519";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_misspelt_public_keys_are_refused() {
        let key = PublicKey::from(&SigningKey::from_bytes(&[7; 32]));
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(format!("{key} comment").parse::<PublicKey>(), Err(PublicKeyError::Form));
        assert_eq!(format!("{key}=").parse::<PublicKey>(), Err(PublicKeyError::Form));
        let mut identity = key.blob();
        let point = identity.len() - 32;
        identity[point..].fill(0);
        identity[point] = 1;
        let identity = format!("ssh-ed25519 {}", BASE64_STANDARD.encode(identity));
        assert_eq!(identity.parse::<PublicKey>(), Err(PublicKeyError::Weak));
    }
}
