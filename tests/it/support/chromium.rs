//! A real browser that is used as a person without a mouse uses it: by keys.

use serde_json::{Value, json};
use std::{process::Stdio, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};
use vitrine_test_support::wait_until;

/// The browser may not need longer for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// One window of a browser that reaches nothing but this machine; ends when dropped.
pub(crate) struct Browser {
    _child: Child,
    _profile: TempDir,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    session: Option<String>,
    sent: u64,
}

impl Browser {
    /// Opens an empty window. The browser listens to its third file and speaks by its fourth, which the shell makes of
    /// its own input and output.
    pub(crate) async fn open() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args([
                "-c",
                "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                "sh",
                "chromium",
            ])
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args(["--disable-dev-shm-usage", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .env("HOME", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut browser = Self {
            orders: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            _child: child,
            _profile: profile,
            session: None,
            sent: 0,
        };
        let target = browser
            .order("Target.createTarget", json!({"url": "about:blank"}))
            .await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.order("Target.attachToTarget", attach).await;
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        browser
    }

    /// Gives an order and waits for its answer; what the browser tells besides is not looked at.
    async fn order(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let mut order = json!({"id": self.sent, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            order["sessionId"] = json!(session);
        }
        self.orders
            .write_all(format!("{order}\0").as_bytes())
            .await
            .unwrap();
        loop {
            let mut line = Vec::new();
            let read = self.answers.read_until(0, &mut line);
            let length = timeout(PATIENCE, read).await.expect("the browser hangs").unwrap();
            assert!(length > 0, "the browser ended");
            let answer: Value = serde_json::from_slice(&line[..length - 1]).unwrap();
            if answer["id"] == self.sent {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// Opens an address and waits until its scripts have run.
    pub(crate) async fn goes_to(&mut self, address: &str) {
        // A new fragment alone would not load the page again.
        self.order("Page.navigate", json!({"url": "about:blank"})).await;
        self.order("Page.navigate", json!({"url": address})).await;
        self.waits_for("document.readyState === 'complete' && location.protocol.startsWith('http')")
            .await;
    }

    /// What an expression of the page gives.
    pub(crate) async fn reads(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true});
        self.order("Runtime.evaluate", asked).await["result"]["value"].clone()
    }

    /// Waits until an expression of the page is true.
    pub(crate) async fn waits_for(&mut self, expression: &str) {
        let came = wait_until(Duration::from_secs(20), async || {
            self.reads(expression).await == json!(true)
        });
        let came = came.await.is_ok();
        if !came {
            panic!(
                "never {expression}: {}",
                self.reads("document.body.innerText").await
            );
        }
    }

    /// Waits until the page says something.
    pub(crate) async fn hears(&mut self, words: &str) {
        let heard = format!(
            "document.getElementById('outcome').textContent.includes({})",
            json!(words)
        );
        self.waits_for(&heard).await;
    }

    /// Goes on by the tabulator until the field has the focus, as somebody without a mouse does.
    pub(crate) async fn tabs_to(&mut self, element: &str) {
        for _ in 0..20 {
            self.presses("Tab", 9, "").await;
            let there = format!("document.activeElement.matches({})", json!(element));
            if self.reads(&there).await == json!(true) {
                return;
            }
        }
        panic!("{element} cannot be reached by the keyboard");
    }

    /// Types into the field that has the focus, in the place of what stood there.
    pub(crate) async fn types(&mut self, text: &str) {
        self.reads("document.activeElement.select()").await;
        self.order("Input.insertText", json!({"text": text})).await;
    }

    /// Sends the form from the field that has the focus.
    pub(crate) async fn presses_enter(&mut self) {
        self.presses("Enter", 13, "\r").await;
    }

    async fn presses(&mut self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            self.order("Input.dispatchKeyEvent", event).await;
        }
    }
}
