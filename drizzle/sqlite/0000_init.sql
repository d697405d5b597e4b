CREATE TABLE `api_keys` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`hash` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash_unique` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_name_unique` ON `api_keys` (`name`);--> statement-breakpoint
CREATE TABLE `attachments` (
	`message_id` integer NOT NULL,
	`position` integer NOT NULL,
	`url` text NOT NULL,
	`name` text NOT NULL,
	`mime_type` text NOT NULL,
	`size` integer NOT NULL,
	`extension` text,
	`width` integer,
	`height` integer,
	`thumbnail_url` text,
	PRIMARY KEY(`message_id`, `position`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `auth_tokens` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`hash` text NOT NULL,
	`user_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `auth_tokens_hash_unique` ON `auth_tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `auth_tokens_user` ON `auth_tokens` (`user_id`);--> statement-breakpoint
CREATE TABLE `bans` (
	`group_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`sort_key` text NOT NULL,
	`at` integer NOT NULL,
	`by_id` integer,
	PRIMARY KEY(`group_id`, `user_id`),
	FOREIGN KEY (`group_id`) REFERENCES `groups`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `bans_listed` ON `bans` (`group_id`,`sort_key`);--> statement-breakpoint
CREATE INDEX `bans_user` ON `bans` (`user_id`);--> statement-breakpoint
CREATE TABLE `blocks` (
	`blocker_id` integer NOT NULL,
	`blocked_id` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`blocker_id`, `blocked_id`),
	FOREIGN KEY (`blocker_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`blocked_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `blocks_of` ON `blocks` (`blocked_id`,`blocker_id`);--> statement-breakpoint
CREATE TABLE `call_participants` (
	`message_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`joined_at` integer,
	`left_at` integer,
	`declined_at` integer,
	PRIMARY KEY(`message_id`, `user_id`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `call_participants_user` ON `call_participants` (`user_id`,`message_id`);--> statement-breakpoint
CREATE TABLE `calls` (
	`message_id` integer PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`conversation_id` integer NOT NULL,
	`initiator_id` integer NOT NULL,
	`call_type` text NOT NULL,
	`status` text NOT NULL,
	`initiated_at` integer NOT NULL,
	`joined_at` integer,
	`ended_at` integer,
	`rings_until` integer,
	`secret` text NOT NULL,
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `calls_session_id_unique` ON `calls` (`session_id`);--> statement-breakpoint
CREATE INDEX `calls_live` ON `calls` (`conversation_id`) WHERE "calls"."status" in ('initiated', 'ongoing');--> statement-breakpoint
CREATE TABLE `conversations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`group_id` integer,
	`user_a` integer,
	`user_b` integer,
	`seq` integer DEFAULT 0 NOT NULL,
	`counted` integer DEFAULT 0 NOT NULL,
	`last_id` integer DEFAULT 0 NOT NULL,
	`last_message_id` integer DEFAULT 0 NOT NULL,
	`import_floor` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`group_id`) REFERENCES `groups`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `conversations_group_id_unique` ON `conversations` (`group_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `conversations_pair` ON `conversations` (`user_a`,`user_b`) WHERE "conversations"."user_a" is not null;--> statement-breakpoint
CREATE INDEX `conversations_other` ON `conversations` (`user_b`,`user_a`) WHERE "conversations"."user_a" is not null;--> statement-breakpoint
CREATE INDEX `conversations_importing` ON `conversations` (`import_floor`) WHERE "conversations"."import_floor" is not null;--> statement-breakpoint
CREATE TABLE `edits` (
	`message_id` integer NOT NULL,
	`position` integer NOT NULL,
	`edited_at` integer NOT NULL,
	`edited_by_id` integer NOT NULL,
	`text` text,
	`caption` text,
	`metadata` text,
	`custom_data` text,
	PRIMARY KEY(`message_id`, `position`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `event_topics` (
	`topic` text NOT NULL,
	`position` integer NOT NULL,
	PRIMARY KEY(`topic`, `position`)
);
--> statement-breakpoint
CREATE INDEX `event_topics_of` ON `event_topics` (`position`);--> statement-breakpoint
CREATE TABLE `events` (
	`position` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`xid` integer DEFAULT 0 NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`by_id` integer,
	`conversation_id` integer,
	`message_id` integer,
	`user_id` integer,
	`details` text
);
--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`);--> statement-breakpoint
CREATE TABLE `groups` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`guid` text NOT NULL,
	`sort_key` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`password_hash` text,
	`description` text,
	`icon` text,
	`metadata` text,
	`tags` text NOT NULL,
	`owner_id` integer NOT NULL,
	`members_count` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `groups_guid_unique` ON `groups` (`guid`);--> statement-breakpoint
CREATE UNIQUE INDEX `groups_sort_key_unique` ON `groups` (`sort_key`);--> statement-breakpoint
CREATE INDEX `groups_owner` ON `groups` (`owner_id`);--> statement-breakpoint
CREATE TABLE `marks` (
	`conversation_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`kind` text NOT NULL,
	`up_to` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`conversation_id`, `user_id`, `kind`, `up_to`),
	FOREIGN KEY (`conversation_id`) REFERENCES `conversations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `memberships` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`group_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`sort_key` text NOT NULL,
	`scope` text NOT NULL,
	`joined_at` integer NOT NULL,
	`from_position` integer NOT NULL,
	`to_position` integer,
	FOREIGN KEY (`group_id`) REFERENCES `groups`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `memberships_current` ON `memberships` (`group_id`,`user_id`) WHERE "memberships"."to_position" is null;--> statement-breakpoint
CREATE INDEX `memberships_listed` ON `memberships` (`group_id`,`sort_key`) WHERE "memberships"."to_position" is null;--> statement-breakpoint
CREATE INDEX `memberships_user` ON `memberships` (`user_id`,`group_id`);--> statement-breakpoint
CREATE TABLE `mentions` (
	`message_id` integer NOT NULL,
	`user_id` integer NOT NULL,
	`conversation_id` integer NOT NULL,
	PRIMARY KEY(`message_id`, `user_id`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `mentions_user` ON `mentions` (`user_id`,`conversation_id`,`message_id`);--> statement-breakpoint
CREATE TABLE `message_tags` (
	`tag` text NOT NULL,
	`message_id` integer NOT NULL,
	PRIMARY KEY(`tag`, `message_id`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `message_tags_of` ON `message_tags` (`message_id`);--> statement-breakpoint
CREATE TABLE `messages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`conversation_id` integer NOT NULL,
	`seq` integer NOT NULL,
	`counted` integer NOT NULL,
	`counts` integer DEFAULT false NOT NULL,
	`sender_id` integer NOT NULL,
	`muid` text,
	`category` text NOT NULL,
	`type` text NOT NULL,
	`text` text,
	`url` text,
	`caption` text,
	`sub_type` text,
	`custom_data` text,
	`conversation_text` text,
	`action` text,
	`action_on_id` integer,
	`old_scope` text,
	`new_scope` text,
	`metadata` text,
	`tags` text NOT NULL,
	`sent_at` integer NOT NULL,
	`updated_at` integer,
	`edited_at` integer,
	`edited_by_id` integer,
	`deleted_at` integer,
	`deleted_by_id` integer,
	`purged` integer DEFAULT false NOT NULL,
	`parent_id` integer,
	`quoted_id` integer,
	`reply_count` integer DEFAULT 0 NOT NULL,
	`reaction_count` integer DEFAULT 0 NOT NULL,
	`mention_count` integer DEFAULT 0 NOT NULL,
	`has_links` integer DEFAULT false NOT NULL,
	`pinned_at` integer,
	`pinned_by_id` integer,
	FOREIGN KEY (`conversation_id`) REFERENCES `conversations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`sender_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `messages_muid` ON `messages` (`sender_id`,`muid`) WHERE "messages"."muid" is not null;--> statement-breakpoint
CREATE INDEX `messages_page` ON `messages` (`conversation_id`,`id`);--> statement-breakpoint
CREATE INDEX `messages_sender` ON `messages` (`conversation_id`,`sender_id`,`id`);--> statement-breakpoint
CREATE INDEX `messages_replies` ON `messages` (`parent_id`,`id`) WHERE "messages"."parent_id" is not null;--> statement-breakpoint
CREATE INDEX `messages_deleted` ON `messages` (`conversation_id`,`id`) WHERE "messages"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX `messages_updated` ON `messages` (`conversation_id`,`id`) WHERE "messages"."updated_at" is not null;--> statement-breakpoint
CREATE INDEX `messages_reacted` ON `messages` (`conversation_id`,`id`) WHERE "messages"."reaction_count" > 0;--> statement-breakpoint
CREATE INDEX `messages_mentioning` ON `messages` (`conversation_id`,`id`) WHERE "messages"."mention_count" > 0;--> statement-breakpoint
CREATE INDEX `messages_attached` ON `messages` (`conversation_id`,`id`) WHERE "messages"."url" is not null;--> statement-breakpoint
CREATE INDEX `messages_linked` ON `messages` (`conversation_id`,`id`) WHERE "messages"."has_links";--> statement-breakpoint
CREATE INDEX `messages_pinned` ON `messages` (`conversation_id`,`id`) WHERE "messages"."pinned_at" is not null;--> statement-breakpoint
CREATE TABLE `meta` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `participants` (
	`user_id` integer NOT NULL,
	`conversation_id` integer NOT NULL,
	`active` integer DEFAULT false NOT NULL,
	`read_up_to` integer DEFAULT 0 NOT NULL,
	`read_counted` integer DEFAULT 0 NOT NULL,
	`read_mark` integer DEFAULT 0 NOT NULL,
	`delivered_mark` integer DEFAULT 0 NOT NULL,
	`cleared_up_to` integer DEFAULT 0 NOT NULL,
	`tags` text NOT NULL,
	`pinned_at` integer,
	`muted_until` integer,
	`updated_at` integer,
	PRIMARY KEY(`user_id`, `conversation_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`conversation_id`) REFERENCES `conversations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `participants_read` ON `participants` (`conversation_id`,`read_mark`) WHERE "participants"."active";--> statement-breakpoint
CREATE INDEX `participants_delivered` ON `participants` (`conversation_id`,`delivered_mark`) WHERE "participants"."active";--> statement-breakpoint
CREATE TABLE `reactions` (
	`message_id` integer NOT NULL,
	`reaction` text NOT NULL,
	`user_id` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`message_id`, `reaction`, `user_id`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `reactions_user` ON `reactions` (`user_id`,`message_id`);--> statement-breakpoint
CREATE TABLE `saves` (
	`user_id` integer NOT NULL,
	`message_id` integer NOT NULL,
	`saved_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `message_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `saves_of` ON `saves` (`message_id`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`uid` text NOT NULL,
	`sort_key` text NOT NULL,
	`name` text NOT NULL,
	`avatar` text,
	`link` text,
	`role` text,
	`email` text,
	`credits` integer,
	`status_message` text,
	`metadata` text,
	`tags` text NOT NULL,
	`last_active_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer,
	`deactivated_at` integer,
	`deleted_at` integer,
	`tokens_revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_uid_unique` ON `users` (`uid`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_sort_key_unique` ON `users` (`sort_key`);--> statement-breakpoint
CREATE INDEX `users_role` ON `users` (`role`,`sort_key`);