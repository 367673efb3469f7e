//! The list of behaviours: an adapter gets one test for each of them from one line.

/// One test per behaviour of the port. The argument makes a `Fixture` with an empty database; it is evaluated once
/// per test. The calling crate has tokio and tenure-store among its dependencies.
#[macro_export]
macro_rules! store_conformance {
    ($fixture:expr) => {
        $crate::store_conformance! { @each $fixture;
            persons: [
                an_identity_is_read_back_as_it_was_written,
                a_later_version_replaces_keys_references_and_classes,
                a_person_key_stays_when_none_is_given,
                identities_are_listed_in_pages,
                accounts_and_grants_belong_to_their_identity,
                an_account_is_found_by_native_id_and_by_name,
                usable_accounts_and_their_holders_are_counted,
            ]
            finding: [
                keys_find_who_has_them,
                a_text_finds_titles_keys_and_identifiers,
                whoever_is_due_comes_earliest_first,
                readers_of_an_identity_are_found,
                classes_are_counted_per_engagement,
            ]
            lists: [
                a_name_is_found_by_its_words_in_any_order,
                identities_are_listed_by_what_they_are,
                holders_are_those_who_have_it_or_inherit_it,
                an_id_is_found_by_its_beginning_or_its_end,
                keys_of_a_kind_are_read_in_order,
                issued_names_are_read_in_order_from_a_text_on,
                the_quarantine_is_read_a_page_at_a_time,
            ]
            work_lists: [
                findings_are_listed_by_deadline,
                acknowledgements_are_read_by_their_findings,
                requests_are_listed_by_deadline_and_approver,
                cases_are_read_a_page_at_a_time,
                tasks_are_listed_by_whom_they_wait_for,
                unlinked_accounts_are_read_a_page_at_a_time,
                rows_in_quarantine_are_listed_by_deadline,
                questions_held_changes_and_orders_are_read_a_page_at_a_time,
            ]
            records: [
                records_are_read_back_and_indexed,
                rows_in_quarantine_come_and_go,
                feed_runs_are_listed_newest_first,
            ]
            units: [
                a_unit_that_moved_leaves_nothing_behind,
                a_rule_that_breaks_in_the_middle_undoes_its_unit_only,
                every_expectation_holds_or_says_what_moved,
                a_unit_sees_what_earlier_units_of_its_batch_wrote,
                a_unit_may_write_the_same_identity_twice,
                a_long_batch_commits_in_order,
            ]
            names: [
                a_name_is_issued_once_for_ever,
                a_name_differs_by_more_than_case,
                a_name_is_found_in_each_form_of_its_letters,
                one_unit_cannot_issue_a_name_to_two,
            ]
            erasure: [
                what_is_kept_of_one_identity_goes_and_of_others_stays,
                names_of_an_identity_are_listed,
            ]
            tasks: [
                an_open_task_is_refreshed_and_not_doubled,
                a_task_that_joins_keeps_what_a_brake_counts,
                a_done_task_makes_room_for_a_new_one,
                claims_take_the_most_urgent_and_the_oldest_first,
                no_system_gets_more_than_its_share,
                claims_of_one_system_or_identity_take_no_other,
                a_lease_that_ended_is_claimed_again,
                a_heartbeat_keeps_leases_and_reports_lost_ones,
                a_refreshed_task_loses_its_lease,
                an_outcome_for_no_task_is_refused,
                a_brake_sees_what_it_has_not_let_through,
                doubts_outlive_newer_decisions,
                work_by_hand_and_by_program_end_each_other,
                two_owners_never_claim_the_same_task,
                what_waits_for_a_person_is_counted_apart,
            ]
            asked: [
                cases_are_found_by_identity_label_and_date,
                an_identity_has_one_open_case,
                facts_are_replaced_dropped_and_counted,
                what_no_account_bears_is_listed_while_it_is_owed,
                approvals_wait_until_they_are_answered,
                orders_to_cut_off_are_listed_until_they_end,
                findings_keep_their_since,
                replacing_findings_leaves_those_of_systems,
                held_changes_are_listed_until_they_end,
                correlations_are_listed_until_they_are_answered,
                unlinked_accounts_come_and_go,
                what_contains_what_keeps_its_since,
                losses_count_people_once,
            ]
            found: [
                findings_about_no_identity_and_no_system_are_listed_apart,
                an_acknowledgement_rests_on_its_revision,
            ]
            singles: [
                one_set_up_is_active,
                a_lease_has_one_holder_at_a_time,
                notes_and_business_time_are_kept,
                a_jump_of_the_clock_is_kept_until_it_is_confirmed,
                a_commit_wakes_each_waiter_once,
                a_commit_that_moved_wakes_nobody,
            ]
            ledger: [
                leaves_are_numbered_in_the_order_of_commits,
                the_head_and_the_tiles_follow_the_leaves,
                the_latest_checkpoint_is_shown,
                concurrent_commits_leave_no_gap,
            ]
            race: [
                of_two_writes_that_read_the_same_one_moves,
                each_expectation_has_a_race,
                of_many_who_want_a_lease_one_gets_it,
                a_lease_that_was_taken_over_commits_nothing,
            ]
            reopen: [
                everything_is_there_after_reopening,
            ]
        }
    };
    (@each $fixture:expr; $($module:ident: [$($behaviour:ident),+ $(,)?])+) => {$(
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() -> Result<(), tenure_store::StoreError> {
                    $crate::store::$module::$behaviour(&$fixture).await
                }
            )+
        }
    )+};
}
