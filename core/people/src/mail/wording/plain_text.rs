//! What strangers chose, as emails may show it.

use vitrine_base::format_chars::strip_format_chars;

/// What people chose to call themselves is shown up to here.
const LONGEST_NAME: usize = 60;

/// Names are chosen by whoever causes an email, perhaps to a stranger: no mail program may make a link of one, nor show
/// the rest of the email from right to left.
pub(in crate::mail) fn plain(name: &str) -> String {
    let name = strip_format_chars(name);
    let mut shown = String::new();
    let mut signs = name.chars().take(LONGEST_NAME).peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '/' | '\\' | '@' | '<' | '>' | '[' | ']' => shown.push(' '),
            sign if sign.is_control() => shown.push(' '),
            '.' | ':' if signs.peek().is_some_and(|next| !next.is_whitespace()) => {
                shown.push(sign);
                shown.push(' ');
            }
            sign => shown.push(sign),
        }
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A partly hidden address stays readable, and is no link: it has stars in it.
pub(in crate::mail) fn plain_address(address: &str) -> String {
    address
        .chars()
        .filter(|sign| !sign.is_control() && !sign.is_whitespace())
        .take(LONGEST_NAME)
        .collect()
}
