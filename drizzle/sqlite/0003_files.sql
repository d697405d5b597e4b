CREATE TABLE `files` (
	`key` text PRIMARY KEY NOT NULL,
	`message_id` integer,
	`name` text NOT NULL,
	`mime_type` text NOT NULL,
	`size` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `files_of` ON `files` (`message_id`) WHERE "files"."message_id" is not null;--> statement-breakpoint
CREATE INDEX `files_loose` ON `files` (`created_at`) WHERE "files"."message_id" is null;--> statement-breakpoint
ALTER TABLE `groups` ADD `deleted_at` integer;--> statement-breakpoint
CREATE INDEX `groups_deleted` ON `groups` (`deleted_at`) WHERE "groups"."deleted_at" is not null;