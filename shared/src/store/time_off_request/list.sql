SELECT id, workspace_id, employee_id, policy_id, status, first_day, last_day, half_day, balance_diff,
    exact_balance_diff, unit,
    excluded_days, note, status_changed_at
FROM time_off_request
WHERE last_day >= @from
  AND first_day <= @to
  AND (@employee_id IS NULL OR employee_id = @employee_id)
ORDER BY employee_id, first_day, id
