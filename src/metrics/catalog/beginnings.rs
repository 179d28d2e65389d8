//! Counters that are reported from the start, before anything moves them.

use metrics::counter;
use vitrine_instagram::Field;

/// Series that are known beforehand: a name, a label and its values, with a second label where there is one.
pub(super) type Known = (&'static str, &'static [(&'static str, &'static [&'static str])]);

pub(super) const KNOWN: &[Known] = &[
    ("vitrine_feed_renders_total", &[]),
    (
        "vitrine_http_connections_refused_total",
        &[("reason", &["all", "network"])],
    ),
    (
        "vitrine_http_connections_cut_total",
        &[("reason", &["writing", "head", "idle"])],
    ),
    (
        "vitrine_incidents_total",
        &[(
            "reason",
            &[
                "token_ended_early",
                "token_password_changed",
                "token_app_removed",
                "token_checkpoint",
                "token_unconfirmed",
                "token_corrupt",
                "token_invalid",
                "app_not_allowed_on_account",
                "permission_missing",
                "appsecret_proof_required",
            ],
        )],
    ),
    (
        "vitrine_app_quiets_total",
        &[(
            "reason",
            &["throttled_account", "throttled_app", "app_limit_close"],
        )],
    ),
    ("vitrine_instagram_entries_skipped_total", &[]),
    ("vitrine_feed_loads_total", &[]),
    ("vitrine_budget_local_units_total", &[]),
    ("vitrine_history_pruned_jobs_total", &[]),
    (
        "vitrine_instagram_calls_total",
        &[
            (
                "endpoint",
                &[
                    "exchange_code",
                    "long_lived",
                    "refresh",
                    "me",
                    "confirm_alive",
                    "media",
                    "one_media",
                ],
            ),
            ("outcome", &["ok"]),
        ],
    ),
    (
        "vitrine_letters_total",
        &[
            (
                "letter",
                &[
                    "verify_email",
                    "reset_password",
                    "invitation",
                    "security_notice",
                    "site_notice",
                ],
            ),
            ("outcome", &["sent", "again", "gave_up", "lost"]),
        ],
    ),
    (
        "vitrine_schedule_impossible_times_total",
        &[(
            "column",
            &["next_sync_at", "next_refresh_at", "run_at", "lease_until"],
        )],
    ),
    (
        "vitrine_queue_redis_errors_total",
        &[("operation", &["hand out jobs", "take jobs", "settle jobs"])],
    ),
    (
        "vitrine_http_unsent_refused_total",
        &[("reason", &["all", "network"])],
    ),
    ("vitrine_redis_refusals_total", &[("cause", CAUSES)]),
    ("vitrine_redis_connections_given_up_total", &[("cause", CAUSES)]),
];

const FIELDS_REFUSED: &str = "vitrine_instagram_fields_refused_total";

const CAUSES: &[&str] = &[
    "read_only",
    "silent",
    "unreachable",
    "full",
    "misconf",
    "no_permission",
];

/// Lets counters that only trouble moves be there before, so that a first increment is seen as one.
pub(in crate::metrics) fn begin_at_zero() {
    for &(name, labels) in KNOWN {
        begin(name, labels, &mut Vec::new());
    }
    for field in Field::ALL.map(Field::as_str) {
        counter!(FIELDS_REFUSED, "field" => field).increment(0);
    }
}

fn begin(
    name: &'static str,
    labels: &'static [(&'static str, &'static [&'static str])],
    chosen: &mut Vec<(&'static str, &'static str)>,
) {
    let Some(((label, values), rest)) = labels.split_first() else {
        counter!(name, &chosen[..]).increment(0);
        return;
    };
    for value in *values {
        chosen.push((label, value));
        begin(name, rest, chosen);
        chosen.pop();
    }
}
