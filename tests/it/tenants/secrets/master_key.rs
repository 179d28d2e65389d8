//! The master key's change.

use super::Secrets;
use crate::{
    operations::sealing::{NEW_KEY, ended, rotate},
    support::{Installation, MASTER_KEY},
};
use base64::{Engine, prelude::BASE64_STANDARD};

/// Changes the master key; gives what the command says.
pub(super) async fn changed(vitrine: &Installation, secrets: &mut Secrets) -> String {
    secrets.add("new master key as it is set", NEW_KEY);
    secrets.add("new master key", BASE64_STANDARD.decode(NEW_KEY).unwrap());
    let output = ended(rotate(vitrine, NEW_KEY, &[MASTER_KEY], &[])).await;
    assert!(output.status.success(), "{output:?}");
    format!("{output:?}")
}
