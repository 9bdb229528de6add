-- Money and the quality of care are trusted to operators apart from dispatch; who had all of it keeps it.
UPDATE accounts SET permissions = permissions || '{billing,quality}'
 WHERE role = 'operator' AND permissions @> '{dispatch}';
