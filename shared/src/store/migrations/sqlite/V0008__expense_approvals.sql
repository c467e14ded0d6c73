-- An approval request of expenses alone: nobody has sent his time with it. Rows that are there already get it when they
-- are read next.
ALTER TABLE timesheet ADD COLUMN expenses_only INTEGER NOT NULL DEFAULT 0;

-- Missing timesheets: weeks (Sunday to Saturday) that are over, with work of someone employed then, and no PENDING or
-- APPROVED timesheet that touches them; expenses that were sent are none. A week is over when it is so in every zone.
DROP VIEW report_missing_timesheets;
CREATE VIEW report_missing_timesheets (
    employee_id, employee, manager, week_first_day, week_last_day, hours, status
) AS
SELECT k.employee_id, k.employee, k.manager, k.first_day, k.last_day, k.hours,
  CASE
    WHEN k.worst = 1 OR EXISTS (
      SELECT 1 FROM timesheet AS r
      WHERE r.employee_id = k.employee_id AND r.last_day >= k.first_day AND r.first_day <= k.last_day
        AND r.state IN ('REJECTED', 'RETURNED') AND r.expenses_only = 0
    ) THEN 'REJECTED'
    ELSE 'NOT SUBMITTED'
  END
FROM (
  SELECT w.employee_id, w.employee, w.manager, w.first_day, date(w.first_day, '+6 days') AS last_day,
    SUM(w.hours) AS hours, MIN(w.place) AS worst
  FROM (
    SELECT e.employee_id, e.employee, e.manager, e.hours,
      date(e.work_date, '-' || strftime('%w', e.work_date) || ' days') AS first_day,
      CASE e.status
        WHEN 'REJECTED' THEN 1 WHEN 'WITHDRAWN' THEN 2 WHEN 'NO SUBMISSION' THEN 3 WHEN 'PENDING' THEN 4 ELSE 5
      END AS place
    FROM report_work_entries AS e
  ) AS w
  GROUP BY w.employee_id, w.employee, w.manager, w.first_day
) AS k
JOIN employee AS p ON p.id = k.employee_id
WHERE k.worst <= 3
  AND k.last_day < date('now', '-1 day')
  AND (p.start_date IS NULL OR p.start_date <= k.last_day)
  AND (p.end_date IS NULL OR p.end_date >= k.first_day)
  AND NOT EXISTS (
    SELECT 1 FROM timesheet AS s
    WHERE s.employee_id = k.employee_id AND s.last_day >= k.first_day AND s.first_day <= k.last_day
      AND s.state IN ('PENDING', 'APPROVED') AND s.expenses_only = 0
  );
