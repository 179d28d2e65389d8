use super::{Owner, moment, word};
use sea_orm::prelude::{Json, Uuid};
use vitrine_entity::{
    AuditEventId, DataDeletionId, JobId, LeaseId, OutboxId, StringList, TaskId, UserId, audit_event,
    data_deletion, export_part, idempotency, incident, installation, job, outbox, sealing_key,
    sealing_key_wrap, tenant_task, usage_day,
};

pub(crate) fn job(owner: &Owner) -> job::Model {
    job::Model {
        id: JobId::generate(),
        tenant_id: owner.tenant,
        account_id: owner.account,
        kind: job::JobKind::SyncMedia,
        status: job::JobStatus::Queued,
        attempts: 0,
        queued_at: moment(),
        run_at: None,
        started_at: None,
        finished_at: None,
        error: None,
        result: None,
    }
}

pub(crate) fn full_job(owner: &Owner) -> job::Model {
    job::Model {
        status: job::JobStatus::Failed,
        run_at: Some(moment()),
        started_at: Some(moment()),
        finished_at: Some(moment()),
        error: Some(word()),
        result: Some(json()),
        ..job(owner)
    }
}

pub(crate) fn usage_day(owner: &Owner) -> usage_day::Model {
    usage_day::Model {
        tenant_id: owner.tenant,
        day: moment().date_naive(),
        feed_requests: i64::MAX,
        syncs: i64::MAX,
        graph_calls: i64::MAX,
        stored_bytes: i64::MAX,
    }
}

pub(crate) fn audit_event(owner: &Owner) -> audit_event::Model {
    audit_event::Model {
        id: AuditEventId::generate(),
        tenant_id: owner.tenant,
        actor_kind: audit_event::ActorKind::System,
        actor_id: None,
        action: word(),
        target_id: None,
        detail: None,
        created_at: moment(),
    }
}

pub(crate) fn full_audit_event(owner: &Owner) -> audit_event::Model {
    audit_event::Model {
        actor_id: Some(owner.user.0),
        target_id: Some(Uuid::now_v7()),
        detail: Some(json()),
        ..audit_event(owner)
    }
}

pub(crate) fn idempotency(owner: &Owner) -> idempotency::Model {
    idempotency::Model {
        tenant_id: owner.tenant,
        key: word(),
        request_digest: word(),
        status: None,
        key_id: None,
        body: None,
        created_at: moment(),
        expires_at: moment(),
    }
}

pub(crate) fn full_idempotency(owner: &Owner) -> idempotency::Model {
    idempotency::Model {
        status: Some(201),
        key_id: Some(word()),
        body: Some(vec![0, 255, 128]),
        ..idempotency(owner)
    }
}

pub(crate) fn outbox(_: &Owner) -> outbox::Model {
    outbox::Model {
        id: OutboxId::generate(),
        tenant_id: None,
        user_id: None,
        kind: "mail".to_owned(),
        payload: json(),
        created_at: moment(),
        next_attempt_at: None,
        attempts: 0,
        sent_at: None,
        lease_id: None,
        handed_over_at: None,
        gave_up_at: None,
        trouble: None,
    }
}

pub(crate) fn full_outbox(owner: &Owner) -> outbox::Model {
    outbox::Model {
        tenant_id: Some(owner.tenant),
        user_id: Some(UserId::generate()),
        next_attempt_at: Some(moment()),
        sent_at: Some(moment()),
        lease_id: Some(LeaseId::generate()),
        handed_over_at: Some(moment()),
        gave_up_at: Some(moment()),
        trouble: Some(word()),
        ..outbox(owner)
    }
}

pub(crate) fn tenant_task(owner: &Owner) -> tenant_task::Model {
    tenant_task::Model {
        id: TaskId::generate(),
        tenant_id: owner.tenant,
        kind: tenant_task::TaskKind::Export,
        status: tenant_task::TaskStatus::Scheduled,
        done: 0,
        total: 0,
        attempts: 0,
        created_at: moment(),
        run_at: None,
        lease_id: None,
        finished_at: None,
        expires_at: None,
        error: None,
    }
}

pub(crate) fn full_tenant_task(owner: &Owner) -> tenant_task::Model {
    tenant_task::Model {
        kind: tenant_task::TaskKind::Deletion,
        status: tenant_task::TaskStatus::Running,
        run_at: Some(moment()),
        lease_id: Some(LeaseId::generate()),
        finished_at: Some(moment()),
        expires_at: Some(moment()),
        error: Some(word()),
        ..tenant_task(owner)
    }
}

pub(crate) fn export_part(task: &tenant_task::Model) -> export_part::Model {
    export_part::Model {
        task_id: task.id,
        number: i32::MAX,
        key_id: word(),
        tenant_id: task.tenant_id,
        body: vec![0, 255, 128],
    }
}

pub(crate) fn incident(_: &Owner) -> incident::Model {
    incident::Model {
        scope: word(),
        reason: word(),
        opened_at: moment(),
        closed_until: moment(),
        probe_until: None,
        failed_probes: 0,
        reopened: 0,
        partial_tenants: None,
    }
}

pub(crate) fn full_incident(owner: &Owner) -> incident::Model {
    incident::Model {
        scope: incident::APP.to_owned(),
        probe_until: Some(moment()),
        failed_probes: i32::MAX,
        reopened: i32::MAX,
        partial_tenants: Some(StringList(vec![word()])),
        ..incident(owner)
    }
}

pub(crate) fn installation(_: &Owner) -> installation::Model {
    installation::Model {
        name: word(),
        value: word(),
    }
}

/// The first key, of which the sample of a wrap is one.
pub(crate) fn sealing_key(_: &Owner) -> sealing_key::Model {
    sealing_key::Model {
        id: "first".to_owned(),
        key_use: sealing_key::KeyUse::Seal,
        created_at: moment(),
        active_from: moment(),
        retired_at: None,
    }
}

pub(crate) fn sealing_key_wrap(_: &Owner) -> sealing_key_wrap::Model {
    sealing_key_wrap::Model {
        key_id: "first".to_owned(),
        master_key_id: word(),
        wrapped: vec![0, 255, 128],
    }
}

pub(crate) fn data_deletion(_: &Owner) -> data_deletion::Model {
    data_deletion::Model {
        id: DataDeletionId::generate(),
        reason: data_deletion::DeletionReason::Requested,
        confirmation_code: word(),
        request_digest: word(),
        platform_user_id: None,
        received_at: moment(),
        meant_until: moment(),
        not_before: moment(),
        started_at: None,
        finished_at: None,
        lease_until: None,
        accounts_deleted: 0,
        accounts_kept: 1,
        media_deleted: i64::MAX,
    }
}

fn json() -> Json {
    r#"{"nested": ["text", 1, null]}"#.parse().unwrap()
}
