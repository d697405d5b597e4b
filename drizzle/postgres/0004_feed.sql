DROP INDEX "events_at";--> statement-breakpoint
CREATE INDEX "events_feed" ON "events" USING btree ("xid","position");--> statement-breakpoint
DROP TABLE "event_topics";--> statement-breakpoint
CREATE TABLE "event_topics" (
	"topic" text collate "C" NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "event_topics_topic_xid_position_pk" PRIMARY KEY("topic","xid","position")
);
--> statement-breakpoint
CREATE INDEX "event_topics_of" ON "event_topics" USING btree ("position");--> statement-breakpoint
CREATE INDEX "participants_cleared" ON "participants" USING btree ("conversation_id","cleared_up_to") WHERE "participants"."cleared_up_to" > 0;
