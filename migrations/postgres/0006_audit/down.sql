DROP INDEX audit_events_by_event;
DROP INDEX audit_events_by_actor;
DROP INDEX audit_events_by_name;
DROP INDEX audit_events_by_result;
