-- What report authors read: views, with the rules of the program in them. The store's README describes each column,
-- and says what no view can tell. Hours and money are integer hundredths, as in the tables.

-- What a sheet came to at its submission: written with the sheet, for prices freeze there. It holds while
-- priced_version is the sheet's version.
ALTER TABLE lem_sheet ADD COLUMN labour_total INTEGER NULL;
ALTER TABLE lem_sheet ADD COLUMN equipment_total INTEGER NULL;
ALTER TABLE lem_sheet ADD COLUMN material_total INTEGER NULL;
ALTER TABLE lem_sheet ADD COLUMN has_missing_rate INTEGER NULL;
ALTER TABLE lem_sheet ADD COLUMN priced_version INTEGER NULL;

-- Serves: what a read of a period, of everyone or of one employee, did not list (it reads by start, not by local day).
CREATE INDEX ix_time_entry_started_at ON time_entry (workspace_id, started_at);
CREATE INDEX ix_time_entry_employee_started_at ON time_entry (employee_id, started_at);
-- Serves: timers that still ran when they were read.
CREATE INDEX ix_time_entry_ended_at ON time_entry (ended_at, ticket);
-- Serves: work of whose approval we learnt after its period was billed.
CREATE INDEX ix_timesheet_updated_at ON timesheet (state, updated_at);
-- Serves: what webhooks told of late.
CREATE INDEX ix_delivery_updated_at ON delivery (updated_at);

-- Finished work, one row per entry: REGULAR entries that have ended. The status is that of its timesheet.
CREATE VIEW report_work_entries (
    entry_id, employee_id, employee, position, manager, rate_type, has_truck, project_id, project_code, project,
    client_id, client, task, work_date, hours, billable, hourly_rate, description, timesheet_id, status
) AS
SELECT e.id, e.employee_id, p.name, p.role, p.reporting_manager, p.rate_type, p.has_truck, e.project_id, j.code, j.title,
  j.client_id, CASE WHEN LTRIM(RTRIM(c.long_name)) <> '' THEN LTRIM(RTRIM(c.long_name)) ELSE c.short_name END,
  t.name, e.start_date, e.hours, e.billable, e.hourly_rate, e.description, e.timesheet_id,
  CASE
    WHEN e.timesheet_id IS NOT NULL THEN
      CASE
        WHEN held.state IN ('REJECTED', 'RETURNED') THEN 'REJECTED'
        WHEN held.state IN ('WITHDRAWN_SUBMISSION', 'WITHDRAWN_APPROVAL') THEN 'WITHDRAWN'
        WHEN held.state IN ('PENDING', 'APPROVED') THEN held.state
        ELSE 'NO SUBMISSION'
      END
    WHEN released.state IN ('REJECTED', 'RETURNED') THEN 'REJECTED'
    WHEN released.state IN ('WITHDRAWN_SUBMISSION', 'WITHDRAWN_APPROVAL') THEN 'WITHDRAWN'
    ELSE 'NO SUBMISSION'
  END
FROM time_entry AS e
JOIN employee AS p ON p.id = e.employee_id
LEFT JOIN project AS j ON j.id = e.project_id
LEFT JOIN client AS c ON c.id = j.client_id
LEFT JOIN task AS t ON t.id = e.task_id
LEFT JOIN timesheet AS held ON held.id = e.timesheet_id
LEFT JOIN timesheet AS released ON released.id = e.released_by_id
WHERE e.kind = 'REGULAR' AND e.hours IS NOT NULL;

-- Attendance: one row per employee and day with work. APPROVED and PENDING work counts, other work waits; the status
-- is the worst among the day's entries.
CREATE VIEW report_attendance (
    employee_id, employee, manager, rate_type, work_date, worked_hours, approved_hours, pending_hours, billable_hours,
    waiting_hours, status
) AS
SELECT w.employee_id, w.employee, w.manager, w.rate_type, w.work_date,
  SUM(CASE WHEN w.status IN ('APPROVED', 'PENDING') THEN w.hours ELSE 0 END),
  SUM(CASE WHEN w.status = 'APPROVED' THEN w.hours ELSE 0 END),
  SUM(CASE WHEN w.status = 'PENDING' THEN w.hours ELSE 0 END),
  SUM(CASE WHEN w.status IN ('APPROVED', 'PENDING') AND w.billable = 1 THEN w.hours ELSE 0 END),
  SUM(CASE WHEN w.status IN ('APPROVED', 'PENDING') THEN 0 ELSE w.hours END),
  CASE MIN(CASE w.status
      WHEN 'REJECTED' THEN 1 WHEN 'WITHDRAWN' THEN 2 WHEN 'NO SUBMISSION' THEN 3 WHEN 'PENDING' THEN 4 ELSE 5 END)
    WHEN 1 THEN 'REJECTED' WHEN 2 THEN 'WITHDRAWN' WHEN 3 THEN 'NO SUBMISSION' WHEN 4 THEN 'PENDING' ELSE 'APPROVED'
  END
