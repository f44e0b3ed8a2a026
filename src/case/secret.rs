//! A reviewer's secret key, locked by a passphrase in an OpenSSH file.
//!
//! It stores nothing: a locked key is text for somebody else to keep.

use ed25519_dalek::SigningKey;
use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::public::Ed25519PublicKey;
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey};
use zeroize::Zeroizing;

use countersign_record::clock::Random;
use countersign_record::key::PublicKey;
use countersign_record::signature::Signer;

/// A reviewer's signing key. It has no `Debug`, and its bytes are wiped when
/// it goes.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// A new key from 32 random bytes.
    pub fn generate(random: &dyn Random) -> std::io::Result<SecretKey> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(seed.as_mut())?;
        Ok(SecretKey(SigningKey::from_bytes(&seed)))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::from(&self.0)
    }

    /// The key as an OpenSSH private-key file that only `passphrase` opens
    /// (bcrypt-pbkdf with 16 rounds, AES-256-CTR).
    pub fn lock(&self, passphrase: &Passphrase, random: &dyn Random) -> Result<String, LockError> {
        let mut salt = vec![0; 16];
        let mut check = [0; 4];
        random.fill(&mut salt).map_err(LockError::Random)?;
        random.fill(&mut check).map_err(LockError::Random)?;
        let pair = Ed25519Keypair {
            public: Ed25519PublicKey(self.0.verifying_key().to_bytes()),
            private: Ed25519PrivateKey::from_bytes(self.0.as_bytes()),
        };
        let key = PrivateKey::new(KeypairData::Ed25519(pair), "").map_err(LockError::Format)?;
        let kdf = Kdf::Bcrypt { salt, rounds: ROUNDS };
        let locked = key
            .encrypt_with(Cipher::Aes256Ctr, kdf, u32::from_be_bytes(check), passphrase.bytes())
            .map_err(LockError::Format)?;
        Ok(locked.to_openssh(LineEnding::LF).map_err(LockError::Format)?.to_string())
    }

    /// Opens what [`SecretKey::lock`] made. A wrong passphrase and a damaged
    /// file cannot be told apart, since the passphrase is what checks it.
    pub fn unlock(file: &str, passphrase: &Passphrase) -> Result<SecretKey, UnlockError> {
        let locked = PrivateKey::from_openssh(file).map_err(|_| UnlockError::NotAKey)?;
        // A file with more rounds than ours would make the computer work for
        // hours: it is not one that we made.
        match locked.kdf() {
            Kdf::Bcrypt { rounds, .. } if *rounds <= ROUNDS => {}
            _ => return Err(UnlockError::NotAKey),
        }
        let opened = locked.decrypt(passphrase.bytes()).map_err(|_| UnlockError::Passphrase)?;
        let pair = opened.key_data().ed25519().ok_or(UnlockError::NotAKey)?;
        let key = SecretKey(SigningKey::from_bytes(&Zeroizing::new(pair.private.to_bytes())));
        // The public half in the file is nothing to go by: it must be this one.
        match key.0.verifying_key().as_bytes() == &pair.public.0 {
            true => Ok(key),
            false => Err(UnlockError::NotAKey),
        }
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        self.public()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        Signer::sign(&self.0, message)
    }
}

/// What a reviewer types to sign. Runs of white space count as one space and
/// those at the ends do not count, so that words can be read off a card.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes what was typed. It judges nothing but emptiness: how strong a
    /// chosen passphrase must be is asked when the case is opened.
    pub fn typed(text: &str) -> Result<Passphrase, PassphraseError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(PassphraseError::Control);
        }
        Ok(Passphrase(Zeroizing::new(words.join(" "))))
    }

    /// Six generated words.
    pub fn generate(random: &dyn Random) -> std::io::Result<Passphrase> {
        Ok(Passphrase(Zeroizing::new(countersign_record::words::passphrase(random)?)))
    }

    /// The words, to be shown once to the person whose they are.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Why a typed text is no passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing but white space.
    #[error("the passphrase is empty")]
    Empty,
    /// A control character, which nobody can type on purpose.
    #[error("the passphrase contains a control character")]
    Control,
}

/// Why a key could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The operating system gave no random numbers.
    #[error("the computer gave no random numbers: {0}")]
    Random(std::io::Error),
    /// The key could not be written in OpenSSH's format.
    #[error("the key could not be written: {0}")]
    Format(ssh_key::Error),
}

/// Why a locked key stayed locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// The file is not a locked Ed25519 key as Countersign writes it.
    #[error("not a locked key")]
    NotAKey,
    /// The passphrase does not open it.
    #[error("the passphrase is not right")]
    Passphrase,
}

/// OpenSSH's own default until 2024; six generated words have 66 bits beside it.
const ROUNDS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) struct Counting;
    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
            bytes.iter_mut().enumerate().for_each(|(i, byte)| *byte = i as u8);
            Ok(())
        }
    }

    #[test]
    fn only_its_passphrase_opens_it() {
        let key = SecretKey::generate(&Counting).expect("counting");
        let right = Passphrase::typed(" river  Stone ").expect("words");
        let file = key.lock(&right, &Counting).expect("locks");
        assert!(file.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
        let opened = SecretKey::unlock(&file, &Passphrase::typed("river Stone").expect("words"));
        assert_eq!(opened.map(|k| k.public()).ok(), Some(key.public()));
        let wrong = Passphrase::typed("river stone").expect("words");
        assert_eq!(SecretKey::unlock(&file, &wrong).err(), Some(UnlockError::Passphrase));
        assert_eq!(SecretKey::unlock("", &right).err(), Some(UnlockError::NotAKey));
    }
}
