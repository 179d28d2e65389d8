//! An email's words as plain text and as HTML, without pictures or anything else to load.

/// An email in words.
pub(in crate::mail) struct EmailTemplate {
    pub(in crate::mail) subject: String,
    pub(in crate::mail) paragraphs: Vec<String>,
    pub(in crate::mail) link: Option<(&'static str, String)>,
    pub(in crate::mail) closing: &'static str,
}

impl EmailTemplate {
    pub(in crate::mail) fn text(&self) -> String {
        let mut parts = self.paragraphs.clone();
        if let Some((label, link)) = &self.link {
            parts.insert(2.min(parts.len()), format!("{label}:\n{link}"));
        }
        parts.push(format!("-- \n{}", self.closing));
        parts.join("\n\n") + "\n"
    }

    pub(in crate::mail) fn html(&self) -> String {
        let mut parts: Vec<String> = self
            .paragraphs
            .iter()
            .map(|text| format!("<p>{}</p>", escape(text)))
            .collect();
        if let Some((label, link)) = &self.link {
            let link = escape(link);
            let shown = format!("<p><a href=\"{link}\">{label}</a></p>\n<p style=\"color:#666\">{link}</p>");
            parts.insert(2.min(parts.len()), shown);
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<body style=\"font:16px/1.5 sans-serif;max-width:36em\">\n{}\n\
             <p style=\"color:#666\">{}</p>\n</body>\n</html>\n",
            parts.join("\n"),
            escape(self.closing)
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
