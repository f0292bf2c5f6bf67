-- cdrx load: pipeline hostile, target wh, 3 partitions
-- script ID: add --mark --script ID to record that it ran
-- stream calls: 3 partitions (3 new)
CREATE TABLE IF NOT EXISTS `raw`.`calls` (
    `provider` STRING NOT NULL OPTIONS (description = "Always hostile"),
    `endpoint` STRING NOT NULL OPTIONS (description = "Always hostile.calls"),
    `account` STRING NOT NULL OPTIONS (description = "Account it was read with, by its name in the pipeline"),
    `call_id` STRING NOT NULL OPTIONS (description = "The provider's id of the call; provider field id: It's the \"id\" \\ of the call"),
    `leg` STRING OPTIONS (description = "Not provided by this provider, always null"),
    `direction` STRING OPTIONS (description = "Always outbound"),
    `status` STRING OPTIONS (description = "Not provided by this provider, always null"),
    `started_at` TIMESTAMP NOT NULL OPTIONS (description = "When the call began, UTC; provider field time: Start"),
    `answered_at` TIMESTAMP OPTIONS (description = "When the call was answered, UTC; provider field answered: Answer"),
    `ended_at` TIMESTAMP OPTIONS (description = "When the call ended, UTC; provider field ended: End"),
    `from_number` STRING OPTIONS (description = "Number of the calling party; provider field from: Caller"),
    `to_number` STRING OPTIONS (description = "Number of the called party; provider field to: Called"),
    `agent` STRING OPTIONS (description = "Agent or extension; provider field who: Agent"),
    `contact_name` STRING OPTIONS (description = "Name of the contact; provider field name: Name"),
    `duration_seconds` INT64 OPTIONS (description = "Length of the call in seconds; provider field duration: Seconds"),
    `ring_seconds` INT64 OPTIONS (description = "Time until it was answered, in seconds; provider field ring: Seconds"),
    `billed_seconds` INT64 OPTIONS (description = "Not provided by this provider, always null"),
    `rate` NUMERIC(18, 6) OPTIONS (description = "Cost of the call (not a price per minute), exactly as the provider states it; provider field cost: Cost"),
    `balance` NUMERIC(18, 6) OPTIONS (description = "Balance of the account after the call, exactly as the provider states it; provider field left: What is left"),
    `recorded` BOOL OPTIONS (description = "Whether there is a recording; provider field taped: Taped"),
    `recording` STRING OPTIONS (description = "Name or address of the recording; provider field file: File"),
    `hangup_by` STRING OPTIONS (description = "Not provided by this provider, always null"),
    `hangup_code` INT64 OPTIONS (description = "The provider's code for the end of the call; provider field cause: Cause"),
    `call_method` STRING OPTIONS (description = "Not provided by this provider, always null"),
    `notes` JSON OPTIONS (description = "Notes: a list of message, created_at, agent; provider field notes: Notes"),
    `extra` JSON OPTIONS (description = "JSON object of all fields without a column of their own"),
    `cdrx_account` STRING NOT NULL OPTIONS (description = "Account of the partition this row was loaded with, * for all accounts, or its bucket"),
    `cdrx_window` DATE NOT NULL OPTIONS (description = "Window of the partition this row was loaded with, by its first day"),
    `cdrx_loaded_at` TIMESTAMP NOT NULL OPTIONS (description = "When this row was loaded"),
    `cdrx_run_id` STRING NOT NULL OPTIONS (description = "Run of cdrx that published this row")
)
CLUSTER BY cdrx_account, cdrx_window
OPTIONS (description = "All of it: \"quotes\", it's back\\slashed; -- and $commented");
LOAD DATA OVERWRITE TEMP TABLE cdrx_load_0 (
    `provider` STRING,
    `endpoint` STRING,
    `account` STRING,
    `call_id` STRING,
    `leg` STRING,
    `direction` STRING,
    `status` STRING,
    `started_at` TIMESTAMP,
    `answered_at` TIMESTAMP,
    `ended_at` TIMESTAMP,
    `from_number` STRING,
    `to_number` STRING,
    `agent` STRING,
    `contact_name` STRING,
    `duration_seconds` INT64,
    `ring_seconds` INT64,
    `billed_seconds` INT64,
    `rate` NUMERIC(18, 6),
    `balance` NUMERIC(18, 6),
    `recorded` BOOL,
    `recording` STRING,
    `hangup_by` STRING,
    `hangup_code` INT64,
    `call_method` STRING,
    `notes` JSON,
    `extra` JSON
)
FROM FILES (format = 'JSON', uris = ['gs://bucket/exports/calls/dt=2026-01-01/part-00000.ndjson.gz']);
LOAD DATA OVERWRITE TEMP TABLE cdrx_load_2 (
    `provider` STRING,
    `endpoint` STRING,
    `account` STRING,
    `call_id` STRING,
    `leg` STRING,
    `direction` STRING,
    `status` STRING,
    `started_at` TIMESTAMP,
    `answered_at` TIMESTAMP,
    `ended_at` TIMESTAMP,
    `from_number` STRING,
    `to_number` STRING,
    `agent` STRING,
    `contact_name` STRING,
    `duration_seconds` INT64,
    `ring_seconds` INT64,
    `billed_seconds` INT64,
    `rate` NUMERIC(18, 6),
    `balance` NUMERIC(18, 6),
    `recorded` BOOL,
    `recording` STRING,
    `hangup_by` STRING,
    `hangup_code` INT64,
    `call_method` STRING,
    `notes` JSON,
    `extra` JSON
)
FROM FILES (format = 'JSON', uris = ['gs://bucket/exports/calls/dt=2026-01-03/part-00000.ndjson.gz']);
BEGIN TRANSACTION;
DELETE FROM `raw`.`calls` WHERE cdrx_account = '*' AND cdrx_window = DATE '2026-01-01';
INSERT INTO `raw`.`calls` (`provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, `cdrx_account`, `cdrx_window`, `cdrx_loaded_at`, `cdrx_run_id`)
SELECT `provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, '*', DATE '2026-01-01', CURRENT_TIMESTAMP(), 'RUN'
FROM cdrx_load_0;
DELETE FROM `raw`.`calls` WHERE cdrx_account = '*' AND cdrx_window = DATE '2026-01-02';
DELETE FROM `raw`.`calls` WHERE cdrx_account = '*' AND cdrx_window = DATE '2026-01-03';
INSERT INTO `raw`.`calls` (`provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, `cdrx_account`, `cdrx_window`, `cdrx_loaded_at`, `cdrx_run_id`)
SELECT `provider`, `endpoint`, `account`, `call_id`, `leg`, `direction`, `status`, `started_at`, `answered_at`, `ended_at`, `from_number`, `to_number`, `agent`, `contact_name`, `duration_seconds`, `ring_seconds`, `billed_seconds`, `rate`, `balance`, `recorded`, `recording`, `hangup_by`, `hangup_code`, `call_method`, `notes`, `extra`, '*', DATE '2026-01-03', CURRENT_TIMESTAMP(), 'RUN'
FROM cdrx_load_2;
COMMIT TRANSACTION;
DROP TABLE cdrx_load_0;
DROP TABLE cdrx_load_2;