FROM report_work_entries AS w
GROUP BY w.employee_id, w.employee, w.manager, w.rate_type, w.work_date;

-- Approved work, one row per entry.
CREATE VIEW report_approved_entries (
    entry_id, employee_id, employee, position, manager, rate_type, has_truck, project_id, project_code, project,
    client_id, client, task, work_date, hours, billable, hourly_rate, description, timesheet_id
) AS
SELECT w.entry_id, w.employee_id, w.employee, w.position, w.manager, w.rate_type, w.has_truck, w.project_id,
  w.project_code, w.project, w.client_id, w.client, w.task, w.work_date, w.hours, w.billable, w.hourly_rate,
  w.description, w.timesheet_id
FROM report_work_entries AS w
WHERE w.status = 'APPROVED';

-- Approved hours and amounts, one row per employee and calendar year. The amount is that of the billable hours, to the
-- cent once per rate.
CREATE VIEW report_approved_by_year (
    employee_id, employee, manager, rate_type, work_year, hours, billable_hours, amount
) AS
SELECT r.employee_id, r.employee, r.manager, r.rate_type, r.work_year, SUM(r.hours), SUM(r.billable_hours),
  SUM((r.billable_hours * r.rate + CASE WHEN r.rate < 0 THEN -50 ELSE 50 END) / 100)
FROM (
  SELECT a.employee_id, a.employee, a.manager, a.rate_type, CAST(strftime('%Y', a.work_date) AS INTEGER) AS work_year,
    COALESCE(a.hourly_rate, 0) AS rate, SUM(a.hours) AS hours,
    SUM(CASE WHEN a.billable = 1 THEN a.hours ELSE 0 END) AS billable_hours
  FROM report_approved_entries AS a
  GROUP BY a.employee_id, a.employee, a.manager, a.rate_type, strftime('%Y', a.work_date), COALESCE(a.hourly_rate, 0)
) AS r
GROUP BY r.employee_id, r.employee, r.manager, r.rate_type, r.work_year;

-- The LABOUR rows of the bills: one per project, month, employee and rate, to the cent. A month's period ends on the
-- Saturday on or before its 25th.
CREATE VIEW report_billing_labour (
    project_id, project_code, project, client_id, client, invoice_month, employee_id, employee, position, has_truck,
    hours, hourly_rate, amount, missing_rate_hours
) AS
SELECT m.project_id, m.project_code, m.project, m.client_id, m.client, m.invoice_month, m.employee_id, m.employee,
  m.position, m.has_truck, SUM(m.hours), m.rate,
  (SUM(m.hours) * m.rate + CASE WHEN m.rate < 0 THEN -50 ELSE 50 END) / 100,
  SUM(CASE WHEN m.hourly_rate IS NULL THEN m.hours ELSE 0 END)
FROM (
  SELECT a.project_id, a.project_code, a.project, a.client_id, a.client, a.employee_id, a.employee, a.position,
    a.has_truck, a.hours, a.hourly_rate, COALESCE(a.hourly_rate, 0) AS rate,
    CASE
      WHEN a.work_date <= date(a.work_date, 'start of month', '+24 days',
        '-' || ((strftime('%w', a.work_date, 'start of month', '+24 days') + 1) % 7) || ' days')
      THEN date(a.work_date, 'start of month')
      ELSE date(a.work_date, 'start of month', '+1 month')
    END AS invoice_month
  FROM report_approved_entries AS a
  WHERE a.billable = 1 AND a.project_id IS NOT NULL
) AS m
GROUP BY m.project_id, m.project_code, m.project, m.client_id, m.client, m.invoice_month, m.employee_id, m.employee,
  m.position, m.has_truck, m.rate;

