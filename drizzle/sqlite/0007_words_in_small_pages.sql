-- Small pages: to find the newest messages with a word, FTS5 takes apart the last page of each list, of each conversation's too.
INSERT INTO message_words (message_words, rank) VALUES ('pgsz', 1000);
--> statement-breakpoint
INSERT INTO message_words (message_words) VALUES ('optimize');
