SELECT t.id, t.workspace_id, t.employee_id, t.policy_id, t.status, t.first_day, t.last_day, t.half_day,
    t.balance_diff, t.exact_balance_diff, t.unit, t.excluded_days, t.note, t.status_changed_at
FROM time_off_request AS t
JOIN {@ids} AS r ON r.id = t.id
ORDER BY t.id
