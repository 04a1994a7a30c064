-- The number is another's.
SELECT 1;
