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
PUT 'file:///data/exports/calls/dt=2026-01-01/part-00000.parquet' @cdrx_load/00000/ AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = NONE OVERWRITE = TRUE;
PUT 'file:///data/exports/calls/dt=2026-01-03/part-00000.parquet' @cdrx_load/00002/ AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = NONE OVERWRITE = TRUE;
BEGIN TRANSACTION;
DELETE FROM "raw"."calls" WHERE "cdrx_account" = '*' AND "cdrx_window" = '2026-01-01'::DATE;
COPY INTO "raw"."calls" ("provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at", "answered_at", "ended_at", "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", "extra", "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id")
FROM (SELECT $1:"provider"::VARCHAR, $1:"endpoint"::VARCHAR, $1:"account"::VARCHAR, $1:"call_id"::VARCHAR, $1:"leg"::VARCHAR, $1:"direction"::VARCHAR, $1:"status"::VARCHAR, $1:"started_at"::TIMESTAMP_LTZ(3), $1:"answered_at"::TIMESTAMP_LTZ(3), $1:"ended_at"::TIMESTAMP_LTZ(3), $1:"from_number"::VARCHAR, $1:"to_number"::VARCHAR, $1:"agent"::VARCHAR, $1:"contact_name"::VARCHAR, $1:"duration_seconds"::NUMBER(10, 0), $1:"ring_seconds"::NUMBER(10, 0), $1:"billed_seconds"::NUMBER(10, 0), $1:"rate"::NUMBER(18, 6), $1:"balance"::NUMBER(18, 6), $1:"recorded"::BOOLEAN, $1:"recording"::VARCHAR, $1:"hangup_by"::VARCHAR, $1:"hangup_code"::NUMBER(10, 0), $1:"call_method"::VARCHAR, IFF(IS_NULL_VALUE($1:"notes"), NULL, $1:"notes"::VARIANT), PARSE_JSON($1:"extra"::VARCHAR), '*', '2026-01-01'::DATE, METADATA$START_SCAN_TIME, 'RUN' FROM @cdrx_load/00000/)
FILES = ('part-00000.parquet')
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
FORCE = TRUE ON_ERROR = ABORT_STATEMENT;
DELETE FROM "raw"."calls" WHERE "cdrx_account" = '*' AND "cdrx_window" = '2026-01-02'::DATE;
DELETE FROM "raw"."calls" WHERE "cdrx_account" = '*' AND "cdrx_window" = '2026-01-03'::DATE;
COPY INTO "raw"."calls" ("provider", "endpoint", "account", "call_id", "leg", "direction", "status", "started_at", "answered_at", "ended_at", "from_number", "to_number", "agent", "contact_name", "duration_seconds", "ring_seconds", "billed_seconds", "rate", "balance", "recorded", "recording", "hangup_by", "hangup_code", "call_method", "notes", "extra", "cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id")
FROM (SELECT $1:"provider"::VARCHAR, $1:"endpoint"::VARCHAR, $1:"account"::VARCHAR, $1:"call_id"::VARCHAR, $1:"leg"::VARCHAR, $1:"direction"::VARCHAR, $1:"status"::VARCHAR, $1:"started_at"::TIMESTAMP_LTZ(3), $1:"answered_at"::TIMESTAMP_LTZ(3), $1:"ended_at"::TIMESTAMP_LTZ(3), $1:"from_number"::VARCHAR, $1:"to_number"::VARCHAR, $1:"agent"::VARCHAR, $1:"contact_name"::VARCHAR, $1:"duration_seconds"::NUMBER(10, 0), $1:"ring_seconds"::NUMBER(10, 0), $1:"billed_seconds"::NUMBER(10, 0), $1:"rate"::NUMBER(18, 6), $1:"balance"::NUMBER(18, 6), $1:"recorded"::BOOLEAN, $1:"recording"::VARCHAR, $1:"hangup_by"::VARCHAR, $1:"hangup_code"::NUMBER(10, 0), $1:"call_method"::VARCHAR, IFF(IS_NULL_VALUE($1:"notes"), NULL, $1:"notes"::VARIANT), PARSE_JSON($1:"extra"::VARCHAR), '*', '2026-01-03'::DATE, METADATA$START_SCAN_TIME, 'RUN' FROM @cdrx_load/00002/)
FILES = ('part-00000.parquet')
FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)
FORCE = TRUE ON_ERROR = ABORT_STATEMENT;
COMMIT;
