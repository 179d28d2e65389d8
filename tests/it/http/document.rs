//! The OpenAPI document, as programs that others wrote read it, and as somebody who tries out what it offers.

use crate::support::{Answer, Engines, Installation, Owner, clients};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// How an example is refused that stands for something that only this server, a letter or Instagram can have issued.
const NEVER_ISSUED: [&str; 5] = [
    "invalid_link",
    "invitation_invalid",
    "invalid_signed_request",
    "state_unknown",
    "token_rejected",
];
/// What the platform calls an object that does not exist.
const NO_SUCH_OBJECT: u64 = 33;
/// They end the sign-in or change what others are tried with.
const LAST: [&str; 3] = ["change_password", "logout", "delete_tenant"];

#[tokio::test]
async fn others_programs_find_nothing_wrong_with_the_document() {
    let vitrine = Installation::start(Engines::Alone).await;
    let document = vitrine.get("/openapi.json").await;

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("openapi.json");
    std::fs::write(&file, &document.text).unwrap();

    clients::validate_document(&file).await;
    clients::lint_document(&file).await;
    clients::type_document(&file).await;
}

#[tokio::test]
async fn every_example_is_taken_as_it_is_offered() {
    let vitrine = Installation::start(Engines::Alone).await;
    let document = vitrine.get("/openapi.json").await.expect(200);
    let mut operations = operations(&document);
    let place = |name: &str| LAST.iter().position(|last| *last == name).map_or(0, |at| at + 1);
    operations.sort_by_key(|operation| place(operation.id()));
    let registration = operations.iter().find(|operation| operation.id() == "register");
    let registration = registration.unwrap().body().unwrap().1;
    let signed_in = vitrine.post("/v1/auth/register", &registration).await.expect(201);
    let email = registration["email"].as_str().unwrap().to_owned();
    let owner = Owner::signed_in(&vitrine, email, &signed_in);
    let key = owner.makes_key("publishable", &["feeds:read"]).await;

    for operation in &operations {
        let request = operation.as_offered(&vitrine, &owner, &key);
        let answer = Answer::of(request.send().await.unwrap()).await;
        let what = format!("{}: {} {}", operation.id(), answer.status, answer.text);
        assert!(!answer.status.is_server_error() && answer.status != 405, "{what}");
        let refused = [400, 413, 415, 422].contains(&answer.status.as_u16());
        assert!(!refused || was_never_issued(&answer), "{what}");
    }
}

/// Whether the answer is no more than that nobody has issued what the example stands for.
fn was_never_issued(answer: &Answer) -> bool {
    let problem: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    let known =
        |code: &&str| problem["code"] == **code || answer.text.contains(&format!("<code>{code}</code>"));
    NEVER_ISSUED.iter().any(known) || problem["error"]["error_subcode"] == NO_SUCH_OBJECT
}

struct Operation {
    method: Method,
    path: String,
    said: Value,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, said) in item.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                said: said.clone(),
            });
        }
    }
    operations
}

impl Operation {
    fn id(&self) -> &str {
        self.said["operationId"].as_str().unwrap()
    }

    /// The type and the example of the body.
    fn body(&self) -> Option<(String, Value)> {
        let contents = self.said["requestBody"]["content"].as_object()?;
        let (kind, content) = contents.iter().next().unwrap();
        let example = content.get("example");
        let example = example.unwrap_or_else(|| panic!("{}: no example of the body", self.id()));
        Some((kind.clone(), example.clone()))
    }

    /// The address with the examples of its parameters; those that may be left out are, where they have none.
    fn address(&self) -> String {
        let (mut path, mut query) = (
            self.path.clone(),
            url::form_urlencoded::Serializer::new(String::new()),
        );
        for parameter in self.said["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let example = [&parameter["example"], &parameter["schema"]["example"]];
            let example = example.into_iter().find(|example| !example.is_null());
            let text = example.map(|example| example.as_str().map_or(example.to_string(), str::to_owned));
            let wanted = parameter["required"] == true;
            assert!(text.is_some() || !wanted, "{}: no example of `{name}`", self.id());
            match (parameter["in"].as_str().unwrap(), text) {
                ("path", Some(text)) => path = path.replace(&format!("{{{name}}}"), &text),
                ("query", Some(text)) => {
                    query.append_pair(name, &text);
                }
                _ => {}
            }
        }
        format!("{path}?{}", query.finish())
    }

    /// The request as a page that shows the document sends it when nothing is filled in but the credential.
    fn as_offered(&self, vitrine: &Installation, owner: &Owner<'_>, key: &str) -> RequestBuilder {
        let mut address = format!("{}{}", vitrine.address, self.address());
        let ways = self.said["security"].as_array().unwrap().clone();
        let takes = |name: &str| ways.iter().any(|way| way.get(name).is_some());
        for (way, name) in [("key_in_query", "key"), ("key_as_token", "access_token")] {
            if takes(way) && !takes("bearer") {
                address.push_str(&format!("&{name}={key}"));
            }
        }
        let mut request = vitrine.http.request(self.method.clone(), address);
        if takes("bearer") {
            request = request.bearer_auth(&owner.access_token);
        } else if takes("api_key") {
            request = request.header("X-Api-Key", key);
        }
        match self.body() {
            Some((kind, example)) if kind == "application/x-www-form-urlencoded" => request.form(&example),
            Some((_, example)) => request.json(&example),
            None => request,
        }
    }
}

#[test]
fn what_was_never_issued_is_told_from_what_does_not_fit() {
    let answer = |body: Value| Answer {
        status: reqwest::StatusCode::BAD_REQUEST,
        headers: Default::default(),
        text: body.to_string(),
    };

    assert!(was_never_issued(&answer(json!({"code": "invalid_link"}))));
    assert!(was_never_issued(&answer(json!({"error": {"error_subcode": 33}}))));
    assert!(!was_never_issued(&answer(json!({"code": "validation_failed"}))));
    assert!(!was_never_issued(&answer(json!({"error": {"code": 100}}))));
}
