-- What the audit log is asked for. Each index ends with the id, which is in order of time: whatever is looked for, a page
-- is a range of one index, read from its end. Spans of time are ranges of ids. Each event pays for each index it is in,
-- and logins are most of the events, so there is none for what an index that is there already answers.
-- By kind; also counts the logins of a day without reading a row.
CREATE INDEX audit_events_by_event ON audit_events (organization_id, event, id);
-- By user, and by the name that the log kept of somebody who is gone. What visitors did is in neither.
CREATE INDEX audit_events_by_actor ON audit_events (organization_id, actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_events_by_name ON audit_events (organization_id, actor_name, id) WHERE actor_name IS NOT NULL;
-- What failed or was refused has a reason. What was done is most of the log and is found by walking it.
CREATE INDEX audit_events_by_result ON audit_events (organization_id, result, id) WHERE reason IS NOT NULL;
