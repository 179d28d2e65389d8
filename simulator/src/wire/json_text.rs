//! Writes JSON the way the platform does: `\/`, `\uXXXX`, and `\u0025` in links.

use std::fmt::Write;

/// JSON under construction.
#[derive(Debug)]
pub(crate) struct JsonText {
    text: String,
    escape: bool,
    needs_comma: bool,
}

impl JsonText {
    pub(crate) fn new(escape: bool, capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            escape,
            needs_comma: false,
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Writes `open`, whatever `fill` writes, and `close`.
    fn enclosed(&mut self, open: char, close: char, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push(open);
        self.needs_comma = false;
        fill(self);
        self.text.push(close);
        self.needs_comma = true;
    }

    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.enclosed('{', '}', fill);
    }

    pub(crate) fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.enclosed('[', ']', fill);
    }

    /// Writes a key; a value must follow. Keys are plain ASCII.
    pub(crate) fn key(&mut self, key: &str) -> &mut Self {
        self.separate();
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
        self.needs_comma = false;
        self
    }

    pub(crate) fn string(&mut self, value: &str) {
        self.quoted(value, false);
    }

    pub(crate) fn link(&mut self, value: &str) {
        self.quoted(value, self.escape);
    }

    pub(crate) fn number(&mut self, value: impl std::fmt::Display) {
        self.separate();
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{value}");
        self.needs_comma = true;
    }

    pub(crate) fn id(&mut self, id: u64) {
        self.separate();
        let _ = write!(self.text, "\"{id}\"");
        self.needs_comma = true;
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.number(value);
    }

    fn separate(&mut self) {
        if self.needs_comma {
            self.text.push(',');
        }
        self.needs_comma = false;
    }

    fn quoted(&mut self, value: &str, escape_percent: bool) {
        self.separate();
        self.text.push('"');
        let mut plain_from = 0;
        for (place, letter) in value.char_indices() {
            if !self.must_escape(letter, escape_percent) {
                continue;
            }
            self.text.push_str(&value[plain_from..place]);
            self.escaped(letter);
            plain_from = place + letter.len_utf8();
        }
        self.text.push_str(&value[plain_from..]);
        self.text.push('"');
        self.needs_comma = true;
    }

    fn must_escape(&self, letter: char, escape_percent: bool) -> bool {
        match letter {
            '"' | '\\' | '\0'..='\x1f' => true,
            '%' => escape_percent,
            '/' => self.escape,
            _ => self.escape && !letter.is_ascii(),
        }
    }

    fn escaped(&mut self, letter: char) {
        match letter {
            '"' | '\\' | '/' => {
                self.text.push('\\');
                self.text.push(letter);
            }
            '\n' => self.text.push_str("\\n"),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(self.text, "\\u{unit:04x}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_looks_like_the_platform_and_reads_back_the_same() {
        let caption = "a/b \"é\" 🏔️ 100 %\n";
        let mut json = JsonText::new(true, 0);
        json.object(|json| {
            json.key("caption").string(caption);
            json.key("link").link("https://x/?a=%20");
            json.key("list").array(|json| {
                json.number(1);
                json.boolean(true);
            });
        });
        let text = json.finish();
        assert_eq!(
            text,
            r#"{"caption":"a\/b \"\u00e9\" \ud83c\udfd4\ufe0f 100 %\n","link":"https:\/\/x\/?a=\u002520","list":[1,true]}"#
        );
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["caption"], caption);
    }
}
