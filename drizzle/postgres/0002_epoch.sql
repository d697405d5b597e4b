-- Names this event log: a cursor of another one can't be resumed.
INSERT INTO meta (name, value) VALUES ('epoch', substr(replace(gen_random_uuid()::text, '-', ''), 1, 16));
