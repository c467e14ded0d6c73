-- As Clockify sent it, in decimal digits: a third of a day is no number of hundredths. NULL: not read since this step.
ALTER TABLE time_off_request ADD COLUMN exact_balance_diff TEXT NULL;
