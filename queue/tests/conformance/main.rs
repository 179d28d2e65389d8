//! The promises of the queue, checked on both engines, and those that only Redis makes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod backlog;
mod bad_input;
mod bed;
mod clustered;
mod damage;
mod endings;
mod faults;
mod leases;
mod metered;
mod operators;
mod redis_only;
mod stopping;
mod tls;
mod unheard;

/// Runs each case on a queue in this process and on one on Redis.
macro_rules! on_both {
    ($($module:ident: $($case:ident),+ $(,)?;)+) => {
        mod in_process {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$module::$case(&crate::bed::Bed::in_process()).await;
                }
            )+)+
        }

        mod on_redis {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    crate::$module::$case(&crate::bed::Bed::on_redis().await).await;
                }
            )+)+
        }

        /// In one test, because a cluster takes longer to start than most cases take.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn on_a_cluster_of_three() {
            let cluster = vitrine_test_support::RedisCluster::start().await.unwrap();
            $($(
                println!("{}", stringify!($case));
                crate::clustered::on(&cluster, stringify!($case), crate::$module::$case).await;
            )+)+
        }
    };
}

on_both! {
    backlog:
        an_id_is_taken_until_its_job_has_ended,
        payloads_arrive_byte_for_byte,
        a_group_keeps_its_order,
        a_large_group_does_not_hold_back_small_ones,
        a_delayed_job_waits_for_its_time,
        an_earlier_delayed_job_is_not_held_back_by_a_later_one,
        an_idle_worker_starts_a_pushed_job_at_once,
        no_more_jobs_run_at_once_than_allowed,
        long_jobs_are_not_fetched_ahead,
        jobs_behind_a_long_one_are_left_to_other_workers;
    bad_input:
        an_absurd_delay_is_a_long_one,
        ids_and_payloads_have_limits,
        large_payloads_arrive;
    endings:
        later_costs_no_attempt,
        retries_end_in_the_dead_letters,
        a_retry_waits_as_long_as_asked,
        a_discarded_job_is_dead_at_once,
        a_panic_counts_as_a_retry;
    leases:
        a_job_longer_than_its_lease_runs_once,
        the_job_of_a_dead_worker_comes_back_with_one_attempt_less,
        a_job_that_kills_its_workers_ends_in_the_dead_letters;
    stopping:
        a_stop_gives_back_what_has_not_started,
        a_stop_waits_for_running_jobs,
        a_job_cut_off_by_a_stop_loses_no_attempt;
    operators:
        a_paused_class_rests_until_it_is_resumed,
        dead_letters_can_be_driven_again,
        dead_letters_can_be_discarded,
        a_redriven_letter_gives_way_to_a_newer_job,
        a_class_is_counted,
        workers_show_that_they_fetch,
        a_closed_queue_takes_no_jobs,
        dead_letters_tell_what_happened;
}
