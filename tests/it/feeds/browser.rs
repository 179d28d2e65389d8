//! Pages in a real browser: with instafeed.js, unchanged, and of owners that call the API themselves.

use crate::support::{Engines, Installation, connected};
use serde_json::{Value, json};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinHandle,
};
use vitrine_simulator::NewPost;

/// The script as its authors ship it.
const INSTAFEED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/clients/node_modules/instafeed.js/dist/instafeed.js"
);

/// Does harm wherever it is taken for markup, in an attribute or between tags.
const HARMFUL: &str =
    "\"><img src=x onerror=\"document.title='harmed'\"><script>document.title='harmed'</script> 'n' &copy";

/// The browser may not need longer.
const PATIENCE: Duration = Duration::from_secs(90);

/// A site on loopback with one page, which ends when dropped.
struct Site {
    origin: String,
    listener: Option<TcpListener>,
    serving: Option<JoinHandle<()>>,
}

impl Site {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            listener: Some(listener),
            serving: None,
        }
    }

    /// Serves the page, and the script beside it.
    fn serve(&mut self, page: String) {
        let listener = self.listener.take().unwrap();
        self.serving = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let page = page.clone();
                tokio::spawn(async move { respond(stream, &page).await });
            }
        }));
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

async fn respond(stream: TcpStream, page: &str) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    while stream.read_line(&mut request).await? > 2 {}
    let (kind, body) = if request.starts_with("GET /instafeed.js ") {
        ("text/javascript", std::fs::read_to_string(INSTAFEED)?)
    } else {
        ("text/html; charset=utf-8", page.to_owned())
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream
        .get_mut()
        .write_all(format!("{head}{body}").as_bytes())
        .await
}

/// A page that pages on twice and then says what stands on it.
const PAGE: &str = r##"<!doctype html>
<title>fine</title>
<style>#instafeed img { width: 140px; height: 140px; object-fit: cover } #instafeed a { display: inline-block; width: 150px; font: 11px sans-serif; vertical-align: top }</style>
<div id="instafeed"></div>
<pre id="report"></pre>
{scripts}
<script src="/instafeed.js"></script>
<script>
var pages = 0, problem = null;
function settled() {
  return [].every.call(document.querySelectorAll("#instafeed img"), function (image) { return image.complete; });
}
function report() {
  if (!settled()) { return setTimeout(report, 50); }
  var photos = [].map.call(document.querySelectorAll("#instafeed > a"), function (link) {
    var image = link.querySelector("img");
    return { link: link.getAttribute("href"), image: image.getAttribute("src"), caption: image.title,
             text: link.querySelector("p").textContent, loaded: image.naturalWidth > 0,
             parts: link.querySelectorAll("*").length };
  });
  var all = { photos: photos, title: document.title, problem: problem, pages: pages };
  document.getElementById("report").textContent = "REPORT[" + encodeURIComponent(JSON.stringify(all)) + "]";
}
var feed = new Instafeed({
  accessToken: typeof InstagramToken === "string" ? InstagramToken : "none",
  limit: 4,
  template: '<a href="{{link}}"><img title="{{caption}}" src="{{image}}" /><p>{{caption}}</p></a>',
  after: function () {
    pages += 1;
    setTimeout(pages < 3 && feed.hasNext() ? function () { feed.next(); } : report, 0);
  },
  error: function (error) { problem = error.message; report(); }
});
feed.run();
</script>
"##;

/// Opens the page and gives what it reports. The browser reaches nothing but this machine.
async fn opened(url: &str, name: &str) -> Value {
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new("chromium");
    command
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .args(["--virtual-time-budget=20000", "--window-size=700,700"])
        .env("HOME", profile.path())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    // For whoever wants to look at it.
    if let Ok(directory) = std::env::var("VITRINE_TEST_SCREENSHOTS") {
        command.arg(format!("--screenshot={directory}/{name}.png"));
    }
    let output = command.args(["--dump-dom", url]).output();
    let output = tokio::time::timeout(PATIENCE, output)
        .await
        .expect("the browser hangs")
        .unwrap();
    let document = String::from_utf8(output.stdout).unwrap();
    let report = document
        .split("REPORT[")
        .nth(1)
        .and_then(|rest| rest.split(']').next());
    let report = report.unwrap_or_else(|| panic!("no report in {document}"));
    let decoded = url::form_urlencoded::parse(report.as_bytes()).next().unwrap().0;
    serde_json::from_str(&decoded).unwrap()
}

