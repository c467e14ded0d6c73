SELECT r.kind, r.id
FROM {@references} AS r
WHERE (r.kind = 'workspace' AND NOT EXISTS (SELECT 1 FROM workspace AS t WHERE t.id = r.id))
   OR (r.kind = 'employee' AND NOT EXISTS (SELECT 1 FROM employee AS t WHERE t.id = r.id))
   OR (r.kind = 'client' AND NOT EXISTS (SELECT 1 FROM client AS t WHERE t.id = r.id))
   OR (r.kind = 'project' AND NOT EXISTS (SELECT 1 FROM project AS t WHERE t.id = r.id))
   OR (r.kind = 'task' AND NOT EXISTS (SELECT 1 FROM task AS t WHERE t.id = r.id))
   OR (r.kind = 'tag' AND NOT EXISTS (SELECT 1 FROM tag AS t WHERE t.id = r.id))
   OR (r.kind = 'policy' AND NOT EXISTS (SELECT 1 FROM policy AS t WHERE t.id = r.id))
   OR (r.kind = 'expense_category' AND NOT EXISTS (SELECT 1 FROM expense_category AS t WHERE t.id = r.id))
