-- cdrx load: pipeline hostile, target wh, 3 partitions
-- script ID: add --mark --script ID to record that it ran
\set ON_ERROR_STOP on
-- stream calls: 3 partitions (3 new)
CREATE TABLE IF NOT EXISTS "raw"."calls" (
    "provider" VARCHAR(65535) NOT NULL,
    "endpoint" VARCHAR(65535) NOT NULL,
    "account" VARCHAR(65535) NOT NULL,
    "call_id" VARCHAR(65535) NOT NULL,
    "leg" VARCHAR(65535),
    "direction" VARCHAR(65535),
    "status" VARCHAR(65535),
    "started_at" TIMESTAMPTZ NOT NULL,
    "answered_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "from_number" VARCHAR(65535),
    "to_number" VARCHAR(65535),
    "agent" VARCHAR(65535),
    "contact_name" VARCHAR(65535),
    "duration_seconds" INTEGER,
    "ring_seconds" INTEGER,
    "billed_seconds" INTEGER,
    "rate" DECIMAL(18,6),
    "balance" DECIMAL(18,6),
    "recorded" BOOLEAN,
    "recording" VARCHAR(65535),
    "hangup_by" VARCHAR(65535),
    "hangup_code" INTEGER,
    "call_method" VARCHAR(65535),
    "notes" SUPER,
    "extra" SUPER,
    "cdrx_account" VARCHAR(65535) NOT NULL,
    "cdrx_window" DATE NOT NULL,
    "cdrx_loaded_at" TIMESTAMPTZ NOT NULL,
    "cdrx_run_id" VARCHAR(65535) NOT NULL
)
SORTKEY (cdrx_account, cdrx_window);
COMMENT ON TABLE "raw"."calls" IS 'All of it: "quotes", it''s back\slashed; -- and $commented';
COMMENT ON COLUMN "raw"."calls"."provider" IS 'Always hostile';
COMMENT ON COLUMN "raw"."calls"."endpoint" IS 'Always hostile.calls';
COMMENT ON COLUMN "raw"."calls"."account" IS 'Account it was read with, by its name in the pipeline';
COMMENT ON COLUMN "raw"."calls"."call_id" IS 'The provider''s id of the call; provider field id: It''s the "id" \ of the call';
COMMENT ON COLUMN "raw"."calls"."leg" IS 'Not provided by this provider, always null';
COMMENT ON COLUMN "raw"."calls"."direction" IS 'Always outbound';
COMMENT ON COLUMN "raw"."calls"."status" IS 'Not provided by this provider, always null';
COMMENT ON COLUMN "raw"."calls"."started_at" IS 'When the call began, UTC; provider field time: Start';
COMMENT ON COLUMN "raw"."calls"."answered_at" IS 'When the call was answered, UTC; provider field answered: Answer';
COMMENT ON COLUMN "raw"."calls"."ended_at" IS 'When the call ended, UTC; provider field ended: End';
COMMENT ON COLUMN "raw"."calls"."from_number" IS 'Number of the calling party; provider field from: Caller';
COMMENT ON COLUMN "raw"."calls"."to_number" IS 'Number of the called party; provider field to: Called';
COMMENT ON COLUMN "raw"."calls"."agent" IS 'Agent or extension; provider field who: Agent';
COMMENT ON COLUMN "raw"."calls"."contact_name" IS 'Name of the contact; provider field name: Name';
COMMENT ON COLUMN "raw"."calls"."duration_seconds" IS 'Length of the call in seconds; provider field duration: Seconds';
COMMENT ON COLUMN "raw"."calls"."ring_seconds" IS 'Time until it was answered, in seconds; provider field ring: Seconds';
COMMENT ON COLUMN "raw"."calls"."billed_seconds" IS 'Not provided by this provider, always null';
COMMENT ON COLUMN "raw"."calls"."rate" IS 'Cost of the call (not a price per minute), exactly as the provider states it; provider field cost: Cost';
COMMENT ON COLUMN "raw"."calls"."balance" IS 'Balance of the account after the call, exactly as the provider states it; provider field left: What is left';
COMMENT ON COLUMN "raw"."calls"."recorded" IS 'Whether there is a recording; provider field taped: Taped';
COMMENT ON COLUMN "raw"."calls"."recording" IS 'Name or address of the recording; provider field file: File';
COMMENT ON COLUMN "raw"."calls"."hangup_by" IS 'Not provided by this provider, always null';
COMMENT ON COLUMN "raw"."calls"."hangup_code" IS 'The provider''s code for the end of the call; provider field cause: Cause';
COMMENT ON COLUMN "raw"."calls"."call_method" IS 'Not provided by this provider, always null';
COMMENT ON COLUMN "raw"."calls"."notes" IS 'Notes: a list of message, created_at, agent; provider field notes: Notes';
COMMENT ON COLUMN "raw"."calls"."extra" IS 'JSON object of all fields without a column of their own';
COMMENT ON COLUMN "raw"."calls"."cdrx_account" IS 'Account of the partition this row was loaded with, * for all accounts, or its bucket';
COMMENT ON COLUMN "raw"."calls"."cdrx_window" IS 'Window of the partition this row was loaded with, by its first day';
COMMENT ON COLUMN "raw"."calls"."cdrx_loaded_at" IS 'When this row was loaded';
COMMENT ON COLUMN "raw"."calls"."cdrx_run_id" IS 'Run of cdrx that published this row';
CREATE TEMPORARY TABLE cdrx_load (
    "provider" VARCHAR(65535),
    "endpoint" VARCHAR(65535),
    "account" VARCHAR(65535),
    "call_id" VARCHAR(65535),
    "leg" VARCHAR(65535),
    "direction" VARCHAR(65535),
    "status" VARCHAR(65535),
    "started_at" TIMESTAMP,
    "answered_at" TIMESTAMP,
    "ended_at" TIMESTAMP,
    "from_number" VARCHAR(65535),
    "to_number" VARCHAR(65535),
    "agent" VARCHAR(65535),
    "contact_name" VARCHAR(65535),
    "duration_seconds" INTEGER,
    "ring_seconds" INTEGER,
    "billed_seconds" INTEGER,
    "rate" DECIMAL(18,6),
    "balance" DECIMAL(18,6),
    "recorded" BOOLEAN,
    "recording" VARCHAR(65535),
    "hangup_by" VARCHAR(65535),
    "hangup_code" INTEGER,
    "call_method" VARCHAR(65535),
    "notes" SUPER,
    "extra" VARCHAR(65535)
);
BEGIN;
DELETE FROM "raw"."calls" WHERE cdrx_account = '*' AND cdrx_window = DATE '2026-01-01';
DELETE FROM cdrx_load;
COPY cdrx_load
FROM 's3://bucket/exports/calls/dt=2026-01-01/part-00000.parquet'
IAM_ROLE default FORMAT AS PARQUET SERIALIZETOJSON;
INSERT INTO "raw"."calls" ("provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at", "answered_at", "ended_at", "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", "extra", "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id")
SELECT "provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at" AT TIME ZONE 'UTC', "answered_at" AT TIME ZONE 'UTC', "ended_at" AT TIME ZONE 'UTC', "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", JSON_PARSE("extra"), '*', DATE '2026-01-01', SYSDATE::TIMESTAMPTZ, 'RUN'
FROM cdrx_load;
DELETE FROM "raw"."calls" WHERE cdrx_account = '*' AND cdrx_window = DATE '2026-01-02';
DELETE FROM "raw"."calls" WHERE cdrx_account = '*' AND cdrx_window = DATE '2026-01-03';
DELETE FROM cdrx_load;
COPY cdrx_load
FROM 's3://bucket/exports/calls/dt=2026-01-03/part-00000.parquet'
IAM_ROLE default FORMAT AS PARQUET SERIALIZETOJSON;
INSERT INTO "raw"."calls" ("provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at", "answered_at", "ended_at", "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", "extra", "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id")
SELECT "provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at" AT TIME ZONE 'UTC', "answered_at" AT TIME ZONE 'UTC', "ended_at" AT TIME ZONE 'UTC', "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", JSON_PARSE("extra"), '*', DATE '2026-01-03', SYSDATE::TIMESTAMPTZ, 'RUN'
FROM cdrx_load;
COMMIT;
DROP TABLE cdrx_load;
