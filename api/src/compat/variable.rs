//! Names that a script may give a global variable of a page.

/// What a page may name the constant.
const LONGEST_NAME: usize = 64;
/// Words that are no names of variables (ECMA-262, sections 12.7.2 and 13.1.1), and globals that pages cannot set, or
/// that lead them elsewhere.
const RESERVED: [&str; 55] = [
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "undefined",
    "NaN",
    "Infinity",
    "location",
    "window",
    "document",
    "top",
];

/// Letters, digits, `_` and `$`, but no word of the language.
pub(super) fn is_variable(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(is_part)
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !RESERVED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_can_be_a_variable_is_taken() {
        for name in ["InstagramToken", "_x", "$token", "token2", "token", "a"] {
            assert!(is_variable(name), "{name}");
        }
        for name in [
            "",
            "2x",
            "a-b",
            "alert(1);x",
            "while",
            "enum",
            "location",
            "a b",
            "ü",
            "x\n",
        ] {
            assert!(!is_variable(name), "{name}");
        }
        assert!(!is_variable(&"A".repeat(LONGEST_NAME + 1)));
    }
}
