SELECT e.id, e.employee_id, e.start_date, e.hours, e.kind, held.state AS timesheet_state,
    released.state AS released_by_state
FROM time_entry AS e
LEFT JOIN timesheet AS held ON held.id = e.timesheet_id
LEFT JOIN timesheet AS released ON released.id = e.released_by_id
WHERE e.start_date >= @from
  AND e.start_date <= @to
  AND (@employee_id IS NULL OR e.employee_id = @employee_id)
  AND e.hours IS NOT NULL
ORDER BY e.employee_id, e.started_at, e.id
