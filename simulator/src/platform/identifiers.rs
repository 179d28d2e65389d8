//! Numeric ids, all above 2^53, computed from the seed and readable back without a table.

/// Identifies one file-bearing object: a media (`child` 0) or a child of an album (`child` from 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MediaKey {
    pub(crate) account: u32,
    pub(crate) serial: u32,
    pub(crate) child: u8,
}

/// Which of the ids of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountIdForm {
    /// `/me.user_id`, also the `entry.id` of webhooks.
    Professional,
    /// `/me.id`, also the `user_id` of signed requests.
    AppScoped,
    /// The `user_id` of the code exchange.
    Exchange,
}

const MEDIA_BASE: u64 = 18_000_000_000_000_000;
const PROFESSIONAL_BASE: u64 = 17_841_000_000_000_000;
const APP_SCOPED_BASE: u64 = 24_000_000_000_000_000;
const EXCHANGE_BASE: u64 = 25_000_000_000_000_000;
const WIDE: u64 = 1_000_000_000_000_000;
const NARROW: u64 = 1_000_000_000_000;
const SERIALS: u64 = 100_000;
const CHILDREN: u64 = 100;

/// The ids of one seed.
#[derive(Debug, Clone)]
pub(crate) struct IdScheme {
    wide: Scramble,
    narrow: Scramble,
}

impl IdScheme {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            wide: Scramble::new(WIDE, seed),
            narrow: Scramble::new(NARROW, seed.rotate_left(17)),
        }
    }

    pub(crate) fn account(&self, number: u32, form: AccountIdForm) -> u64 {
        let number = u64::from(number);
        match form {
            AccountIdForm::Professional => PROFESSIONAL_BASE + self.narrow.hide(number),
            AccountIdForm::AppScoped => APP_SCOPED_BASE + self.wide.hide(number),
            AccountIdForm::Exchange => EXCHANGE_BASE + self.wide.hide(number + WIDE / 2),
        }
    }

    /// The account number behind any of the three forms.
    pub(crate) fn account_number(&self, id: u64) -> Option<u32> {
        let number = if (PROFESSIONAL_BASE..PROFESSIONAL_BASE + NARROW).contains(&id) {
            self.narrow.reveal(id - PROFESSIONAL_BASE)
        } else if (APP_SCOPED_BASE..APP_SCOPED_BASE + WIDE).contains(&id) {
            self.wide.reveal(id - APP_SCOPED_BASE)
        } else if (EXCHANGE_BASE..EXCHANGE_BASE + WIDE).contains(&id) {
            self.wide.reveal(id - EXCHANGE_BASE).checked_sub(WIDE / 2)?
        } else {
            return None;
        };
        u32::try_from(number).ok()
    }

    pub(crate) fn media(&self, key: MediaKey) -> u64 {
        let plain =
            (u64::from(key.account) * SERIALS + u64::from(key.serial)) * CHILDREN + u64::from(key.child);
        MEDIA_BASE + self.wide.hide(plain)
    }

    pub(crate) fn media_key(&self, id: u64) -> Option<MediaKey> {
        if !(MEDIA_BASE..MEDIA_BASE + WIDE).contains(&id) {
            return None;
        }
        let plain = self.wide.reveal(id - MEDIA_BASE);
        Some(MediaKey {
            account: u32::try_from(plain / CHILDREN / SERIALS).ok()?,
            serial: u32::try_from(plain / CHILDREN % SERIALS).ok()?,
            child: u8::try_from(plain % CHILDREN).ok()?,
        })
    }
}

/// The short code of a permalink: the media id in the base-64 digits of URLs.
pub(crate) fn shortcode(media_id: u64) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut rest = media_id;
    let mut code = Vec::with_capacity(11);
    while rest > 0 {
        code.push(char::from(DIGITS[usize::try_from(rest % 64).unwrap_or_default()]));
        rest /= 64;
    }
    code.iter().rev().collect()
}

/// A reversible walk through `0..modulus`: neighbours end up far apart.
#[derive(Debug, Clone)]
struct Scramble {
    modulus: u64,
    multiplier: u64,
    inverse: u64,
    shift: u64,
}

impl Scramble {
    fn new(modulus: u64, seed: u64) -> Self {
        // Not divisible by 2 or 5, hence coprime with every power of ten.
        let multiplier = 618_033_988_749_897 % modulus;
        let shift = crate::dice::Dice::new(seed).next() % modulus;
        Self {
            modulus,
            multiplier,
            inverse: inverse(multiplier, modulus),
            shift,
        }
    }

    fn hide(&self, plain: u64) -> u64 {
        (multiply(plain, self.multiplier, self.modulus) + self.shift) % self.modulus
    }

    fn reveal(&self, hidden: u64) -> u64 {
        let unshifted = (hidden + self.modulus - self.shift) % self.modulus;
        multiply(unshifted, self.inverse, self.modulus)
    }
}

fn multiply(left: u64, right: u64, modulus: u64) -> u64 {
    let product = u128::from(left) * u128::from(right) % u128::from(modulus);
    u64::try_from(product).unwrap_or_default()
}

/// The multiplicative inverse by the extended Euclidean algorithm; `value` and `modulus` are coprime.
fn inverse(value: u64, modulus: u64) -> u64 {
    let (mut old_rest, mut rest) = (i128::from(value), i128::from(modulus));
    let (mut old_factor, mut factor) = (1_i128, 0_i128);
    while rest != 0 {
        let quotient = old_rest / rest;
        (old_rest, rest) = (rest, old_rest - quotient * rest);
        (old_factor, factor) = (factor, old_factor - quotient * factor);
    }
    u64::try_from(old_factor.rem_euclid(i128::from(modulus))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_can_be_read_back_and_is_above_what_a_double_holds() {
        let ids = IdScheme::new(7);
        for number in [0, 1, 2, 77, 1_000_000] {
            for form in [
                AccountIdForm::Professional,
                AccountIdForm::AppScoped,
                AccountIdForm::Exchange,
            ] {
                let id = ids.account(number, form);
                assert!(id > 1 << 53);
                assert_eq!(ids.account_number(id), Some(number), "{form:?}");
            }
            let key = MediaKey {
                account: number,
                serial: 10_001,
                child: 20,
            };
            assert_eq!(ids.media_key(ids.media(key)), Some(key));
            assert!(ids.media(key) > 1 << 53);
        }
    }

    #[test]
    fn an_id_of_one_kind_is_none_of_another() {
        let ids = IdScheme::new(7);
        assert_eq!(ids.media_key(ids.account(3, AccountIdForm::Professional)), None);
        assert_eq!(
            ids.account_number(ids.media(MediaKey {
                account: 3,
                serial: 0,
                child: 0
            })),
            None
        );
    }
}
