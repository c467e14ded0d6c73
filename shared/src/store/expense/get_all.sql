SELECT e.id, e.workspace_id, e.employee_id, e.spent_on, e.category_id, e.project_id, e.task_id, e.notes,
    e.quantity, e.total, e.billable, e.has_receipt,
    e.timesheet_id, held.state AS timesheet_state,
    e.released_by_id, released.state AS released_by_state
FROM expense AS e
JOIN {@ids} AS r ON r.id = e.id
LEFT JOIN timesheet AS held ON held.id = e.timesheet_id
LEFT JOIN timesheet AS released ON released.id = e.released_by_id
ORDER BY e.id
