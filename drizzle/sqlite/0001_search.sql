-- The words of each message, cut in JavaScript (src/messages/words.ts) and joined by spaces, under the message's id.
CREATE VIRTUAL TABLE message_words USING fts5(words, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars ':'");
--> statement-breakpoint
CREATE TRIGGER message_words_gone AFTER DELETE ON messages BEGIN DELETE FROM message_words WHERE rowid = old.id; END;
