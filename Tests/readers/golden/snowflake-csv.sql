-- cdrx load: pipeline hostile, target wh, 3 partitions
-- script ID: add --mark --script ID to record that it ran
!set exit_on_error=true
-- stream calls: 3 partitions (3 new)
CREATE TABLE IF NOT EXISTS "raw"."calls" (
    "provider" VARCHAR NOT NULL COMMENT 'Always hostile',
    "endpoint" VARCHAR NOT NULL COMMENT 'Always hostile.calls',
    "account" VARCHAR NOT NULL COMMENT 'Account it was read with, by its name in the pipeline',
    "call_id" VARCHAR NOT NULL COMMENT 'The provider\'s id of the call; provider field id: It\'s the "id" \\ of the call',
    "leg" VARCHAR COMMENT 'Not provided by this provider, always null',
    "direction" VARCHAR COMMENT 'Always outbound',
    "status" VARCHAR COMMENT 'Not provided by this provider, always null',
    "started_at" TIMESTAMP_LTZ(3) NOT NULL COMMENT 'When the call began, UTC; provider field time: Start',
    "answered_at" TIMESTAMP_LTZ(3) COMMENT 'When the call was answered, UTC; provider field answered: Answer',
    "ended_at" TIMESTAMP_LTZ(3) COMMENT 'When the call ended, UTC; provider field ended: End',
    "from_number" VARCHAR COMMENT 'Number of the calling party; provider field from: Caller',
    "to_number" VARCHAR COMMENT 'Number of the called party; provider field to: Called',
    "agent" VARCHAR COMMENT 'Agent or extension; provider field who: Agent',
    "contact_name" VARCHAR COMMENT 'Name of the contact; provider field name: Name',
    "duration_seconds" NUMBER(10, 0) COMMENT 'Length of the call in seconds; provider field duration: Seconds',
    "ring_seconds" NUMBER(10, 0) COMMENT 'Time until it was answered, in seconds; provider field ring: Seconds',
    "billed_seconds" NUMBER(10, 0) COMMENT 'Not provided by this provider, always null',
    "rate" NUMBER(18, 6) COMMENT 'Cost of the call (not a price per minute), exactly as the provider states it; provider field cost: Cost',
    "balance" NUMBER(18, 6) COMMENT 'Balance of the account after the call, exactly as the provider states it; provider field left: What is left',
    "recorded" BOOLEAN COMMENT 'Whether there is a recording; provider field taped: Taped',
    "recording" VARCHAR COMMENT 'Name or address of the recording; provider field file: File',
    "hangup_by" VARCHAR COMMENT 'Not provided by this provider, always null',
    "hangup_code" NUMBER(10, 0) COMMENT 'The provider\'s code for the end of the call; provider field cause: Cause',
    "call_method" VARCHAR COMMENT 'Not provided by this provider, always null',
    "notes" VARIANT COMMENT 'Notes: a list of message, created_at, agent; provider field notes: Notes',
    "extra" VARIANT COMMENT 'JSON object of all fields without a column of their own',
    "cdrx_account" VARCHAR NOT NULL COMMENT 'Account of the partition this row was loaded with, * for all accounts, or its bucket',
    "cdrx_window" DATE NOT NULL COMMENT 'Window of the partition this row was loaded with, by its first day',
    "cdrx_loaded_at" TIMESTAMP_LTZ(3) NOT NULL COMMENT 'When this row was loaded',
    "cdrx_run_id" VARCHAR NOT NULL COMMENT 'Run of cdrx that published this row'
)
COMMENT = 'All of it: "quotes", it\'s back\\slashed; -- and $commented';
CREATE OR REPLACE TEMPORARY STAGE cdrx_load;
PUT 'file:///data/exports/calls/dt=2026-01-01/part-00000.csv.gz' @cdrx_load/00000/ AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = GZIP OVERWRITE = TRUE;
PUT 'file:///data/exports/calls/dt=2026-01-03/part-00000.csv.gz' @cdrx_load/00002/ AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = GZIP OVERWRITE = TRUE;
BEGIN TRANSACTION;
DELETE FROM "raw"."calls" WHERE "cdrx_account" = '*' AND "cdrx_window" = '2026-01-01'::DATE;
COPY INTO "raw"."calls" ("provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at", "answered_at", "ended_at", "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", "extra", "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id")
FROM (SELECT $1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::TIMESTAMP_LTZ(3), $9::TIMESTAMP_LTZ(3), $10::TIMESTAMP_LTZ(3), $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::NUMBER(10, 0), $16::NUMBER(10, 0), $17::NUMBER(10, 0), $18::NUMBER(18, 6), $19::NUMBER(18, 6), $20::BOOLEAN, $21::VARCHAR, $22::VARCHAR, $23::NUMBER(10, 0), $24::VARCHAR, PARSE_JSON($25::VARCHAR), PARSE_JSON($26::VARCHAR), '*', '2026-01-01'::DATE, METADATA$START_SCAN_TIME, 'RUN' FROM @cdrx_load/00000/)
FILES = ('part-00000.csv.gz')
FILE_FORMAT = (TYPE = CSV COMPRESSION = GZIP FIELD_DELIMITER = ',' SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '"' ESCAPE_UNENCLOSED_FIELD = NONE NULL_IF = () EMPTY_FIELD_AS_NULL = TRUE)
FORCE = TRUE ON_ERROR = ABORT_STATEMENT;
DELETE FROM "raw"."calls" WHERE "cdrx_account" = '*' AND "cdrx_window" = '2026-01-02'::DATE;
DELETE FROM "raw"."calls" WHERE "cdrx_account" = '*' AND "cdrx_window" = '2026-01-03'::DATE;
COPY INTO "raw"."calls" ("provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at", "answered_at", "ended_at", "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", "extra", "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id")
FROM (SELECT $1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::TIMESTAMP_LTZ(3), $9::TIMESTAMP_LTZ(3), $10::TIMESTAMP_LTZ(3), $11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::NUMBER(10, 0), $16::NUMBER(10, 0), $17::NUMBER(10, 0), $18::NUMBER(18, 6), $19::NUMBER(18, 6), $20::BOOLEAN, $21::VARCHAR, $22::VARCHAR, $23::NUMBER(10, 0), $24::VARCHAR, PARSE_JSON($25::VARCHAR), PARSE_JSON($26::VARCHAR), '*', '2026-01-03'::DATE, METADATA$START_SCAN_TIME, 'RUN' FROM @cdrx_load/00002/)
FILES = ('part-00000.csv.gz')
FILE_FORMAT = (TYPE = CSV COMPRESSION = GZIP FIELD_DELIMITER = ',' SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '"' ESCAPE_UNENCLOSED_FIELD = NONE NULL_IF = () EMPTY_FIELD_AS_NULL = TRUE)
FORCE = TRUE ON_ERROR = ABORT_STATEMENT;
COMMIT;
