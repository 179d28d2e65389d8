//! What each metric of this program means.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// How a number behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

use Kind::{Counter, Gauge, Histogram};

/// Kind, name and meaning of each.
pub(super) const CATALOG: &[(Kind, &str, &str)] = &[
    (
        Gauge,
        "vitrine_build_info",
        "Version and role of this process; always 1.",
    ),
    (Counter, "vitrine_http_requests_total", "Answered requests."),
    (
        Histogram,
        "vitrine_http_request_duration_seconds",
        "How long requests took.",
    ),
    (
        Gauge,
        "vitrine_http_connections",
        "Connections of clients that are open.",
    ),
    (
        Counter,
        "vitrine_http_connections_refused_total",
        "Connections that were refused, by reason: all or network.",
    ),
    (
        Counter,
        "vitrine_http_connections_cut_total",
        "Connections that were closed because their client was too slow, by reason: writing, head or idle.",
    ),
    (
        Gauge,
        "vitrine_http_unsent_bytes",
        "Bytes of long responses that clients have not read yet; a body that is sent to many counts once.",
    ),
    (
        Counter,
        "vitrine_http_unsent_refused_total",
        "Long responses that were refused because too much was unsent, by reason: all or network.",
    ),
    (
        Counter,
        "vitrine_feed_renders_total",
        "Pages of feeds that were rendered.",
    ),
    (
        Counter,
        "vitrine_feed_loads_total",
        "Feed contents that were loaded from the database.",
    ),
    (Gauge, "vitrine_feed_cache_bytes", "Memory that feeds use."),
    (
        Gauge,
        "vitrine_feed_cache_entries",
        "Entries of feeds that are cached in memory.",
    ),
    (
        Counter,
        "vitrine_instagram_calls_total",
        "Calls to Instagram, by outcome.",
    ),
    (
        Histogram,
        "vitrine_instagram_call_duration_seconds",
        "How long calls to Instagram took.",
    ),
    (
        Counter,
        "vitrine_incidents_total",
        "How often Instagram began to refuse most accounts.",
    ),
    (
        Gauge,
        "vitrine_incident_open",
        "1 while Instagram refuses most accounts and the app makes no calls.",
    ),
    (
        Gauge,
        "vitrine_app_quiet",
        "1 while the app is in a cooldown that Instagram asked for.",
    ),
    (
        Counter,
        "vitrine_app_quiets_total",
        "How often Instagram asked the app for a cooldown.",
    ),
    (
        Counter,
        "vitrine_instagram_fields_refused_total",
        "Fields that Instagram refused and that were left out.",
    ),
    (
        Counter,
        "vitrine_instagram_entries_skipped_total",
        "Entries of Instagram's lists that had no usable id.",
    ),
    (
        Gauge,
        "vitrine_budget_shared",
        "1 while call budgets are counted in Redis, 0 while each process counts alone.",
    ),
    (
        Counter,
        "vitrine_budget_local_units_total",
        "Calls that were granted while Redis was away.",
    ),
    (Gauge, "vitrine_accounts", "Connected accounts, by status."),
    (
        Gauge,
        "vitrine_tokens",
        "Stored tokens, by days until they expire: fewer than the label says.",
    ),
    (
        Counter,
        "vitrine_letters_total",
        "Attempts to send emails, by outcome.",
    ),
    (
        Counter,
        "vitrine_history_pruned_jobs_total",
        "Finished jobs that were deleted from the history.",
    ),
    (
        Gauge,
        "vitrine_schedule_paused",
        "1 while the whole schedule is paused.",
    ),
    (
        Gauge,
        "vitrine_schedule_due_rows",
        "Rows that are due, counted up to 100,000.",
    ),
    (
        Gauge,
        "vitrine_schedule_oldest_due_seconds",
        "How long the oldest due row has been due.",
    ),
    (
        Counter,
        "vitrine_schedule_impossible_times_total",
        "Impossible times in the future that were pulled back.",
    ),
    (
        Gauge,
        "vitrine_database_clock_ahead_seconds",
        "How far the database's clock is ahead of this machine's.",
    ),
    (
        Gauge,
        "vitrine_clock_disbelieved_seconds",
        "How far this machine's clock is ahead of the time that is trusted; deletions wait for that long.",
    ),
    (
        Gauge,
        "vitrine_database_connections",
        "Connections to the database.",
    ),
    (
        Gauge,
        "vitrine_database_connections_limit",
        "Most connections to the database.",
    ),
    (
        Gauge,
        "vitrine_redis_usable",
        "1 while Redis does all that is asked of it.",
    ),
    (
        Gauge,
        "vitrine_redis_evicts_keys",
        "1 when a policy of Redis lets it drop keys.",
    ),
    (
        Counter,
        "vitrine_redis_refusals_total",
        "Checks that found Redis unusable.",
    ),
    (
        Counter,
        "vitrine_redis_connections_given_up_total",
        "Connections to Redis that were given up.",
    ),
    (Counter, "vitrine_queue_jobs_total", "Runs of jobs, by outcome."),
    (Histogram, "vitrine_queue_run_seconds", "How long jobs ran."),
    (
        Counter,
        "vitrine_queue_leases_lost_total",
        "Leases of this process that ran out or were taken.",
    ),
    (
        Counter,
        "vitrine_queue_leases_expired_total",
        "Leases of any process that were found to have run out.",
    ),
    (
        Counter,
        "vitrine_queue_redis_errors_total",
        "Errors of Redis, by operation.",
    ),
    (
        Counter,
        "vitrine_queue_damage_total",
        "Damaged keys and jobs of the queue that were found.",
    ),
    (
        Gauge,
        "vitrine_queue_other_layout",
        "1 when Redis holds a queue of another version.",
    ),
    (Gauge, "vitrine_queue_paused", "1 while a class is paused."),
    (
        Gauge,
        "vitrine_queue_last_fetch_age_seconds",
        "Time since this process last fetched from a class.",
    ),
    (Gauge, "vitrine_queue_ready_jobs", "Jobs that are ready to start."),
    (
        Gauge,
        "vitrine_queue_delayed_jobs",
        "Jobs that wait for their time.",
    ),
    (Gauge, "vitrine_queue_leased_jobs", "Jobs that run."),
    (
        Gauge,
        "vitrine_queue_dead_letters",
        "Jobs that failed for good and are kept.",
    ),
    (
        Gauge,
        "vitrine_queue_oldest_ready_age_seconds",
        "How long the oldest ready job has been ready.",
    ),
];

/// Says what each number means.
pub(in crate::metrics) fn describe() {
    for &(kind, name, meaning) in CATALOG {
        match kind {
            Counter => describe_counter!(name, meaning),
            Gauge => describe_gauge!(name, meaning),
            Histogram => describe_histogram!(name, meaning),
        }
    }
}
