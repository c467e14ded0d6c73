SELECT e.id, e.workspace_id, e.employee_id, e.spent_on, e.category_id, e.project_id, e.task_id, e.notes,
    e.quantity, e.total, e.billable, e.has_receipt,
    e.timesheet_id, held.state AS timesheet_state,
    e.released_by_id, released.state AS released_by_state
FROM expense AS e
LEFT JOIN timesheet AS held ON held.id = e.timesheet_id
LEFT JOIN timesheet AS released ON released.id = e.released_by_id
WHERE e.spent_on >= @from
  AND e.spent_on <= @to
  AND (@employee_id IS NULL OR e.employee_id = @employee_id)
ORDER BY e.employee_id, e.spent_on, e.id
