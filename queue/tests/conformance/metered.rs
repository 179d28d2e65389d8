//! The numbers that workers and the queue report.

use std::{sync::OnceLock, time::Duration};

use vitrine_queue::{ClassWorker, Outcome};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::bed::Bed;

/// What this process has counted; asked for before what it is to count.
pub(crate) fn numbers() -> &'static PrometheusHandle {
    static NUMBERS: OnceLock<PrometheusHandle> = OnceLock::new();
    NUMBERS.get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_are_counted_by_class_and_outcome() {
    let numbers = numbers();
    let bed = Bed {
        class: "metered".into(),
        ..Bed::in_process()
    };
    let mut running = bed.run_with(
        |worker| ClassWorker {
            max_attempts: 2,
            ..worker
        },
        |delivery| match (delivery.id.as_str(), delivery.attempt) {
            ("fails", _) => Outcome::Retry {
                after: Duration::ZERO,
                reason: "no".to_owned(),
            },
            ("bad", _) => Outcome::Discard {
                reason: "no".to_owned(),
            },
            _ => Outcome::Done,
        },
    );
    bed.queue
        .push(&["a", "b", "fails", "bad"].map(|id| bed.job(id)))
        .await
        .unwrap();
    running.ids(5).await;
    bed.until(|stats| stats.ready + stats.leased == 0).await;
    running.stop().await;
    bed.queue.pause(&bed.class).await.unwrap();
    bed.queue
        .record_gauges(std::slice::from_ref(&bed.class))
        .await
        .unwrap();

    let page = numbers.render();

    for line in [
        r#"vitrine_queue_jobs_total{class="metered",outcome="done"} 2"#,
        r#"vitrine_queue_jobs_total{class="metered",outcome="retry"} 1"#,
        r#"vitrine_queue_jobs_total{class="metered",outcome="exhausted"} 1"#,
        r#"vitrine_queue_jobs_total{class="metered",outcome="discard"} 1"#,
        r#"vitrine_queue_run_seconds_count{class="metered"} 5"#,
        r#"vitrine_queue_leases_lost_total{class="metered"} 0"#,
        r#"vitrine_queue_dead_letters{class="metered"} 2"#,
        r#"vitrine_queue_ready_jobs{class="metered"} 0"#,
        r#"vitrine_queue_paused{class="metered"} 1"#,
        r#"vitrine_queue_last_fetch_age_seconds{class="metered"}"#,
    ] {
        assert!(page.contains(line), "{line} is not in\n{page}");
    }
}
