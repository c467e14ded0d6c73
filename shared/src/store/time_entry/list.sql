SELECT e.id, e.workspace_id, e.employee_id, e.project_id, e.task_id, e.description, e.billable, e.kind,
    e.started_at, e.ended_at, e.start_date, e.duration_seconds, e.hours, e.hourly_rate,
    e.timesheet_id, held.state AS timesheet_state,
    e.released_by_id, released.state AS released_by_state
FROM time_entry AS e
LEFT JOIN timesheet AS held ON held.id = e.timesheet_id
LEFT JOIN timesheet AS released ON released.id = e.released_by_id
WHERE e.start_date >= @from
  AND e.start_date <= @to
  AND (@employee_id IS NULL OR e.employee_id = @employee_id)
ORDER BY e.employee_id, e.started_at, e.id
