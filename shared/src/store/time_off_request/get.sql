SELECT id, workspace_id, employee_id, policy_id, status, first_day, last_day, half_day, balance_diff,
    exact_balance_diff, unit,
    excluded_days, note, status_changed_at
FROM time_off_request
WHERE id = @id
