DROP INDEX `events_at`;--> statement-breakpoint
CREATE INDEX `events_feed` ON `events` (`xid`,`position`);--> statement-breakpoint
DROP TABLE `event_topics`;--> statement-breakpoint
CREATE TABLE `event_topics` (
	`topic` text NOT NULL,
	`xid` integer DEFAULT 0 NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`topic`, `xid`, `position`)
);
--> statement-breakpoint
CREATE INDEX `event_topics_of` ON `event_topics` (`position`);--> statement-breakpoint
CREATE INDEX `participants_cleared` ON `participants` (`conversation_id`,`cleared_up_to`) WHERE "participants"."cleared_up_to" > 0;