-- Monthly billing, one row per project and month: the sum of its LABOUR rows, and the hours of people with a truck.
CREATE VIEW report_monthly_billing (
    project_id, project_code, project, client_id, client, invoice_month, period_first_day, period_last_day, hours,
    labour_amount, truck_hours, missing_rate_hours
) AS
SELECT l.project_id, l.project_code, l.project, l.client_id, l.client, l.invoice_month,
  date(l.invoice_month, '-1 month', '+24 days',
    '-' || ((strftime('%w', l.invoice_month, '-1 month', '+24 days') + 1) % 7) || ' days', '+1 day'),
  date(l.invoice_month, '+24 days', '-' || ((strftime('%w', l.invoice_month, '+24 days') + 1) % 7) || ' days'),
  SUM(l.hours), SUM(l.amount), SUM(CASE WHEN l.has_truck = 1 THEN l.hours ELSE 0 END), SUM(l.missing_rate_hours)
FROM report_billing_labour AS l
GROUP BY l.project_id, l.project_code, l.project, l.client_id, l.client, l.invoice_month;

-- LEM totals, one row per number: the newest signed revision, else the newest; archived ones are left out. Totals are
-- NULL until the sheet is submitted.
CREATE VIEW report_lem_totals (
    sheet_id, client_id, client, project_id, project_code, project, lem_number, revision, work_date, status,
    labour_total, equipment_total, material_total, grand_total, has_missing_rate, submitted_at, signed_name, signed_at
) AS
SELECT s.id, s.client_id, CASE WHEN LTRIM(RTRIM(c.long_name)) <> '' THEN LTRIM(RTRIM(c.long_name)) ELSE c.short_name END,
  s.project_id, j.code, j.title, printf('LEM-%04d', s.number), s.revision, s.work_date, s.status,
  CASE WHEN s.priced_version = s.version THEN s.labour_total END,
  CASE WHEN s.priced_version = s.version THEN s.equipment_total END,
  CASE WHEN s.priced_version = s.version THEN s.material_total END,
  CASE WHEN s.priced_version = s.version THEN s.labour_total + s.equipment_total + s.material_total END,
  CASE WHEN s.priced_version = s.version THEN s.has_missing_rate END,
  s.submitted_at, s.signed_name, s.signed_at
FROM lem_sheet AS s
JOIN client AS c ON c.id = s.client_id
JOIN project AS j ON j.id = s.project_id
WHERE s.archived = 0 AND NOT EXISTS (
  SELECT 1 FROM lem_sheet AS o
  WHERE o.client_id = s.client_id AND o.project_id = s.project_id AND o.number = s.number AND o.archived = 0
    AND (CASE WHEN o.status = 'signed' THEN 1 ELSE 0 END > CASE WHEN s.status = 'signed' THEN 1 ELSE 0 END
      OR (CASE WHEN o.status = 'signed' THEN 1 ELSE 0 END = CASE WHEN s.status = 'signed' THEN 1 ELSE 0 END
        AND o.revision > s.revision))
);

-- Missing timesheets: weeks (Sunday to Saturday) that are over, with work of someone employed then, and no PENDING or
-- APPROVED timesheet that touches them. A week is over when it is so in every zone.
CREATE VIEW report_missing_timesheets (
    employee_id, employee, manager, week_first_day, week_last_day, hours, status
) AS
SELECT k.employee_id, k.employee, k.manager, k.first_day, k.last_day, k.hours,
  CASE
    WHEN k.worst = 1 OR EXISTS (
      SELECT 1 FROM timesheet AS r
      WHERE r.employee_id = k.employee_id AND r.last_day >= k.first_day AND r.first_day <= k.last_day
        AND r.state IN ('REJECTED', 'RETURNED')
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
      AND s.state IN ('PENDING', 'APPROVED')
  );

-- Pending timesheets: those that nobody has decided on, with the hours of work that each holds.
CREATE VIEW report_pending_timesheets (
    timesheet_id, employee_id, employee, manager, first_day, last_day, waiting_since, hours
) AS
SELECT s.id, s.employee_id, p.name, p.reporting_manager, s.first_day, s.last_day, s.state_updated_at,
  COALESCE(h.hours, 0)
FROM timesheet AS s
JOIN employee AS p ON p.id = s.employee_id
LEFT JOIN (
  SELECT e.timesheet_id, SUM(e.hours) AS hours FROM time_entry AS e
  WHERE e.kind = 'REGULAR' AND e.hours IS NOT NULL AND e.timesheet_id IS NOT NULL
  GROUP BY e.timesheet_id
) AS h ON h.timesheet_id = s.id
WHERE s.state = 'PENDING';
