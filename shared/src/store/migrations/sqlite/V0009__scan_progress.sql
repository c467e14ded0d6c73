-- How far a scan of the approvals lists has got, as JSON: the next owner goes on from there. NULL: none is under way.
ALTER TABLE scan ADD COLUMN progress TEXT NULL;
