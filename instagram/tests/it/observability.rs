//! What metrics report of calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

use crate::refusals::graph;
use crate::server::{Server, answer, newest, token};

/// Counts what is recorded, by name and labels.
#[derive(Clone, Default)]
struct Tally(Arc<Mutex<BTreeMap<String, u64>>>);

struct Line {
    name: String,
    tally: Tally,
}

impl Line {
    fn add(&self, count: u64) {
        *self.tally.0.lock().unwrap().entry(self.name.clone()).or_default() += count;
    }
}

impl CounterFn for Line {
    fn increment(&self, value: u64) {
        self.add(value);
    }

    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Line {
    fn record(&self, seconds: f64) {
        assert!((0.0..60.0).contains(&seconds));
        self.add(1);
    }
}

impl Tally {
    fn line(&self, key: &Key) -> Arc<Line> {
        let labels: Vec<String> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        Arc::new(Line {
            name: format!("{} {}", key.name(), labels.join(" ")),
            tally: self.clone(),
        })
    }
}

impl Recorder for Tally {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.line(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.line(key))
    }
}

#[tokio::test]
async fn every_call_is_counted_by_endpoint_and_outcome_and_timed() {
    let tally = Tally::default();
    let _guard = metrics::set_default_local_recorder(&tally);
    let field = "Tried accessing nonexisting field (alt_text)";
    let server = Server::start([
        answer(400, graph("IGApiException", 100, 0, field)),
        answer(200, r#"{"data":[]}"#),
        answer(400, graph("OAuthException", 190, 463, "Expired")),
    ])
    .await;
    let client = server.client();

    client.media_page(&token(), &newest()).await.unwrap_err();
    client.media_page(&token(), &newest()).await.unwrap();
    client.refresh(&token()).await.unwrap_err();

    let lines: Vec<(String, u64)> = tally.0.lock().unwrap().clone().into_iter().collect();
    let expected = [
        ("vitrine_instagram_call_duration_seconds endpoint=media", 2),
        ("vitrine_instagram_call_duration_seconds endpoint=refresh", 1),
        ("vitrine_instagram_calls_total endpoint=media outcome=ok", 1),
        (
            "vitrine_instagram_calls_total endpoint=media outcome=request_refused",
            1,
        ),
        (
            "vitrine_instagram_calls_total endpoint=refresh outcome=token_expired",
            1,
        ),
    ];
    assert_eq!(lines, expected.map(|(line, count)| (line.to_owned(), count)));
}
