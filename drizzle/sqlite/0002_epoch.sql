-- Names this event log: a cursor of another one can't be resumed.
INSERT INTO meta (name, value) VALUES ('epoch', lower(hex(randomblob(8))));
