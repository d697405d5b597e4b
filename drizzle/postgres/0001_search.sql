-- The words of each message, cut in JavaScript (src/messages/words.ts), under the message's id.
CREATE TABLE message_words (
  message_id bigint PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
--> statement-breakpoint
CREATE INDEX message_words_words ON message_words USING gin (words);