#[tokio::test]
async fn instafeed_renders_through_the_shim_and_not_without() {
    let vitrine = Installation::start(Engines::Alone).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    vitrine
        .simulator
        .post_media("vitrine.demo", NewPost::captioned(HARMFUL))
        .unwrap();
    owner.syncs(&account).await;
    let shown = owner
        .photos_that(&feed, &key, |feed| feed["data"][0]["caption"] == HARMFUL)
        .await;
    let (mut with, mut without) = (Site::open().await, Site::open().await);
    let body =
        json!({"name": "page", "kind": "publishable", "allowed_origins": [with.origin, without.origin]});
    let key = owner.post("/v1/api-keys", &body).await.expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = format!(
        "<script src=\"{}/compat/token.js?key={key}\"></script>",
        vitrine.address
    );
    let shim = format!(
        "<script src=\"{}/compat/instafeed-shim.js\"></script>",
        vitrine.address
    );
    with.serve(PAGE.replace("{scripts}", &format!("{shim}\n{token}")));
    without.serve(PAGE.replace("{scripts}", &token));

    let rendered = opened(&with.origin, "with-the-shim").await;
    let nothing = opened(&without.origin, "without").await;

    assert_eq!(rendered["problem"], Value::Null);
    assert_eq!(rendered["title"], "fine", "a caption ran as a script");
    let photos = rendered["photos"].as_array().unwrap();
    assert_eq!((photos.len(), &rendered["pages"]), (12, &json!(3)));
    for (photo, stored) in photos.iter().zip(shown["data"].as_array().unwrap()) {
        assert_eq!(photo["link"], stored["permalink"]);
        assert_eq!(photo["image"], stored["image"]["src"]);
        assert_eq!(
            (&photo["loaded"], &photo["parts"]),
            (&json!(true), &json!(2)),
            "{photo}"
        );
        let caption = stored["caption"].as_str().unwrap_or_default();
        assert_eq!(
            (&photo["caption"], &photo["text"]),
            (&json!(caption), &json!(caption))
        );
    }
    assert_eq!(photos[0]["caption"], HARMFUL);
    assert_eq!(nothing["photos"], json!([]));
    assert_eq!(nothing["problem"], "api request error: api connection error");
}

/// Asks for the tenant with a token, and says what came of it.
const CALLER: &str = r#"<!doctype html>
<title>fine</title>
<pre id="report"></pre>
<script>
function report(all) {
  document.getElementById("report").textContent = "REPORT[" + encodeURIComponent(JSON.stringify(all)) + "]";
}
function ask(method, path, body) {
  var headers = { Authorization: "Bearer {token}", "Content-Type": "application/json" };
  return fetch("{server}" + path, { method: method, headers: headers, body: body }).then(function (answer) {
    return answer.json().then(function (json) { return { status: answer.status, json: json }; });
  }, function (error) { return { error: error.name }; });
}
var code = JSON.stringify({ code: "c", state: "s", redirect_uri: "https://shop.example/" });
Promise.all([ask("GET", "/v1/tenant"), ask("POST", "/v1/accounts/connect/complete", code)]).then(report);
</script>
"#;

#[tokio::test]
async fn a_page_of_the_owners_own_calls_the_api_and_others_do_not() {
    let vitrine = Installation::start(Engines::Alone).await;
    let owner = vitrine.owner("ada").await;
    let (mut ours, mut others) = (Site::open().await, Site::open().await);
    let settings = json!({"allowed_origins": [ours.origin]});
    let tenant = owner.patch("/v1/tenant", &settings).await.expect(200);
    let page = CALLER
        .replace("{token}", &owner.access_token)
        .replace("{server}", &vitrine.address);
    ours.serve(page.clone());
    others.serve(page);

    let read = opened(&ours.origin, "own-page").await;
    let nothing = opened(&others.origin, "others-page").await;

    assert_eq!(
        (&read[0]["status"], &read[0]["json"]["id"]),
        (&json!(200), &tenant["id"])
    );
    assert_eq!(
        (&read[1]["status"], &read[1]["json"]["code"]),
        (&json!(400), &json!("state_unknown"))
    );
    assert_eq!(nothing, json!([{"error": "TypeError"}, {"error": "TypeError"}]));
}
